using System.Collections.Immutable;
using Reco.Engine.Events;
using Reco.Engine.Plugins;
using Reco.Engine.State;
using Reco.Engine.Values;

namespace Reco.Engine.Planning;

/// <summary>Takes single steps: tells of them, records them, calls the provider. Each method returns the resource as it is
/// after the step and throws <see cref="StepFailedException"/> where the step failed (which has been told then).</summary>
/// <param name="deployment">The run.</param>
internal sealed partial class StepExecutor(Deployment deployment)
{
    /// <summary>Leaves a resource as it is, but for what only the state knows of it.</summary>
    public async Task<ResourceState> SameAsync(ResourceState old, ResourceState planned)
    {
        deployment.Control.ThrowIfStopping();
        var started = deployment.Time.GetTimestamp();
        var latest = deployment.Tracker.Latest(old);
        var result = Finish(planned with { Id = latest.Id, Outputs = latest.Outputs, Created = latest.Created, Modified = latest.Modified, Unrecognised = latest.Unrecognised });
        var step = Info("same", result, latest, result, null);
        deployment.Events.Before(step);
        if (Urn.IsProviderType(result.Type))
        {
            await Guard(step, null, () => Run(deployment.Providers.SameAsync(result, latest.Inputs, CancellationToken.None)));
        }

        if (StateComparison.Same(latest, result))
        {
            // Nothing to write down.
            result = latest;
            deployment.Tracker.Keep(latest);
        }
        else
        {
            await deployment.Tracker.EndAsync(null, latest, result);
        }

        Succeeded(step with { New = result }, started, counted: true);
        return result;
    }

    /// <summary>Makes a resource.</summary>
    /// <param name="planned">The resource to be.</param>
    /// <param name="old">What it replaces, or null.</param>
    /// <param name="diff">Why it is replaced, or null.</param>
    /// <param name="pendingDelete">True where the old one is still to be deleted; false where it is gone.</param>
    public async Task<ResourceState> CreateAsync(ResourceState planned, ResourceState? old, ResourceDiff? diff, bool pendingDelete)
    {
        var step = Info(old is null ? "create" : "create-replacement", planned, old, planned, diff);
        using var slot = planned.Custom ? await deployment.Control.SlotAsync() : default;
        deployment.Control.ThrowIfStopping();
        var started = deployment.Time.GetTimestamp();
        deployment.Events.Before(step);
        var hookCall = new HookCall(planned, NewInputs: planned.Inputs);
        await BeforeAsync(step, HookKinds.BeforeCreate, hookCall);
        var operation = planned.Custom ? await deployment.Tracker.BeginAsync(planned, PendingOperationType.Creating, CancellationToken.None) : null;
        var result = planned;
        ProviderFailure? partial = null;
        if (planned.Custom)
        {
            (result, partial) = await Guard(step, operation, async () =>
            {
                try
                {
                    var outcome = await RetryAsync(hookCall, "create", async () => Urn.IsProviderType(planned.Type)
                        ? await deployment.Providers.CreateAsync(planned.Urn, planned.Inputs, deployment.Preview, CancellationToken.None)
                        : await (await SessionAsync(planned)).CreateAsync(planned.Urn, planned.Inputs, planned.CustomTimeouts?.Create ?? 0, deployment.Preview, CancellationToken.None));
                    return (planned with { Id = outcome.Id, Outputs = outcome.Outputs }, (ProviderFailure?)null);
                }
                catch (ProviderFailure failure) when (failure.IsPartial)
                {
                    return (NotReady(planned, failure), failure);
                }
            });
        }

        var now = deployment.Time.GetUtcNow();
        result = Finish(result with { Created = now, Modified = now });
        ResourceState? gone = null;
        if (old is not null)
        {
            var latest = deployment.Tracker.Latest(old);
            if (pendingDelete)
            {
                // Before the new one is recorded: a crash between the two leaves an old one that awaits deletion and an
                // operation in flight, never two live entries.
                await deployment.Tracker.EndAsync(null, latest, latest with { Delete = true }, inPlace: true);
            }
            else if (latest.PendingReplacement)
            {
                gone = latest;
            }
        }

        await deployment.Tracker.EndAsync(operation, gone, result);
        deployment.News[result.Urn] = result;
        if (partial is not null)
        {
            throw Failed(step with { New = result }, partial.Message);
        }

        if (result.Custom)
        {
            await AfterAsync(HookKinds.AfterCreate, new HookCall(result, NewInputs: result.Inputs, NewOutputs: result.Outputs));
        }

        Succeeded(step with { New = result }, started, counted: old is null);
        return result;
    }

