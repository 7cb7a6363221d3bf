using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>Entries that are to go although something that stays cannot be without them.</summary>
internal static class CopiesInUse
{
    /// <summary>The provider that has taken the place of another, or null: it has its URN, or had it before.</summary>
    /// <param name="provider">Reference to the other.</param>
    /// <param name="live">Providers that do not await deletion.</param>
    public static ResourceState? SuccessorOf(string provider, IEnumerable<ResourceState> live)
    {
        var urn = ProviderReference.UrnOf(provider);
        return live.FirstOrDefault(candidate => candidate.Urn == urn || candidate.Aliases.Contains(urn));
    }

    /// <summary>Those of <paramref name="leaving"/> that an entry which stays refers to: providers by their ID, copies that
    /// await deletion by their URN where no other entry has it.</summary>
    public static List<ResourceState> Among(IReadOnlyCollection<ResourceState> leaving, IReadOnlyCollection<ResourceState> staying)
    {
        var urns = new HashSet<string>(StringComparer.Ordinal);
        var needed = new HashSet<string>(StringComparer.Ordinal);
        var providers = new HashSet<string>(StringComparer.Ordinal);
        var successors = staying.Where(entry => !entry.Delete && Urn.IsProviderType(entry.Type)).ToList();
        foreach (var entry in staying)
        {
            urns.Add(entry.Urn);
            needed.UnionWith(entry.Dependencies());
            needed.Add(entry.Parent);
            // A mark goes over to the provider that follows, where there is one.
            if (!entry.PendingReplacement || SuccessorOf(entry.Provider, successors) is null)
            {
                providers.Add(entry.Provider);
            }
        }

        needed.ExceptWith(urns);
        return [.. leaving.Where(entry => (entry.Delete && needed.Contains(entry.Urn))
            || (Urn.IsProviderType(entry.Type) && providers.Contains(new ProviderReference(entry.Urn, entry.Id).ToString())))];
    }
}
