using System.Security.Cryptography;
using Reco.Engine.Plugins;
using Reco.Engine.State;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Planning;

/// <summary>Turns what the program registers into steps and takes them: URN, old entry, import, Check, policies, Diff,
/// then create, update, replace or nothing. Many registrations run at once; decisions are made one at a time.</summary>
internal sealed partial class ResourceRegistrar(Deployment deployment, StepExecutor steps)
{
    private readonly AliasResolver aliases = new(deployment);
    private readonly ReplacementPlanner replacements = new(deployment);

    /// <summary>Registers a resource and brings it to what the program wants.</summary>
    /// <exception cref="RunStoppedException">The run is stopping; what is wrong has been told.</exception>
    public async Task<Registration> RegisterAsync(Goal goal)
    {
        using var flow = deployment.Control.Enter();
        var urn = Urn.Create(deployment.Options.Stack, deployment.Options.Project, goal.Parent, goal.Type, goal.Name);
        ResourceState? planned = null;
        try
        {
            var (old, former) = await DecideAsync(() => Task.FromResult(Claim(urn, goal)));
            planned = Planned(urn, goal, old, former);
            return await RegisterAsync(goal, old, planned);
        }
        catch (StepFailedException) when (deployment.Options.ContinueOnError)
        {
            deployment.Untargeted[urn] = 0;
            await DecideAsync(() => Task.FromResult(deployment.Plan.Failed.Add(urn)));
            return new Registration(planned!, RegistrationResult.Failed);
        }
        catch (StepFailedException)
        {
            deployment.Control.Stop();
            throw new RunStoppedException();
        }
        catch (Exception error) when (error is not RunStoppedException)
        {
            deployment.Fatal(urn, error.Message);
            throw new RunStoppedException();
        }
    }

    /// <summary>Runs a decision while nobody else decides.</summary>
    private async Task<T> DecideAsync<T>(Func<Task<T>> decide)
    {
        await deployment.Plan.Gate.WaitAsync();
        try
        {
            return await decide();
        }
        finally
        {
            deployment.Plan.Gate.Release();
        }
    }

    private (ResourceState? Old, string Former) Claim(string urn, Goal goal)
    {
        if (goal.Parent.Length > 0 && !deployment.Plan.Urns.Contains(goal.Parent))
        {
            throw new EngineException($"The parent '{goal.Parent}' of resource '{urn}' was not registered.", 4);
        }

        if (!deployment.Plan.Urns.Add(urn))
        {
            throw new EngineException($"Duplicate resource URN '{urn}'; give the resource a name of its own.", 4);
        }

        return aliases.Find(urn, goal.Type, goal.Name, goal.Parent, goal.Aliases);
    }

    private ResourceState Planned(string urn, Goal goal, ResourceState? old, string former) => new()
    {
        Urn = urn,
        Type = goal.Type,
        Custom = goal.Custom,
        Inputs = goal.Inputs,
        Parent = goal.Parent,
        Protect = goal.Protect ?? false,
        Dependencies = goal.Dependencies,
        Provider = goal.Provider,
        PropertyDependencies = goal.PropertyDependencies,
        AdditionalSecretOutputs = goal.AdditionalSecretOutputs,
        Aliases = former.Length == 0 ? [] : [former],
        CustomTimeouts = goal.Timeouts,
        ImportId = goal.ImportId,
        RetainOnDelete = goal.RetainOnDelete ?? false,
        DeletedWith = goal.DeletedWith,
        ReplaceWith = goal.ReplaceWith,
        Created = old?.Created,
        Modified = old?.Modified,
        SourcePosition = goal.SourcePosition,
        IgnoreChanges = goal.IgnoreChanges,
        ReplaceOnChanges = goal.ReplaceOnChanges,
        HideDiffs = goal.HideDiffs,
        ReplacementTrigger = goal.ReplacementTrigger,
        Hooks = goal.Hooks,
    };

