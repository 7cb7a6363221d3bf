using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>Decides what a run that is kept to some resources touches.</summary>
internal static class TargetRules
{
    /// <summary>True where the run is to touch the resource. Providers and the stack itself always are.</summary>
    public static bool IsIncluded(Deployment deployment, ResourceState state)
    {
        var (targets, excludes) = (deployment.Plan.Targets, deployment.Plan.Excludes);
        if (Urn.IsProviderType(state.Type) || state.Type == Urn.RootStackType)
        {
            return true;
        }

        return targets.IsConstrained
            ? targets.Contains(state.Urn) || (deployment.Options.TargetDependents && IsDependent(state, targets))
            : !excludes.Contains(state.Urn) && !(deployment.Options.ExcludeDependents && IsDependent(state, excludes));
    }

    /// <summary>True where the resource depends on one of the set. What depends on one joins it, so this looks one step far.</summary>
    public static bool IsDependent(ResourceState state, TargetSet set) =>
        set.Contains(ProviderReference.UrnOf(state.Provider)) || (state.Parent.Length > 0 && set.Contains(state.Parent)) || state.Dependencies().Any(set.Contains);

    /// <summary>Tells of targets that are neither in the state nor in the program.</summary>
    /// <returns>False where there are any.</returns>
    public static bool CheckNamed(Deployment deployment, IEnumerable<string> named)
    {
        var missing = named.Where(urn => !deployment.Olds.ContainsKey(urn) && !deployment.Plan.Urns.Contains(urn)).ToList();
        foreach (var urn in missing)
        {
            deployment.Events.Diagnose("error", $"The target '{urn}' was not found in the stack. 'stack --show-urns' lists the URNs; quote a URN with '$' in it for the shell.");
        }

        return missing.Count == 0;
    }

    /// <summary>URNs that a run deletes where it deletes the targets: they and everything that depends on them.</summary>
    public static HashSet<string> DeletableWith(DependencyIndex index, IReadOnlyList<ResourceState> entries, TargetSet targets)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in entries.Where(entry => targets.Contains(entry.Urn)))
        {
            found.Add(entry.Urn);
            found.UnionWith(index.DependingOn(entry, includeChildren: true).Select(dependent => dependent.Urn));
        }

        return found;
    }

    /// <summary>URNs that have to stay where the chosen ones stay: they and everything that they need.</summary>
    public static HashSet<string> KeptWith(DependencyIndex index, IEnumerable<ResourceState> chosen)
    {
        // A URN can have several entries, and each needs something else.
        var seen = new HashSet<ResourceState>(ReferenceEqualityComparer.Instance);
        var found = new HashSet<string>(StringComparer.Ordinal);
        var queue = new Queue<ResourceState>(chosen);
        while (queue.TryDequeue(out var entry))
        {
            found.Add(entry.Urn);
            if (seen.Add(entry))
            {
                foreach (var needed in index.DependenciesOf(entry))
                {
                    queue.Enqueue(needed);
                }
            }
        }

        return found;
    }
}
