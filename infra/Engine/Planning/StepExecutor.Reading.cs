using System.Collections.Immutable;
using Reco.Engine.Events;
using Reco.Engine.Plugins;
using Reco.Engine.State;
using Reco.Engine.Values;

namespace Reco.Engine.Planning;

/// <content>Steps that read resources.</content>
internal sealed partial class StepExecutor
{
    /// <summary>Reads a resource that the program does not manage.</summary>
    /// <param name="planned">The resource, with its ID.</param>
    /// <param name="old">Its entry before, or null.</param>
    /// <param name="replacing">True where it takes the place of a managed resource, which is then deleted.</param>
    public async Task<ResourceState> ReadAsync(ResourceState planned, ResourceState? old, bool replacing)
    {
        var latest = old is null ? null : deployment.Tracker.Latest(old);
        var step = Info(replacing ? "read-replacement" : "read", planned, latest, planned, null);
        using var slot = await deployment.Control.SlotAsync();
        deployment.Control.ThrowIfStopping();
        var started = deployment.Time.GetTimestamp();
        deployment.Events.Before(step);
        var operation = await deployment.Tracker.BeginAsync(planned, PendingOperationType.Reading, CancellationToken.None);
        var result = planned;
        ProviderFailure? partial = null;
        if (!Signatures.IsUnknown(planned.Id))
        {
            (result, partial) = await Guard(step, operation, async () =>
            {
                try
                {
                    var read = await (await SessionAsync(planned)).ReadAsync(
                        planned.Urn, planned.Id, planned.Inputs, planned.Inputs, planned.CustomTimeouts?.Read ?? 0, CancellationToken.None);
                    return read.Id.Length == 0
                        ? throw new EngineException($"Resource '{planned.Id}' does not exist.", 4)
                        : (planned with { Id = read.Id, Outputs = read.Outputs }, (ProviderFailure?)null);
                }
                catch (ProviderFailure failure) when (failure.IsPartial)
                {
                    return (planned with { Id = failure.Id, Outputs = failure.Properties, InitErrors = failure.Reasons }, failure);
                }
            });
        }

        result = result with { Created = latest?.Created, Modified = latest?.Modified };
        if (latest is not null && (!PropertyDiffer.Same(latest.Inputs, result.Inputs) || !PropertyDiffer.Same(latest.Outputs, result.Outputs)))
        {
            result = result with { Modified = deployment.Time.GetUtcNow() };
        }

        result = Finish(result);
        if (replacing && latest is not null)
        {
            await deployment.Tracker.EndAsync(null, latest, latest with { Delete = true }, inPlace: true);
            latest = null;
        }

        await deployment.Tracker.EndAsync(operation, latest, result);
        deployment.News[result.Urn] = result;
        if (partial is not null)
        {
            throw Failed(step with { New = result }, partial.Message);
        }

        Succeeded(step with { New = result }, started, counted: !replacing);
        return result;
    }

    /// <summary>Takes a resource that exists into the state.</summary>
    /// <param name="planned">The resource, with the ID to import.</param>
    /// <param name="original">The entry that it replaces, or null.</param>
    /// <param name="properties">Inputs to keep; all where there are none.</param>
    public async Task<ResourceState> ImportAsync(ResourceState planned, ResourceState? original, ImmutableArray<string> properties = default)
    {
        var step = Info(original is null ? "import" : "import-replacement", planned, original, planned, null);
        using var slot = await deployment.Control.SlotAsync();
        deployment.Control.ThrowIfStopping();
        var started = deployment.Time.GetTimestamp();
        deployment.Events.Before(step);
        var operation = await deployment.Tracker.BeginAsync(planned, PendingOperationType.Importing, CancellationToken.None);
        var result = await Guard(step, operation, async () =>
        {
            var session = await SessionAsync(planned);
            ReadOutcome read;
            var initErrors = planned.InitErrors;
            try
            {
                read = await session.ReadAsync(planned.Urn, planned.ImportId, null, null, planned.CustomTimeouts?.Read ?? 0, CancellationToken.None);
            }
            catch (ProviderFailure failure) when (failure.IsPartial)
            {
                read = new ReadOutcome(failure.Id, failure.Inputs, failure.Properties);
                initErrors = failure.Reasons;
            }

            if (read.Id.Length == 0)
            {
                throw new EngineException($"Resource '{planned.ImportId}' does not exist, so it cannot be imported.", 4);
            }

            var now = deployment.Time.GetUtcNow();
            return planned with
            {
                Id = read.Id,
                Inputs = Kept(read.Inputs ?? throw new EngineException($"The provider of '{planned.Type}' does not support importing.", 4), properties),
                Outputs = read.Outputs,
                InitErrors = initErrors,
                Created = now,
                Modified = now,
            };
        });
        result = Finish(result);
        if (original is not null)
        {
            var latest = deployment.Tracker.Latest(original);
            await deployment.Tracker.EndAsync(null, latest, latest with { Delete = true }, inPlace: true);
        }

        await deployment.Tracker.EndAsync(operation, null, result);
        Succeeded(step with { New = result }, started, counted: original is null);
        return result;
    }