    /// <summary>Tells that a resource is replaced; nothing happens in this step itself.</summary>
    public void Replace(ResourceState old, ResourceState planned, ResourceDiff? diff)
    {
        var step = Info("replace", planned, old, planned, diff);
        deployment.Events.Before(step);
        deployment.Events.Count(step);
        deployment.Events.After(step, TimeSpan.Zero);
    }

    /// <summary>Changes a resource.</summary>
    public async Task<ResourceState> UpdateAsync(ResourceState old, ResourceState planned, ResourceDiff diff, ImmutableArray<string> ignoreChanges)
    {
        var latest = deployment.Tracker.Latest(old);
        planned = planned with { Id = latest.Id, Created = latest.Created, Modified = latest.Modified, Unrecognised = latest.Unrecognised };
        var step = Info("update", planned, latest, planned, diff);
        using var slot = planned.Custom ? await deployment.Control.SlotAsync() : default;
        deployment.Control.ThrowIfStopping();
        var started = deployment.Time.GetTimestamp();
        deployment.Events.Before(step);
        var hookCall = new HookCall(planned, planned.Inputs, latest.Inputs, OldOutputs: latest.Outputs);
        await BeforeAsync(step, HookKinds.BeforeUpdate, hookCall);
        var operation = planned.Custom ? await deployment.Tracker.BeginAsync(planned, PendingOperationType.Updating, CancellationToken.None) : null;
        var result = planned with { Outputs = latest.Outputs };
        ProviderFailure? partial = null;
        if (planned.Custom)
        {
            (result, partial) = await Guard(step, operation, async () =>
            {
                try
                {
                    var outputs = await RetryAsync(hookCall, "update", async () => Urn.IsProviderType(planned.Type)
                        ? await deployment.Providers.UpdateAsync(latest, planned.Urn, planned.Inputs, CancellationToken.None)
                        : await (await SessionAsync(planned)).UpdateAsync(latest with { Urn = planned.Urn }, planned.Inputs, planned.CustomTimeouts?.Update ?? 0, ignoreChanges, deployment.Preview, CancellationToken.None));
                    return (planned with { Outputs = outputs, Modified = deployment.Time.GetUtcNow() }, (ProviderFailure?)null);
                }
                catch (ProviderFailure failure) when (failure.IsPartial)
                {
                    // The new outputs are real, but the new inputs did not make it: the next run has to see the difference.
                    return (planned with
                    {
                        Inputs = latest.Inputs,
                        Outputs = SecretAnnotator.Annotate(failure.Properties, planned.Inputs),
                        InitErrors = failure.Reasons,
                        Modified = deployment.Time.GetUtcNow(),
                    }, failure);
                }
            });
        }

        result = Finish(result);
        await deployment.Tracker.EndAsync(operation, latest, result);
        deployment.News[result.Urn] = result;
        if (partial is not null)
        {
            throw Failed(step with { New = result }, partial.Message);
        }

        if (result.Custom)
        {
            await AfterAsync(HookKinds.AfterUpdate, new HookCall(result, result.Inputs, latest.Inputs, result.Outputs, latest.Outputs));
        }

        Succeeded(step with { New = result }, started, counted: true);
        return result;
    }

    /// <summary>Records the outputs of a component (or, for the stack, of the whole run).</summary>
    public async Task OutputsAsync(string urn, PropertyMap outputs)
    {
        if (deployment.Untargeted.ContainsKey(urn))
        {
            // The run leaves it alone, outputs included.
            return;
        }

        if (!deployment.PendingOutputs.TryRemove(urn, out var pending) || !deployment.News.TryGetValue(urn, out var state))
        {
            throw new EngineException($"Outputs of resource '{urn}' were registered, but no registration of it is open.", 1);
        }

        var result = state;
        if (!state.Outputs.Equals(outputs))
        {
            result = Finish(state with { Outputs = outputs });
            await deployment.Tracker.EndAsync(null, state, result);
            deployment.News[urn] = result;
        }

        deployment.Masker.AddSecretsOf(outputs);
        switch (pending.Step.Op)
        {
            case "create" or "create-replacement":
                await AfterAsync(HookKinds.AfterCreate, new HookCall(result, NewInputs: result.Inputs, NewOutputs: outputs));
                break;
            case "update":
                await AfterAsync(HookKinds.AfterUpdate, new HookCall(result, result.Inputs, pending.Step.Old?.Inputs, outputs, pending.Step.Old?.Outputs));
                break;
        }

        deployment.Events.After(pending.Step with { New = result }, deployment.Time.GetElapsedTime(pending.Started));
    }

