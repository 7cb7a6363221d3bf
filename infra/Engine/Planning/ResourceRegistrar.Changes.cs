using System.Collections.Immutable;
using Reco.Engine.Plugins;
using Reco.Engine.State;
using Reco.Engine.Values;

namespace Reco.Engine.Planning;

/// <content>Resources that exist already.</content>
internal sealed partial class ResourceRegistrar
{
    private async Task<Registration> ChangeAsync(Goal goal, ResourceState old, ResourceState planned, ProviderSession? session, byte[] seed, bool imported)
    {
        var diff = await DiffAsync(goal, old, planned, session);
        diff = DiffRules.ReplaceOnChanges(diff, goal.ReplaceOnChanges, old.InitErrors.Length > 0);
        var replace = (diff.Changed == true && diff.Replaces) || old.PendingReplacement || IsTriggered(old, planned);
        if (replace)
        {
            RequireReplaceable(goal, old, planned, diff);
            if (goal.Custom && !IsTargetedReplace(planned.Urn, old))
            {
                // Defaults of the old one (its made-up name, for one) are not those of the new one.
                planned = planned with { Inputs = await CheckAsync(goal, planned, session, null, goal.Inputs, seed) };
                deployment.Masker.AddSecretsOf(planned.Inputs);
            }
        }

        // Registrations of what is deleted with this one wait for it, whatever comes of it.
        var early = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            return await ChangeAsync(goal, old, planned, diff, replace, imported, early);
        }
        finally
        {
            early.TrySetResult();
        }
    }

    private async Task<Registration> ChangeAsync(Goal goal, ResourceState old, ResourceState planned, ResourceDiff diff, bool replace, bool imported, TaskCompletionSource early)
    {
        var deletions = new List<(ResourceState Entry, bool Awaited)>();
        var decision = await DecideAsync(async () =>
        {
            // While this one was compared, another may have been found to take it along.
            if (deployment.Plan.IsDeletedEarly(planned.Urn, old))
            {
                return Decision.Recreate;
            }

            if (replace)
            {
                deployment.Plan.Replaces.Add(planned.Urn);
                // Of something that an interrupted run has deleted already there is nothing left to delete afterwards.
                if (!old.PendingReplacement && (!(goal.DeleteBeforeReplace ?? diff.DeleteBeforeReplace) || replacements.IsProviderInUse(old)))
                {
                    return Decision.Replace;
                }

                var dependents = await replacements.DependentsAsync(old);
                if (replacements.IsCopyInUse(dependents))
                {
                    if (!old.PendingReplacement)
                    {
                        return Decision.Replace;
                    }

                    dependents.RemoveAll(dependent => dependent.Entry.Delete);
                }

                deletions = await PlanEarlyDeletionsAsync(old, dependents, early.Task);
                return Decision.ReplaceEarly;
            }

            if (diff.Changed == true || old.InitErrors.Length > 0)
            {
                deployment.Plan.Updates.Add(planned.Urn);
                return Decision.Update;
            }

            deployment.Plan.Sames.Add(planned.Urn);
            return Decision.Same;
        });

        switch (decision)
        {
            case Decision.Recreate:
                return await RecreateAsync(old, planned);
            case Decision.Replace:
                var made = await steps.CreateAsync(planned, old, diff, pendingDelete: true);
                steps.Replace(old, made, diff);
                return new Registration(made);
            case Decision.ReplaceEarly:
                foreach (var (entry, awaited) in deletions)
                {
                    await steps.DeleteAsync(entry, replacing: true, pendingReplacement: awaited);
                }

                early.SetResult();
                steps.Replace(old, planned, diff);
                return new Registration(await steps.CreateAsync(planned, old, diff, pendingDelete: false));
            case Decision.Update:
                return new Registration(await steps.UpdateAsync(old, planned, diff, goal.IgnoreChanges));
            default:
                return new Registration(imported ? old : await steps.SameAsync(old, planned));
        }
    }

    private async Task<Registration> RecreateAsync(ResourceState old, ResourceState planned)
    {
        var (keys, deletion) = await DecideAsync(() =>
        {
            deployment.Plan.Deletes.Remove(planned.Urn);
            deployment.Plan.Deletes.Remove(old.Urn);
            deployment.Plan.Replaces.Add(planned.Urn);
            return Task.FromResult((
                deployment.Plan.DependentReplaceKeys.GetValueOrDefault(old.Urn, []),
                deployment.Plan.EarlyDeletions.GetValueOrDefault(old.Urn, Task.CompletedTask)));
        });
        await deletion;
        deployment.Control.ThrowIfStopping();
        if (!deployment.Tracker.Latest(old).PendingReplacement)
        {
            // The deletion that was to come first failed, or what had to go before did; that has been told. The old one stays.
            return deployment.Options.ContinueOnError ? await LeftOutAsync(planned) : throw new RunStoppedException();
        }

        var diff = new ResourceDiff { Changed = true, ReplaceKeys = keys };
        steps.Replace(old, planned, diff);
        return new Registration(await steps.CreateAsync(planned, old, diff, pendingDelete: false));
    }

    private Task<Registration> LeftOutAsync(ResourceState planned) => DecideAsync(() =>
    {
        deployment.Plan.Replaces.Remove(planned.Urn);
        return Task.FromResult(LeftOut(planned));
    });

    /// <summary>What to delete before the replacement, in order: dependents, then the resource itself.</summary>
    private async Task<List<(ResourceState Entry, bool Awaited)>> PlanEarlyDeletionsAsync(ResourceState old, List<(ResourceState Entry, ImmutableArray<string> Keys)> dependents, Task over)
    {
        var plan = deployment.Plan;
        var deletions = new List<(ResourceState, bool)>();
        dependents.Reverse();
        foreach (var (entry, keys) in dependents)
        {
            if (!plan.DeletedEarly.Add(entry))
            {
                continue;
            }

            if (entry.Delete)
            {
                deletions.Add((entry, false));
                continue;
            }

            if (entry.PendingReplacement)
            {
                // An interrupted run has deleted it already.
                continue;
            }

            if (entry.Protect && !deployment.Options.IgnoreProtect)
            {
                throw new EngineException(
                    $"Unable to replace resource \"{entry.Urn}\" as part of replacing \"{old.Urn}\": it is protected. "
                    + $"Remove the 'protect' option from it in the program and run 'up', or run: state unprotect '{entry.Urn}'",
                    4);
            }

            if (entry.Provider.Length > 0)
            {
                await deployment.EnsureProviderAsync(entry.Provider, entry.Urn);
            }

            plan.DependentReplaceKeys[entry.Urn] = keys;
            plan.Deletes.Add(entry.Urn);
            plan.EarlyDeletions[entry.Urn] = over;
            deletions.Add((entry, true));
        }

        if (old.Provider.Length > 0)
        {
            await deployment.EnsureProviderAsync(old.Provider, old.Urn);
        }

        if (!deployment.Tracker.Latest(old).PendingReplacement)
        {
            // Those that are deleted with it need no deletion of their own.
            plan.Deletes.Add(old.Urn);
            plan.DeletedEarly.Add(old);
            deletions.Add((old, true));
        }

        return deletions;
    }

    private void RequireReplaceable(Goal goal, ResourceState old, ResourceState planned, ResourceDiff diff)
    {
        if (planned.Protect && old.Protect && !deployment.Options.IgnoreProtect)
        {
            var message = $"Unable to replace resource \"{planned.Urn}\": it is protected. Remove the 'protect' option from the resource in the program and run 'up'.";
            if (!deployment.Preview)
            {
                throw new EngineException(message, 4);
            }

            deployment.Events.Diagnose("error", message, planned.Urn);
        }

        if (goal.ImportId.Length > 0)
        {
            var message = $"Resource \"{planned.Urn}\" was imported and still has the 'import' option, so it cannot be replaced (because of: {string.Join(", ", diff.ReplaceKeys)}). Remove that option from the program.";
            if (!deployment.Preview)
            {
                throw new EngineException(message, 4);
            }

            deployment.Events.Diagnose("warning", message, planned.Urn);
        }
    }

    private async Task<ResourceDiff> DiffAsync(Goal goal, ResourceState old, ResourceState planned, ProviderSession? session)
    {
        if (IsTargetedReplace(planned.Urn, old))
        {
            return ResourceDiff.ReplaceFor("id");
        }

        if (planned.ReplaceWith.Length > 0 || planned.DeletedWith.Length > 0)
        {
            var key = await DecideAsync(() => Task.FromResult(
                planned.ReplaceWith.Any(deployment.Plan.Replaces.Contains) ? "replaceWith"
                : deployment.Plan.Replaces.Contains(planned.DeletedWith) ? "deletedWith"
                : null));
            if (key is not null)
            {
                return ResourceDiff.ReplaceFor(key);
            }
        }

        if (IsTriggered(old, planned))
        {
            return ResourceDiff.Some;
        }

        if (await ProviderChangedAsync(old, planned))
        {
            return ResourceDiff.ReplaceFor("provider");
        }

        if (!goal.Custom)
        {
            return PropertyDiffer.Same(old.Inputs, planned.Inputs) ? ResourceDiff.None : ResourceDiff.OfInputs(old.Inputs, planned.Inputs) with { Changed = true };
        }

        using var slot = await deployment.Control.SlotAsync();
        if (session is null)
        {
            return await deployment.Providers.DiffAsync(old with { Urn = planned.Urn }, planned.Inputs, goal.IgnoreChanges, CancellationToken.None);
        }

        var diff = await session.DiffAsync(old with { Urn = planned.Urn }, planned.Inputs, goal.IgnoreChanges, deployment.Preview, CancellationToken.None);
        if (diff is null)
        {
            deployment.Events.Diagnose(
                "warning",
                "The provider of this resource has configuration that is not known during the preview; the update may differ from what is shown.",
                planned.Urn);
            return ResourceDiff.Some;
        }

        if (diff.Changed is null)
        {
            var own = ResourceDiff.OfInputs(old.Inputs, DiffRules.Ignore(planned.Inputs, old.Inputs, goal.IgnoreChanges, out _));
            return own with { ReplaceKeys = diff.ReplaceKeys, DeleteBeforeReplace = diff.DeleteBeforeReplace, StableKeys = diff.StableKeys };
        }

        return diff;
    }

    /// <summary>Whether the value that replaces the resource when it changes has changed. No value at all is no trigger; one
    /// that is not known yet counts as changed.</summary>
    private static bool IsTriggered(ResourceState old, ResourceState planned) =>
        old.ReplacementTrigger?.Plain() is { } before and not PropertyValue.NullValue
        && planned.ReplacementTrigger?.Plain() is { } now and not PropertyValue.NullValue
        && (now.ContainsUnknowns() || !before.Equals(now));

    private async Task<bool> ProviderChangedAsync(ResourceState old, ResourceState planned)
    {
        if (old.Provider == planned.Provider)
        {
            return false;
        }

        if (!ProviderReference.TryParse(old.Provider, out var before) || !ProviderReference.TryParse(planned.Provider, out var after))
        {
            return true;
        }

        var (aliased, resource) = await DecideAsync(() => Task.FromResult((
            deployment.Plan.Aliased.GetValueOrDefault(before.Urn) == after.Urn && before.Id == after.Id,
            deployment.Plan.Providers.GetValueOrDefault(after.Urn))));
        if (aliased)
        {
            return false;
        }

        if (deployment.Providers.Find(planned.Provider) is not { } session || !deployment.Olds.TryGetValue(before.Urn, out var oldProvider) || resource is null)
        {
            return true;
        }

        // Another provider resource (a new default provider after an upgrade, mostly) is fine where its configuration
        // still reaches the same resources.
        return (await deployment.Providers.DiffAsync(session, oldProvider with { Urn = after.Urn }, resource.Inputs, [], CancellationToken.None)).Replaces;
    }

    private enum Decision
    {
        Same,
        Update,
        Replace,
        ReplaceEarly,
        Recreate,
    }
}