    private static PropertyMap Kept(PropertyMap inputs, ImmutableArray<string> names) =>
        names.IsDefaultOrEmpty ? inputs : new PropertyMap(inputs.Where(input => names.Contains(input.Key)));

    /// <summary>Reads a managed resource and takes over what is found.</summary>
    /// <returns>The resource; null where it does not exist any more. Its entry is left to the caller then: others may still
    /// refer to it.</returns>
    public async Task<ResourceState?> RefreshAsync(ResourceState old)
    {
        var step = Info("refresh", old, old, old, null);
        using var slot = await deployment.Control.SlotAsync();
        deployment.Control.ThrowIfStopping();
        var started = deployment.Time.GetTimestamp();
        deployment.Events.Before(step);
        if (!old.Custom || Urn.IsProviderType(old.Type) || old.PendingReplacement)
        {
            Refreshed(step with { Op = "same" }, started);
            return old;
        }

        var (result, diff) = await Guard(step, null, () => RefreshedAsync(old));
        if (result is null)
        {
            Refreshed(step with { Op = "delete", New = null }, started);
            return null;
        }

        result = Finish(result);
        if (StateComparison.Same(old, result))
        {
            result = old;
        }
        else
        {
            await deployment.Tracker.EndAsync(null, old, result, inPlace: true);
        }

        var changed = old.External ? !PropertyDiffer.Same(old.Outputs, result.Outputs) : diff.Changed == true;
        Refreshed(Info(changed ? "update" : "same", result, old, result, changed ? diff : null), started);
        return result;
    }

    private void Refreshed(StepInfo step, long started)
    {
        deployment.Events.Count(step);
        deployment.Events.After(step, deployment.Time.GetElapsedTime(started));
    }

    private async Task<(ResourceState? State, ResourceDiff Diff)> RefreshedAsync(ResourceState old)
    {
        var session = await deployment.EnsureProviderAsync(old.Provider, old.Urn);
        ReadOutcome read;
        ImmutableArray<string> initErrors = [];
        try
        {
            read = await session.ReadAsync(old.Urn, old.Id, old.Inputs, old.Outputs, old.CustomTimeouts?.Read ?? 0, CancellationToken.None);
        }
        catch (ProviderFailure failure) when (failure.IsPartial)
        {
            read = new ReadOutcome(failure.Id, failure.Inputs, failure.Properties);
            initErrors = failure.Reasons;
            deployment.Events.Diagnose("warning", $"The refreshed resource is in an unhealthy state:\n{string.Join('\n', failure.Reasons.Select(reason => $"* {reason}"))}", old.Urn);
        }

        if (read.Id.Length == 0)
        {
            return (null, ResourceDiff.None);
        }

        var refreshed = old with { Id = read.Id, InitErrors = initErrors, Inputs = read.Inputs ?? old.Inputs, Outputs = read.Outputs };
        if (!PropertyDiffer.Same(old.Inputs, refreshed.Inputs) || !PropertyDiffer.Same(old.Outputs, refreshed.Outputs))
        {
            refreshed = refreshed with { Modified = deployment.Time.GetUtcNow() };
        }

        if (old.External)
        {
            return (refreshed, ResourceDiff.None);
        }

        // What would the program's own inputs change on what is there now? The other way round, that is what has changed
        // behind its back.
        var diff = await session.DiffAsync(refreshed, old.Inputs, old.IgnoreChanges, deployment.Preview, CancellationToken.None) ?? ResourceDiff.None;
        if (diff.Changed is null)
        {
            diff = ResourceDiff.OfInputs(refreshed.Inputs, old.Inputs);
        }

        return (refreshed, diff.Inverted());
    }
}
