using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Reco.Engine.Values;

/// <summary>A path into a property map: <c>root.nested[0]["odd key"].*</c>, where <c>*</c> stands for every member or
/// item. Elements are names (string) or positions (int).</summary>
internal sealed class PropertyPath
{
    /// <summary>Stands for every name and position.</summary>
    private const string Wildcard = "*";

    private readonly ImmutableArray<object> elements;

    private PropertyPath(ImmutableArray<object> elements) => this.elements = elements;

    /// <summary>The first element where it is a name, else null.</summary>
    public string? First => elements.Length > 0 ? elements[0] as string : null;

    /// <summary>Parses a path; false where it is not one.</summary>
    public static bool TryParse(string text, out PropertyPath path)
    {
        path = new([]);
        var found = ImmutableArray.CreateBuilder<object>();
        var at = 0;
        if (text.StartsWith('.'))
        {
            return false;
        }

        while (at < text.Length)
        {
            switch (text[at])
            {
                case '.':
                    at++;
                    if (at == text.Length)
                    {
                        return false;
                    }

                    break;
                case '[':
                    if (!TryParseBracket(text, ref at, found))
                    {
                        return false;
                    }

                    break;
                default:
                    var end = text.AsSpan(at).IndexOfAny('.', '[');
                    var name = end < 0 ? text[at..] : text.Substring(at, end);
                    found.Add(name);
                    at += name.Length;
                    break;
            }
        }

        path = new(found.ToImmutable());
        return found.Count > 0;
    }

