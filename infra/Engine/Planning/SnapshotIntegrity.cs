using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>The rules that every snapshot keeps: each URN has at most one entry that does not await deletion, and
/// parents, providers and dependencies stand before what refers to them.</summary>
internal static class SnapshotIntegrity
{
    /// <summary>What is wrong with the snapshot, or null.</summary>
    public static string? Verify(Snapshot snapshot)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var live = new HashSet<string>(StringComparer.Ordinal);
        var providers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in snapshot.Resources)
        {
            if (entry.Parent.Length > 0 && !seen.Contains(entry.Parent))
            {
                return $"resource {entry.Urn} refers to the parent {entry.Parent}, which is missing or comes after it";
            }

            if (entry.Provider.Length > 0)
            {
                if (!ProviderReference.TryParse(entry.Provider, out _))
                {
                    return $"resource {entry.Urn} has the malformed provider reference '{entry.Provider}'";
                }

                if (!providers.Contains(entry.Provider))
                {
                    return $"resource {entry.Urn} refers to the provider {entry.Provider}, which is missing or comes after it";
                }
            }

            foreach (var dependency in entry.Dependencies())
            {
                if (!seen.Contains(dependency))
                {
                    return $"resource {entry.Urn} depends on {dependency}, which is missing or comes after it";
                }
            }

            if (!entry.Delete && !live.Add(entry.Urn))
            {
                return $"resource {entry.Urn} has two entries";
            }

            seen.Add(entry.Urn);
            if (Urn.IsProviderType(entry.Type))
            {
                providers.Add(new ProviderReference(entry.Urn, entry.Id).ToString());
            }
        }

        return null;
    }

    /// <summary>The snapshot in dependency order and without references to what is not in it.</summary>
    public static Snapshot Repair(Snapshot snapshot)
    {
        var known = snapshot.Resources.Select(entry => entry.Urn).ToHashSet(StringComparer.Ordinal);
        var parents = new Dictionary<string, string>(StringComparer.Ordinal);
        var live = new HashSet<string>(StringComparer.Ordinal);
        var repaired = new List<ResourceState>();
        foreach (var entry in snapshot.Resources)
        {
            var parent = entry.Parent.Length == 0 || known.Contains(entry.Parent) ? entry.Parent : parents.GetValueOrDefault(entry.Parent, "");
            parents[entry.Urn] = parent;
            var clean = entry.WithoutDangling(known.Contains) with { Parent = parent };

            // A second live entry cannot be kept as such, and must not be forgotten either: it awaits deletion.
            repaired.Add(!clean.Delete && !live.Add(clean.Urn) ? clean with { Delete = true } : clean);
        }

        return snapshot with { Resources = [.. SnapshotOrder.Sort(repaired)] };
    }
}
