using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Diffing;

/// <summary>What happened to one property.</summary>
internal enum ChangeKind
{
    /// <summary>It is new.</summary>
    Add,

    /// <summary>It is gone.</summary>
    Delete,

    /// <summary>It has another value.</summary>
    Update,
}

/// <summary>One changed property.</summary>
/// <param name="Path">Where.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Value">The new value; null for a deletion.</param>
internal sealed record Change(PropertyPath Path, ChangeKind Kind, JsonNode? Value);

/// <summary>Compares two objects and names the innermost properties that differ. A null member counts as absent, as in
/// JSON merge patch (RFC 7386), on which the official provider builds; list items are compared by position.</summary>
internal static class ObjectDiff
{
    /// <summary>The changes from one object to another.</summary>
    /// <param name="before">The old object, cut to what the program gave before (see <c>Pruner</c>).</param>
    /// <param name="after">What the program gives now.</param>
    /// <param name="given">What the program gave before: a member given as "nothing" (false, 0, "", {}, []) that the
    /// cluster dropped is no change as long as the program still gives it.</param>
    public static IReadOnlyList<Change> Compare(JsonObject before, JsonObject after, JsonObject? given = null)
    {
        var changes = new List<Change>();
        CompareObjects(before, after, given, PropertyPath.Root, changes);
        return changes;
    }

    private static void CompareObjects(JsonObject before, JsonObject after, JsonObject? given, PropertyPath path, List<Change> changes)
    {
        foreach (var (key, value) in before)
        {
            after.TryGetPropertyValue(key, out var other);
            CompareValues(value, other, given?[key], path.Member(key), changes);
        }

        foreach (var (key, value) in after)
        {
            if (!before.ContainsKey(key))
            {
                CompareValues(null, value, given?[key], path.Member(key), changes);
            }
        }
    }

    private static void CompareValues(JsonNode? before, JsonNode? after, JsonNode? given, PropertyPath path, List<Change> changes)
    {
        switch (before, after)
        {
            case (null, null):
                break;
            case (null, _):
                if (!(Json.IsEmpty(after) && given is not null && Json.Same(after, given)))
                {
                    changes.Add(new Change(path, ChangeKind.Add, after));
                }

                break;
            case (_, null):
                changes.Add(new Change(path, ChangeKind.Delete, null));
                break;
            case (JsonObject a, JsonObject b):
                CompareObjects(a, b, given as JsonObject, path, changes);
                break;
            case (JsonArray a, JsonArray b):
                CompareLists(a, b, given as JsonArray, path, changes);
                break;
            default:
                if (!Json.Same(before, after))
                {
                    changes.Add(new Change(path, ChangeKind.Update, after));
                }

                break;
        }
    }

    private static void CompareLists(JsonArray before, JsonArray after, JsonArray? given, PropertyPath path, List<Change> changes)
    {
        for (var i = 0; i < Math.Max(before.Count, after.Count); i++)
        {
            if (i >= before.Count)
            {
                changes.Add(new Change(path.Item(i), ChangeKind.Add, after[i]));
            }
            else if (i >= after.Count)
            {
                changes.Add(new Change(path.Item(i), ChangeKind.Delete, null));
            }
            else
            {
                CompareValues(before[i], after[i], i < given?.Count ? given[i] : null, path.Item(i), changes);
            }
        }
    }
}