    private async Task<Registration> RegisterAsync(Goal goal, ResourceState? old, ResourceState planned)
    {
        var seed = RandomNumberGenerator.GetBytes(32);

        // Before anybody else gets to see them and may tell of them.
        deployment.Masker.AddSecretsOf(goal.Inputs);
        var isProvider = Urn.IsProviderType(goal.Type);
        if (deployment.Options.Kind == DeploymentKind.Destroy && goal.Custom && !isProvider)
        {
            // The program runs for its providers, components and hooks; its resources are about to go.
            return await UntargetedAsync(old, planned);
        }

        if (deployment.Options.Kind == DeploymentKind.Refresh && !(isProvider && old is null))
        {
            return isProvider ? await ConfiguredAsync(goal, old!, planned, seed) : await RefreshedAsync(goal, old, planned);
        }

        var session = goal.Custom && !isProvider ? await deployment.EnsureProviderAsync(goal.Provider, planned.Urn) : null;
        var (isTargeted, recreating) = await DecideAsync(() =>
        {
            if (isProvider)
            {
                deployment.Plan.Providers[planned.Urn] = planned;
                foreach (var alias in planned.Aliases)
                {
                    deployment.Plan.Providers[alias] = planned;
                }
            }

            return Task.FromResult((TargetRules.IsIncluded(deployment, planned), deployment.Plan.IsDeletedEarly(planned.Urn, old)));
        });

        var imported = false;
        if (goal.Custom && isTargeted && goal.ImportId.Length > 0
            && (old is null || old.External || (old.ImportId.Length > 0 ? old.ImportId : old.Id) != goal.ImportId))
        {
            var original = recreating ? null : old;
            old = await steps.ImportAsync(planned, original);
            if (original is not null)
            {
                await DecideAsync(() => Task.FromResult(deployment.Plan.Replaces.Add(planned.Urn)));
                steps.Replace(original, old, null);
            }

            imported = true;
            recreating = false;
            planned = planned with { Created = old.Created, Modified = old.Modified };
        }

        var wasExternal = old is { External: true };
        var fresh = old is null || recreating || wasExternal || IsTargetedReplace(planned.Urn, old);
        if (isTargeted)
        {
            var wanted = goal.Inputs;
            if (old is not null)
            {
                wanted = DiffRules.Ignore(wanted, old.Inputs, goal.IgnoreChanges, out var invalid);
                if (invalid.Length > 0)
                {
                    deployment.Events.Diagnose("info", $"cannot ignore changes in added or removed elements of the path: {string.Join(", ", invalid)}", planned.Urn);
                }
            }

            planned = planned with { Inputs = await CheckAsync(goal, planned, session, fresh ? null : old!.Inputs, fresh ? goal.Inputs : wanted, seed) };
        }

        if (deployment.Policies is { } policies)
        {
            deployment.Masker.AddSecretsOf(planned.Inputs);
            if (await policies.CheckResourceAsync(planned, goal, deployment.Control.Stopping) is not { } inputs)
            {
                // The violation has been told.
                deployment.Control.Stop();
                throw new RunStoppedException();
            }

            planned = planned with { Inputs = inputs };
        }

        deployment.Masker.AddSecretsOf(planned.Inputs);

        if (isProvider)
        {
            var current = planned;
            await DecideAsync(() => Task.FromResult(deployment.Plan.Providers[current.Urn] = current));
        }

        if (await SkipReasonAsync(planned, isTargeted) is { } skipped)
        {
            return skipped;
        }

        if (!isTargeted)
        {
            return await UntargetedAsync(old, planned);
        }

        if (old is null)
        {
            await DecideAsync(() => Task.FromResult(deployment.Plan.Creates.Add(planned.Urn)));
            return new Registration(await steps.CreateAsync(planned, null, null, pendingDelete: false));
        }

        if (wasExternal && !recreating)
        {
            // The program takes over what it only read before. That one is not ours to change: make a new one.
            await DecideAsync(() => Task.FromResult(deployment.Plan.Creates.Add(planned.Urn)));
            var made = await steps.CreateAsync(planned, old, null, pendingDelete: true);
            steps.Replace(old, made, null);
            return new Registration(made);
        }

        return recreating
            ? await RecreateAsync(old, planned)
            : await ChangeAsync(goal, old, planned, session, seed, imported);
    }

    /// <summary>A resource of a refresh: it is read, and the program goes on with what was found.</summary>
    private async Task<Registration> RefreshedAsync(Goal goal, ResourceState? old, ResourceState planned)
    {
        if (old is not null && goal.Custom && await DecideAsync(() => Task.FromResult(deployment.Refresher.IsIncluded(old))) && !await deployment.Refresher.RefreshEarlyAsync(old))
        {
            return await UntargetedAsync(null, planned);
        }

        return await UntargetedAsync(old, planned);
    }