    private async Task<ProviderSession> SessionAsync(ResourceState state) =>
        deployment.Providers.Find(state.Provider) ?? await deployment.EnsureProviderAsync(state.Provider, state.Urn);

    /// <summary>A resource that was made but did not get ready.</summary>
    private static ResourceState NotReady(ResourceState planned, ProviderFailure failure) =>
        planned with { Id = failure.Id, Outputs = SecretAnnotator.Annotate(failure.Properties, planned.Inputs), InitErrors = failure.Reasons };

    private static StepInfo Info(string op, ResourceState subject, ResourceState? old, ResourceState? @new, ResourceDiff? diff)
    {
        var detailed = diff?.Detailed;
        if (detailed is null && diff?.Changed == true && old is not null && @new is not null)
        {
            detailed = ResourceDiff.OfInputs(old.Inputs, @new.Inputs).Detailed;
        }

        return new StepInfo
        {
            Op = op,
            Urn = subject.Urn,
            Type = subject.Type,
            Provider = subject.Provider,
            Old = old,
            New = @new,
            Diffs = diff?.ChangedKeys ?? [],
            ReplaceKeys = diff?.ReplaceKeys ?? [],
            DetailedDiff = detailed ?? ImmutableSortedDictionary<string, PropertyDifference>.Empty,
        };
    }

    private void Succeeded(StepInfo step, long started, bool counted)
    {
        if (counted)
        {
            deployment.Events.Count(step);
        }

        if (step.New is { } state)
        {
            deployment.News[state.Urn] = state;
            if (!state.Custom && step.Op is "create" or "same" or "update" or "create-replacement")
            {
                // A component is done when its outputs come.
                deployment.PendingOutputs[state.Urn] = new PendingOutputs(step, started);
                return;
            }
        }

        deployment.Events.After(step, deployment.Time.GetElapsedTime(started));
    }

    /// <summary>Marks outputs as secret that the program or the inputs say are.</summary>
    private ResourceState Finish(ResourceState state)
    {
        var outputs = state.Outputs;
        foreach (var name in state.AdditionalSecretOutputs)
        {
            if (outputs.TryGetValue(name, out var value) && value is not PropertyValue.SecretValue)
            {
                outputs = outputs.With(name, value.AsSecret());
            }
        }

        foreach (var (name, value) in state.Inputs)
        {
            if (value is PropertyValue.SecretValue && outputs.TryGetValue(name, out var output) && output is not PropertyValue.SecretValue)
            {
                outputs = outputs.With(name, output.AsSecret());
            }
        }

        deployment.Masker.AddSecretsOf(outputs);
        deployment.Masker.AddSecretsOf(state.Inputs);
        return ReferenceEquals(outputs, state.Outputs) ? state : state with { Outputs = outputs };
    }

    private static async Task<bool> Run(Task task)
    {
        await task;
        return true;
    }

    private async Task<T> Guard<T>(StepInfo step, OperationToken? operation, Func<Task<T>> body)
    {
        try
        {
            return await body();
        }
        catch (Exception error) when (error is ProviderFailure or EngineException)
        {
            // Without an answer the operation stays on record as in flight: it may have happened.
            if (operation is not null && error is not ProviderFailure { IsUnanswered: true })
            {
                await deployment.Tracker.FailAsync(operation);
            }

            if (error is ProviderFailure { IsUnknown: true } or ProviderFailure { IsUnanswered: true })
            {
                deployment.MaybeCorrupt = true;
            }

            throw Failed(step, error.Message);
        }
    }

    private StepFailedException Failed(StepInfo step, string message)
    {
        deployment.Events.Failed(step, message);
        return new StepFailedException();
    }
}

/// <summary>A step failed, and that has been told.</summary>
internal sealed class StepFailedException() : Exception("The step failed.");
