using System.Collections.Immutable;
using Reco.Engine.Values;

namespace Reco.Engine.Display;

/// <summary>Draws properties and their differences as indented lines, one a leaf: <c>~ path: old => new</c>.</summary>
/// <param name="text">How values are written.</param>
/// <param name="hidden">Paths below which differences are told, but not shown.</param>
internal sealed class PropertyTree(PropertyText text, ImmutableArray<string> hidden = default)
{
    private readonly List<PropertyPath> hidden = [.. (hidden.IsDefault ? [] : hidden).Select(path => PropertyPath.TryParse(path, out var parsed) ? parsed : null).OfType<PropertyPath>()];

    /// <summary>Every property of a map.</summary>
    /// <param name="map">Properties.</param>
    /// <param name="mark">+, - or blank.</param>
    /// <param name="indent">Spaces before the mark.</param>
    public IEnumerable<DiffLine> All(PropertyMap map, char mark, int indent) => map.Where(pair => !IsInternal(pair.Key)).SelectMany(pair => Whole(pair.Key, pair.Value, mark, indent));

    /// <summary>Differences between two maps.</summary>
    public IEnumerable<DiffLine> Differences(PropertyMap old, PropertyMap now, int indent) => Differences("", old, now, indent);

    private IEnumerable<DiffLine> Differences(string path, PropertyMap old, PropertyMap now, int indent) =>
        old.Keys.Union(now.Keys, StringComparer.Ordinal).Where(name => !IsInternal(name)).Order(StringComparer.Ordinal)
            .SelectMany(name => Difference(PropertyPath.Append(path, name), name, old.GetValueOrDefault(name), now.GetValueOrDefault(name), indent));

    private static bool IsInternal(string name) => name.StartsWith("__", StringComparison.Ordinal);

    private IEnumerable<DiffLine> Difference(string path, string name, PropertyValue? old, PropertyValue? now, int indent)
    {
        if (hidden.Count > 0 && !Equals(old, now) && PropertyPath.TryParse(path, out var at) && hidden.Exists(candidate => candidate.Contains(at)))
        {
            return [new DiffLine(old is null ? '+' : now is null ? '-' : '~', indent, $"{name} (hidden)")];
        }

        if (old is null || now is null)
        {
            return old is null ? Whole(name, now!, '+', indent) : Whole(name, old, '-', indent);
        }

        if (old.Equals(now))
        {
            return [];
        }

        return (Peel(old), Peel(now)) switch
        {
            (PropertyValue.MapValue a, PropertyValue.MapValue b) => Nested(name, '{', '}', Differences(path, a.Map, b.Map, indent + 4), indent),
            (PropertyValue.ListValue a, PropertyValue.ListValue b) => Nested(name, '[', ']', Items(path, a, b, indent + 4), indent),
            _ => [new DiffLine('~', indent, $"{name}: {text.Inline(old)} => {text.Inline(now)}")],
        };
    }

    // A secret around a map hides its parts; nothing else does.
    private static PropertyValue Peel(PropertyValue value) => value is PropertyValue.OutputValue { Element: { } element, IsSecret: false } ? element : value;

    private static IEnumerable<DiffLine> Nested(string name, char open, char close, IEnumerable<DiffLine> inner, int indent)
    {
        var lines = inner.ToList();
        return lines.Count == 0 ? [] : [new DiffLine('~', indent, $"{name}: {open}"), .. lines, new DiffLine(' ', indent, $"{close}")];
    }

    private IEnumerable<DiffLine> Items(string path, PropertyValue.ListValue old, PropertyValue.ListValue now, int indent) =>
        Enumerable.Range(0, Math.Max(old.Items.Length, now.Items.Length))
            .SelectMany(at => Difference($"{path}[{at}]", $"[{at}]", at < old.Items.Length ? old.Items[at] : null, at < now.Items.Length ? now.Items[at] : null, indent));

    private IEnumerable<DiffLine> Whole(string name, PropertyValue value, char mark, int indent) => Peel(value) switch
    {
        PropertyValue.MapValue { Map.Count: > 0 } map => [new DiffLine(mark, indent, $"{name}: {{"), .. All(map.Map, mark, indent + 4), new DiffLine(mark == ' ' ? ' ' : mark, indent, "}")],
        PropertyValue.ListValue { Items.Length: > 0 } list =>
            [new DiffLine(mark, indent, $"{name}: ["), .. list.Items.SelectMany((item, at) => Whole($"[{at}]", item, mark, indent + 4)), new DiffLine(mark, indent, "]")],
        var leaf => [new DiffLine(mark, indent, $"{name}: {text.Inline(leaf)}")],
    };
}

/// <summary>A line of a diff.</summary>
/// <param name="Mark">+, -, ~ or blank.</param>
/// <param name="Indent">Spaces before the mark.</param>
/// <param name="Text">The rest.</param>
internal sealed record DiffLine(char Mark, int Indent, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"{new string(' ', Indent)}{Mark} {Text}".TrimEnd();
}
