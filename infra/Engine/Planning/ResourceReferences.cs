using System.Collections.Immutable;
using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>Everything that one entry of a snapshot refers to.</summary>
internal static class ResourceReferences
{
    /// <summary>URNs of dependencies by any path but the parent and the provider, each once.</summary>
    public static IEnumerable<string> Dependencies(this ResourceState state)
    {
        if (state.PropertyDependencies.IsEmpty && state.DeletedWith.Length == 0 && state.ReplaceWith.IsDefaultOrEmpty)
        {
            return state.Dependencies;
        }

        var found = new HashSet<string>(state.Dependencies, StringComparer.Ordinal);
        foreach (var urns in state.PropertyDependencies.Values)
        {
            found.UnionWith(urns);
        }

        if (state.DeletedWith.Length > 0)
        {
            found.Add(state.DeletedWith);
        }

        found.UnionWith(state.ReplaceWith);
        return found;
    }

    /// <summary>URNs that must stand before the entry: parent, provider, dependencies.</summary>
    public static IEnumerable<string> Needs(this ResourceState state)
    {
        var needs = Dependencies(state);
        if (state.Parent.Length > 0)
        {
            needs = needs.Append(state.Parent);
        }

        var provider = ProviderReference.UrnOf(state.Provider);
        return provider.Length == 0 ? needs : needs.Append(provider);
    }

    /// <summary>The entry with every URN in it converted.</summary>
    /// <param name="state">Entry.</param>
    /// <param name="rename">Converts a URN.</param>
    /// <param name="keeps">True for a provider reference that stays as it is.</param>
    public static ResourceState Rename(this ResourceState state, Func<string, string> rename, Func<string, bool> keeps)
    {
        var provider = !keeps(state.Provider) && ProviderReference.TryParse(state.Provider, out var reference) ? new ProviderReference(rename(reference.Urn), reference.Id).ToString() : state.Provider;
        var dependencies = Rename(state.Dependencies, rename);
        var replaceWith = Rename(state.ReplaceWith, rename);
        var byProperty = state.PropertyDependencies.Values.SelectMany(urns => urns).Any(urn => rename(urn) != urn)
            ? state.PropertyDependencies.ToImmutableSortedDictionary(entry => entry.Key, entry => Rename(entry.Value, rename), StringComparer.Ordinal)
            : state.PropertyDependencies;
        var parent = state.Parent.Length == 0 ? "" : rename(state.Parent);
        var deletedWith = state.DeletedWith.Length == 0 ? "" : rename(state.DeletedWith);
        return provider == state.Provider && parent == state.Parent && deletedWith == state.DeletedWith
            && dependencies == state.Dependencies && replaceWith == state.ReplaceWith && ReferenceEquals(byProperty, state.PropertyDependencies)
            ? state
            : state with
            {
                Provider = provider,
                Parent = parent,
                DeletedWith = deletedWith,
                Dependencies = dependencies,
                ReplaceWith = replaceWith,
                PropertyDependencies = byProperty,
            };
    }

    /// <summary>The entry without references to what <paramref name="exists"/> denies.</summary>
    public static ResourceState WithoutDangling(this ResourceState state, Func<string, bool> exists) =>
        Dependencies(state).All(exists)
            ? state
            : state with
            {
                Dependencies = [.. state.Dependencies.Where(exists)],
                ReplaceWith = [.. state.ReplaceWith.Where(exists)],
                DeletedWith = state.DeletedWith.Length > 0 && exists(state.DeletedWith) ? state.DeletedWith : "",
                PropertyDependencies = state.PropertyDependencies.ToImmutableSortedDictionary(
                    entry => entry.Key, entry => entry.Value.Where(exists).ToImmutableArray(), StringComparer.Ordinal),
            };

    private static ImmutableArray<string> Rename(ImmutableArray<string> urns, Func<string, string> rename) =>
        urns.Any(urn => rename(urn) != urn) ? [.. urns.Select(rename)] : urns;
}