    /// <summary>A provider of a refresh: it works with the configuration that the program has for it now. The state keeps the one that its
    /// resources were made with, so that the next update finds the difference.</summary>
    private async Task<Registration> ConfiguredAsync(Goal goal, ResourceState old, ResourceState planned, byte[] seed)
    {
        if (!goal.Inputs.ContainsUnknowns())
        {
            var inputs = await CheckAsync(goal, planned with { Urn = old.Urn }, null, old.Inputs, goal.Inputs, seed);
            deployment.Masker.AddSecretsOf(inputs);
            using var slot = await deployment.Control.SlotAsync();
            await deployment.Providers.SameAsync(old, inputs, CancellationToken.None);
        }

        return await UntargetedAsync(old, planned);
    }

    private bool IsTargetedReplace(string urn, ResourceState? old) => deployment.ReplaceTargets.Contains(urn) || old is { Taint: true };

    private async Task<PropertyMap> CheckAsync(Goal goal, ResourceState planned, ProviderSession? session, PropertyMap? olds, PropertyMap news, byte[] seed)
    {
        if (!goal.Custom)
        {
            return news;
        }

        using var slot = await deployment.Control.SlotAsync();
        var outcome = session is null
            ? await deployment.Providers.CheckAsync(planned.Urn, olds, news, CancellationToken.None)
            : await session.CheckAsync(planned.Urn, olds, news, seed, deployment.Preview, CancellationToken.None);
        if (outcome.Failures.Length == 0)
        {
            return outcome.Inputs;
        }

        foreach (var failure in outcome.Failures)
        {
            Report(planned, failure);
        }

        deployment.Control.Stop();
        throw new RunStoppedException();
    }

    private void Report(ResourceState planned, CheckFailure failure) => deployment.Events.Diagnose(
        "error",
        failure.Property.Length == 0
            ? $"{planned.Type} resource '{Urn.Name(planned.Urn)}' has a problem: {failure.Reason}"
            : $"{planned.Type} resource '{Urn.Name(planned.Urn)}': property {failure.Property} has a problem: {failure.Reason}",
        planned.Urn);

    /// <summary>Whether the resource is left out because of something it depends on.</summary>
    private Task<Registration?> SkipReasonAsync(ResourceState planned, bool isTargeted) => DecideAsync(() =>
    {
        var plan = deployment.Plan;
        var needs = planned.Dependencies().Append(planned.Parent);
        if (plan.Failed.Count > 0 && needs.Append(ProviderReference.UrnOf(planned.Provider)).Any(plan.Failed.Contains))
        {
            return Task.FromResult<Registration?>(LeftOut(planned));
        }

        if (isTargeted && plan.Targets.IsConstrained && plan.SkippedCreates.Count > 0 && !Urn.IsDefaultProvider(planned.Urn))
        {
            foreach (var urn in needs.Where(plan.SkippedCreates.Contains).ToList())
            {
                var message = $"Resource '{planned.Urn}' depends on '{urn}', which was not specified in the target list and does not exist yet. Add it to the targets.";
                if (!deployment.Preview)
                {
                    throw new EngineException(message, 4);
                }

                deployment.Events.Diagnose("error", message, planned.Urn);
                plan.SkippedCreates.Remove(urn);
            }
        }

        if (isTargeted && plan.Targets.IsConstrained && !Urn.IsProviderType(planned.Type) && planned.Type != Urn.RootStackType)
        {
            // What depends on it may be a target by that.
            plan.Targets.Add(planned.Urn);
        }

        return Task.FromResult<Registration?>(null);
    });

    /// <summary>Leaves a resource out because of a failure that has been told. Called while the plan's gate is held.</summary>
    private Registration LeftOut(ResourceState planned)
    {
        deployment.Untargeted[planned.Urn] = 0;
        deployment.Plan.Failed.Add(planned.Urn);
        return new Registration(planned, RegistrationResult.Skipped);
    }

    private Task<Registration> UntargetedAsync(ResourceState? old, ResourceState planned) => DecideAsync(() =>
    {
        if (deployment.Options.ExcludeDependents)
        {
            deployment.Plan.Excludes.Add(planned.Urn);
        }

        deployment.Plan.Sames.Add(planned.Urn);
        deployment.Untargeted[planned.Urn] = 0;
        if (old is null)
        {
            deployment.Plan.SkippedCreates.Add(planned.Urn);
            return Task.FromResult(new Registration(planned, Unknown: true));
        }

        // The entry stays as it is, under the URN that it has.
        deployment.Untargeted[old.Urn] = 0;
        deployment.Plan.Urns.Add(old.Urn);
        deployment.Plan.Sames.Add(old.Urn);
        var latest = deployment.Tracker.Latest(old);
        deployment.News[old.Urn] = latest;
        return Task.FromResult(new Registration(latest));
    });
}
