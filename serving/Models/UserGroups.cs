using System.Collections.Frozen;
using System.Collections.Immutable;
using Reco.Bundle;

namespace Reco.Scoring.Models;

/// <summary>The groups of users that training found: somebody unknown who is likely to belong to one is answered by those who stand for
/// it.</summary>
internal sealed class UserGroups
{
    private readonly FrozenDictionary<string, int[]> members;

    private UserGroups(ImmutableArray<BundleGroup> all, FrozenDictionary<string, int[]> members) => (All, this.members) = (all, members);

    /// <summary>The groups, in the bundle's order.</summary>
    public ImmutableArray<BundleGroup> All { get; }

    /// <summary>Reads those of a bundle; one without has none.</summary>
    /// <exception cref="BundleException">The file cannot be read, two groups have one name, or nobody is known who stands for one.</exception>
    public static UserGroups Load(BundleReader bundle, UserDirectory users)
    {
        var members = new Dictionary<string, int[]>(StringComparer.Ordinal);
        var groups = bundle.ReadGroups();
        foreach (var group in groups)
        {
            var known = new List<int>(group.Group.Length);
            foreach (var id in group.Group)
            {
                if (users.TryFind(id, out var user))
                {
                    known.Add(user);
                }
            }

            if (known.Count == 0 || !members.TryAdd(group.Id, [.. known]))
            {
                throw new BundleException($"{bundle.Find(bundle.Manifest.Groups!)}: group \"{group.Id}\" {(known.Count == 0 ? "names no user of the bundle" : "is there twice")}; package the bundle again.");
            }
        }

        return new UserGroups(groups, members.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>The users who stand for a group.</summary>
    public bool TryFind(string id, out int[] users) => members.TryGetValue(id, out users!);
}
