using System.Collections.Immutable;
using Reco.Engine.Plugins;
using Reco.Engine.State;
using Reco.Engine.Values;

namespace Reco.Engine.Planning;

/// <summary>Finds what has to be deleted before a resource that is deleted before its replacement: dependents that its
/// replacement would replace too. Called while the plan's gate is held.</summary>
internal sealed class ReplacementPlanner(Deployment deployment)
{
    /// <summary>Entries to delete before <paramref name="root"/>, dependents last in the list.</summary>
    public async Task<List<(ResourceState Entry, ImmutableArray<string> Keys)>> DependentsAsync(ResourceState root)
    {
        var found = new List<(ResourceState, ImmutableArray<string>)>();
        var replaced = new HashSet<string>(StringComparer.Ordinal) { root.Urn };
        foreach (var dependent in deployment.Index.DependingOn(root, includeChildren: false))
        {
            if (dependent.Delete)
            {
                // A copy that awaits deletion anyway has to go before what it depends on.
                found.Add((dependent, []));
                continue;
            }

            // What was registered before the root cannot depend on it any more.
            if (deployment.Plan.IsDecided(dependent.Urn))
            {
                continue;
            }

            if (await ReplacementOfAsync(dependent, replaced) is { } keys)
            {
                replaced.Add(dependent.Urn);
                found.Add((dependent, keys));
            }
        }

        return found;
    }

    /// <summary>True for a provider that an entry still refers to which does not go before it: one that this run has decided
    /// about already and that is on its way to another provider or stays as it is, or one that was only read. Such a
    /// provider is deleted after its replacement, whatever its options say: there is nothing but its entry to delete, and
    /// no entry may be without its provider.</summary>
    public bool IsProviderInUse(ResourceState old)
    {
        if (!Urn.IsProviderType(old.Type))
        {
            return false;
        }

        var reference = new ProviderReference(old.Urn, old.Id).ToString();
        return deployment.Index.DependingOn(old, includeChildren: false).Exists(entry =>
            entry.Provider == reference && !entry.Delete && (entry.External || deployment.Plan.IsDecided(entry.Urn)));
    }

    /// <summary>True where something that stays still refers to a copy that awaits deletion and would have to go early. (A
    /// run that was killed between the deletion's mark and the replacement leaves such a copy behind.)</summary>
    public bool IsCopyInUse(IReadOnlyList<(ResourceState Entry, ImmutableArray<string> Keys)> dependents)
    {
        var copies = dependents.Select(dependent => dependent.Entry).Where(entry => entry.Delete).ToHashSet(ReferenceEqualityComparer.Instance);
        return copies.Count > 0 && CopiesInUse.Among([.. copies.Cast<ResourceState>()], [.. deployment.Tracker.All().Where(entry => !copies.Contains(entry))]).Count > 0;
    }

    private async Task<ImmutableArray<string>?> ReplacementOfAsync(ResourceState entry, HashSet<string> replaced)
    {
        if (!entry.Custom || entry.External)
        {
            return null;
        }

        if (replaced.Contains(ProviderReference.UrnOf(entry.Provider))
            || (entry.DeletedWith.Length > 0 && replaced.Contains(entry.DeletedWith))
            || entry.ReplaceWith.Any(replaced.Contains))
        {
            return [];
        }

        // What would become of it if everything that came from the replaced ones were different?
        var touched = false;
        var inputs = new PropertyMap(entry.Inputs.Select(input =>
        {
            if (!entry.PropertyDependencies.TryGetValue(input.Key, out var urns) || !urns.Any(replaced.Contains))
            {
                return input;
            }

            touched = true;
            return KeyValuePair.Create(input.Key, PropertyValue.Unknown);
        }));
        if (!touched)
        {
            return null;
        }

        ResourceDiff? diff;
        if (Urn.IsProviderType(entry.Type))
        {
            diff = await deployment.Providers.DiffAsync(entry, inputs, entry.IgnoreChanges, CancellationToken.None);
        }
        else
        {
            var session = await deployment.EnsureProviderAsync(entry.Provider, entry.Urn);
            diff = await session.DiffAsync(entry, inputs, entry.IgnoreChanges, preview: true, CancellationToken.None);
        }

        diff = diff is null ? ResourceDiff.Some : diff.Changed is null ? ResourceDiff.OfInputs(entry.Inputs, inputs) with { ReplaceKeys = diff.ReplaceKeys } : diff;
        diff = DiffRules.ReplaceOnChanges(diff, entry.ReplaceOnChanges, hasInitErrors: false);
        return diff.Replaces ? diff.ReplaceKeys : null;
    }
}
