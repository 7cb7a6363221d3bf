using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>Deletes what is not wanted any more: each resource as soon as everything that depends on it is gone, as many
/// at once as may run.</summary>
internal sealed class DeleteRunner(Deployment deployment, StepExecutor steps)
{
    /// <summary>Deletes what awaits deletion and what no registration of this run has taken over.</summary>
    /// <returns>False where something failed.</returns>
    public async Task<bool> RunAsync()
    {
        var destroysAll = deployment.Options is { Kind: DeploymentKind.Destroy, Program: not null };
        var remaining = destroysAll ? SnapshotOrder.Sort(deployment.Tracker.All()) : deployment.Tracker.Remaining();
        var index = new DependencyIndex(remaining);
        var condemned = Condemned(remaining, index);
        var plan = deployment.Plan;
        if (plan.Targets.IsConstrained && !deployment.Options.TargetDependents)
        {
            // The targets were grown by what depends on them only where that was asked for.
            var unasked = condemned.Where(entry => !new TargetSet(deployment.Options.Targets).Contains(entry.Urn)).ToList();
            foreach (var entry in unasked)
            {
                deployment.Events.Diagnose(
                    "error",
                    $"Resource '{entry.Urn}' would be destroyed, but it is not in the target list. Add it to the targets, or pass --target-dependents.",
                    entry.Urn);
            }

            if (unasked.Count > 0 && !deployment.Preview)
            {
                return false;
            }
        }

        foreach (var entry in condemned)
        {
            plan.Deletes.Add(entry.Urn);
        }

        return await DeleteAsync(condemned, index);
    }

    private List<ResourceState> Condemned(List<ResourceState> remaining, DependencyIndex index)
    {
        var plan = deployment.Plan;
        var targets = new TargetSet(deployment.Options.Targets);
        var allowed = targets.IsConstrained ? TargetRules.DeletableWith(index, remaining, targets) : null;
        var kept = !targets.IsConstrained && plan.Excludes.IsConstrained ? TargetRules.KeptWith(index, remaining.Where(entry => plan.Excludes.Contains(entry.Urn))) : null;

        // What failed, or is no target of an update, stays as it is, and so does everything that its entry needs.
        var leavesAlone = targets.IsConstrained && deployment.Options.Kind == DeploymentKind.Update;
        var standing = plan.Failed.Count > 0 || leavesAlone
            ? TargetRules.KeptWith(index, remaining.Where(entry => !entry.Delete
                && (plan.Failed.Contains(plan.Aliased.GetValueOrDefault(entry.Urn, entry.Urn)) || (leavesAlone && deployment.Untargeted.ContainsKey(entry.Urn))))) : null;
        List<ResourceState> condemned =
        [
            .. remaining.Where(entry =>
                allowed?.Contains(entry.Urn) != false
                && kept?.Contains(entry.Urn) != true
                && (entry.Delete || deployment.Options.Kind == DeploymentKind.Destroy || (!plan.IsOperatedOn(entry.Urn) && standing?.Contains(entry.Urn) != true))),
        ];
        return WithoutThoseInUse(condemned, index);
    }

    /// <summary>What was replaced stays while something that was not brought to its successor still refers to it: a provider
    /// is needed to read and delete that, and no entry may be without its parent.</summary>
    private List<ResourceState> WithoutThoseInUse(List<ResourceState> condemned, DependencyIndex index)
    {
        while (condemned.Exists(entry => entry.Delete || Urn.IsProviderType(entry.Type)))
        {
            var leaving = new HashSet<ResourceState>(condemned, ReferenceEqualityComparer.Instance);
            var kept = CopiesInUse.Among(condemned, [.. deployment.Tracker.All().Where(entry => !leaving.Contains(entry))]).ToHashSet<ResourceState>(ReferenceEqualityComparer.Instance);
            if (kept.Count == 0)
            {
                break;
            }

            // What those need stays, too; of what awaits deletion itself, the next round tells.
            var needed = TargetRules.KeptWith(index, kept);
            condemned = [.. condemned.Where(entry => !kept.Contains(entry) && (entry.Delete || !needed.Contains(entry.Urn)))];
        }

        return condemned;
    }

    private async Task<bool> DeleteAsync(List<ResourceState> condemned, DependencyIndex index)
    {
        var waits = new Dictionary<ResourceState, List<Task<bool>>>(condemned.Count, ReferenceEqualityComparer.Instance);
        foreach (var entry in condemned)
        {
            waits[entry] = [];
        }

        var all = new List<Task<bool>>(condemned.Count);
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // Entries stand in dependency order, so the last one has no dependents among the others.
        for (var at = condemned.Count - 1; at >= 0; at--)
        {
            var entry = condemned[at];
            var deletion = DeleteAsync(entry, waits[entry], start.Task);
            all.Add(deletion);
            foreach (var needed in index.DependenciesOf(entry))
            {
                if (waits.TryGetValue(needed, out var dependents))
                {
                    dependents.Add(deletion);
                }
            }
        }

        start.SetResult();
        return Array.TrueForAll(await Task.WhenAll(all), deleted => deleted);
    }

    private async Task<bool> DeleteAsync(ResourceState entry, List<Task<bool>> dependents, Task start)
    {
        // Until then, dependents are still being added.
        await start;
        if (dependents.Count > 0 && !Array.TrueForAll(await Task.WhenAll(dependents), deleted => deleted))
        {
            // Something that depends on it is still there.
            return false;
        }

        try
        {
            if (entry.PendingReplacement && !entry.Delete)
            {
                await steps.RemovePendingReplaceAsync(entry);
            }
            else
            {
                await steps.DeleteAsync(entry, replacing: entry.Delete, pendingReplacement: false);
            }

            return true;
        }
        catch (StepFailedException)
        {
            // A protected resource stops only what it depends on.
            if (!deployment.Options.ContinueOnError && !(entry.Protect && !entry.Delete))
            {
                deployment.Control.Stop();
            }

            return false;
        }
        catch (RunStoppedException)
        {
            return false;
        }
        catch (Exception error)
        {
            deployment.Fatal(entry.Urn, error.Message);
            return false;
        }
    }
}