    /// <summary>The path with a name appended, quoted where it needs to be.</summary>
    public static string Append(string prefix, string name)
    {
        var simple = name.Length > 0 && name.AsSpan().IndexOfAny(".[]\"") < 0;
        return simple
            ? prefix.Length == 0 ? name : $"{prefix}.{name}"
            : $"{prefix}[\"{name.Replace("\"", "\\\"", StringComparison.Ordinal)}\"]";
    }

    /// <summary>True where the other path is this one or lies below it.</summary>
    public bool Contains(PropertyPath other)
    {
        if (other.elements.Length < elements.Length)
        {
            return false;
        }

        for (var index = 0; index < elements.Length; index++)
        {
            if (!Wildcard.Equals(elements[index]) && !elements[index].Equals(other.elements[index]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The new map with what lies at this path set back to what it is in the old one (or taken away, where the
    /// old one has nothing there).</summary>
    /// <param name="old">Source.</param>
    /// <param name="new">Map to change.</param>
    /// <param name="valid">False where an element on the way was added or removed, so that nothing could be set back.</param>
    public PropertyMap Reset(PropertyMap old, PropertyMap @new, out bool valid)
    {
        var result = Reset(0, new PropertyValue.MapValue(old), new PropertyValue.MapValue(@new), false, false, out valid);
        return result is PropertyValue.MapValue map ? map.Map : @new;
    }

    private PropertyValue Reset(int at, PropertyValue old, PropertyValue @new, bool oldSecret, bool newSecret, out bool valid)
    {
        if (@new is PropertyValue.SecretValue secret)
        {
            var inner = Reset(at, old, secret.Element, oldSecret, true, out valid);
            return ReferenceEquals(inner, secret.Element) ? @new : new PropertyValue.SecretValue(inner);
        }

        if (old is PropertyValue.SecretValue oldInner)
        {
            return Reset(at, oldInner.Element, @new, true, newSecret, out valid);
        }

        PropertyValue Carry(PropertyValue value) => oldSecret && !newSecret ? value.AsSecret() : value;
        var last = at == elements.Length - 1;
        switch (elements[at])
        {
            case int position:
                return ResetItem(at, position, last, old, @new, oldSecret, newSecret, Carry, out valid);
            case Wildcard:
                return ResetAll(at, last, old, @new, oldSecret, newSecret, Carry, out valid);
        }

        var name = (string)elements[at];
        var oldMap = (old as PropertyValue.MapValue)?.Map;
        var newMap = (@new as PropertyValue.MapValue)?.Map;
        PropertyValue? oldValue = null;
        PropertyValue? newValue = null;
        oldMap?.TryGetValue(name, out oldValue);
        newMap?.TryGetValue(name, out newValue);
        valid = true;
        if (last)
        {
            if (oldValue is null)
            {
                return newMap is null || newValue is null ? @new : new PropertyValue.MapValue(newMap.Without(name));
            }

            valid = newMap is not null;
            return newMap is null ? @new : new PropertyValue.MapValue(newMap.With(name, Carry(oldValue)));
        }

        if (oldMap is null || newMap is null)
        {
            valid = oldMap is null && newMap is null;
            return @new;
        }

        if (oldValue is null || newValue is null)
        {
            valid = oldValue is null && newValue is null;
            return @new;
        }

        var changed = Reset(at + 1, oldValue, newValue, oldSecret, newSecret, out valid);
        return ReferenceEquals(changed, newValue) ? @new : new PropertyValue.MapValue(newMap.With(name, changed));
    }

    private PropertyValue ResetItem(
        int at, int position, bool last, PropertyValue old, PropertyValue @new, bool oldSecret, bool newSecret, Func<PropertyValue, PropertyValue> carry, out bool valid)
    {
        var oldItems = (old as PropertyValue.ListValue)?.Items;
        var newItems = (@new as PropertyValue.ListValue)?.Items;
        if (oldItems is not { } from || newItems is not { } to)
        {
            valid = oldItems is null && newItems is null;
            return @new;
        }

        if (position >= from.Length || position >= to.Length)
        {
            valid = last && position >= from.Length && position >= to.Length;
            return @new;
        }

        valid = true;
        var item = last ? carry(from[position]) : Reset(at + 1, from[position], to[position], oldSecret, newSecret, out valid);
        return new PropertyValue.ListValue(to.SetItem(position, item));
    }

    private PropertyValue ResetAll(
        int at, bool last, PropertyValue old, PropertyValue @new, bool oldSecret, bool newSecret, Func<PropertyValue, PropertyValue> carry, out bool valid)
    {
        switch (old, @new)
        {
            case (PropertyValue.MapValue from, PropertyValue.MapValue to):
                valid = true;
                if (last)
                {
                    return new PropertyValue.MapValue(new PropertyMap(from.Map.Select(entry => KeyValuePair.Create(entry.Key, carry(entry.Value)))));
                }

                var members = to.Map.ToDictionary(entry => entry.Key, entry => entry.Value);
                foreach (var (name, value) in from.Map)
                {
                    if (!members.TryGetValue(name, out var target))
                    {
                        valid = false;
                        continue;
                    }

                    members[name] = Reset(at + 1, value, target, oldSecret, newSecret, out var memberValid);
                    valid &= memberValid;
                }

                return new PropertyValue.MapValue(new PropertyMap(members));
            case (PropertyValue.ListValue from, PropertyValue.ListValue to):
                valid = from.Items.Length == to.Items.Length;
                var items = to.Items.ToBuilder();
                for (var index = 0; index < Math.Min(from.Items.Length, to.Items.Length); index++)
                {
                    if (last)
                    {
                        items[index] = carry(from.Items[index]);
                    }
                    else
                    {
                        items[index] = Reset(at + 1, from.Items[index], to.Items[index], oldSecret, newSecret, out var itemValid);
                        valid &= itemValid;
                    }
                }

                return new PropertyValue.ListValue(items.ToImmutable());
            default:
                valid = last && @new is PropertyValue.MapValue or PropertyValue.ListValue;
                return @new;
        }
    }

    private static bool TryParseBracket(string text, ref int at, ImmutableArray<object>.Builder found)
    {
        if (at + 1 < text.Length && text[at + 1] == '"')
        {
            var name = new StringBuilder();
            var index = at + 2;
            while (index < text.Length && text[index] != '"')
            {
                if (text[index] == '\\' && index + 1 < text.Length && text[index + 1] == '"')
                {
                    index++;
                }

                name.Append(text[index++]);
            }

            if (index + 1 >= text.Length || text[index + 1] != ']')
            {
                return false;
            }

            found.Add(name.ToString());
            at = index + 2;
            return true;
        }

        var close = text.IndexOf(']', at);
        if (close < 0)
        {
            return false;
        }

        var segment = text[(at + 1)..close];
        at = close + 1;
        if (segment == Wildcard)
        {
            found.Add(Wildcard);
            return true;
        }

        if (int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
        {
            found.Add(position);
            return true;
        }

        return false;
    }
}
