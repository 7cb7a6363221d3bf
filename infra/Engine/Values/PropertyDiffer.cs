using System.Globalization;

namespace Reco.Engine.Values;

/// <summary>Kind of difference at one path.</summary>
internal enum DifferenceKind
{
    /// <summary>Only the new side has it.</summary>
    Add,

    /// <summary>Only the old side has it.</summary>
    Delete,

    /// <summary>Both have it, with different values.</summary>
    Update,
}

/// <summary>Compares maps as the engine does where a provider has no opinion. A name with the null value and an absent
/// name are the same.</summary>
internal static class PropertyDiffer
{
    /// <summary>True where nothing differs.</summary>
    public static bool Same(PropertyMap old, PropertyMap @new) => ReferenceEquals(old, @new) || Compare(old, @new).Count == 0;

    /// <summary>Differences by path (<c>a.b[0]["odd key"]</c>), leaves only.</summary>
    public static SortedDictionary<string, DifferenceKind> Compare(PropertyMap old, PropertyMap @new)
    {
        var found = new SortedDictionary<string, DifferenceKind>(StringComparer.Ordinal);
        Compare("", old, @new, found);
        return found;
    }

    /// <summary>The top-level property name of a path that <see cref="Compare(PropertyMap, PropertyMap)"/> made.</summary>
    public static string TopLevel(string path) =>
        PropertyPath.TryParse(path, out var parsed) && parsed.First is { } first ? first : path;

    private static void Compare(string prefix, PropertyMap old, PropertyMap @new, SortedDictionary<string, DifferenceKind> found)
    {
        foreach (var (name, value) in old)
        {
            @new.TryGetValue(name, out var other);
            Compare(PropertyPath.Append(prefix, name), value, other, found);
        }

        foreach (var (name, value) in @new)
        {
            if (!old.ContainsKey(name))
            {
                Compare(PropertyPath.Append(prefix, name), null, value, found);
            }
        }
    }

    private static void Compare(string path, PropertyValue? old, PropertyValue? @new, SortedDictionary<string, DifferenceKind> found)
    {
        var hasOld = old is not (null or PropertyValue.NullValue);
        var hasNew = @new is not (null or PropertyValue.NullValue);
        switch (hasOld, hasNew)
        {
            case (false, false):
                return;
            case (false, true):
                found[path] = DifferenceKind.Add;
                return;
            case (true, false):
                found[path] = DifferenceKind.Delete;
                return;
        }

        switch (old, @new)
        {
            case (PropertyValue.MapValue oldMap, PropertyValue.MapValue newMap):
                Compare(path, oldMap.Map, newMap.Map, found);
                return;
            case (PropertyValue.ListValue oldList, PropertyValue.ListValue newList):
                for (var index = 0; index < Math.Max(oldList.Items.Length, newList.Items.Length); index++)
                {
                    var itemPath = string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
                    Compare(itemPath, index < oldList.Items.Length ? oldList.Items[index] : null, index < newList.Items.Length ? newList.Items[index] : null, found);
                }

                return;
            case (PropertyValue.AssetValue { Hash: { Length: > 0 } oldHash }, PropertyValue.AssetValue { Hash: { Length: > 0 } newHash }) when oldHash == newHash:
            case (PropertyValue.ArchiveValue { Hash: { Length: > 0 } oldArchive }, PropertyValue.ArchiveValue { Hash: { Length: > 0 } newArchive }) when oldArchive == newArchive:
                return;
            default:
                if (!Equals(old, @new))
                {
                    found[path] = DifferenceKind.Update;
                }

                return;
        }
    }
}
