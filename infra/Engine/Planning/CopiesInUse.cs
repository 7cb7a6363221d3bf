using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>Entries that are to go although something that stays cannot be without them.</summary>
internal static class CopiesInUse
{
    /// <summary>Those of <paramref name="leaving"/> that an entry which stays refers to: providers by their ID, copies that
    /// await deletion by their URN where no other entry has it.</summary>
    public static List<ResourceState> Among(IReadOnlyCollection<ResourceState> leaving, IEnumerable<ResourceState> staying)
    {
        var urns = new HashSet<string>(StringComparer.Ordinal);
        var needed = new HashSet<string>(StringComparer.Ordinal);
        var providers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in staying)
        {
            urns.Add(entry.Urn);
            needed.UnionWith(entry.Dependencies());
            needed.Add(entry.Parent);
            if (!entry.PendingReplacement)
            {
                // A mark goes over to the provider that follows.
                providers.Add(entry.Provider);
            }
        }

        needed.ExceptWith(urns);
        return [.. leaving.Where(entry => (entry.Delete && needed.Contains(entry.Urn))
            || (Urn.IsProviderType(entry.Type) && providers.Contains(new ProviderReference(entry.Urn, entry.Id).ToString())))];
    }
}
