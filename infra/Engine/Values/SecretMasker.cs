using System.Collections.Concurrent;

namespace Reco.Engine.Values;

/// <summary>Replaces the secrets that this run has seen by <c>[secret]</c> in everything that people or logs get to
/// read. Strings of fewer than three characters are not masked: they would blank out ordinary text.</summary>
public sealed class SecretMasker
{
    private const string Mask = "[secret]";
    private const int ShortestSecret = 3;

    private readonly ConcurrentDictionary<string, byte> known = new(StringComparer.Ordinal);
    private string[] byLength = [];
    private int sorted;

    /// <summary>Adds one secret string.</summary>
    public void Add(string secret)
    {
        if (secret.Length < ShortestSecret || bool.TryParse(secret, out _) || secret == Mask)
        {
            return;
        }

        known.TryAdd(secret, 0);
        if (secret.Contains('\n', StringComparison.Ordinal))
        {
            // Logs come line by line.
            foreach (var line in secret.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.Length >= 8)
                {
                    known.TryAdd(line, 0);
                }
            }
        }
    }

    /// <summary>Adds every string inside a secret of the map.</summary>
    public void AddSecretsOf(PropertyMap map)
    {
        foreach (var value in map.Values)
        {
            Add(value, secret: false);
        }
    }

    /// <summary>The text with every known secret replaced.</summary>
    public string Apply(string text)
    {
        if (known.IsEmpty || text.Length < ShortestSecret)
        {
            return text;
        }

        if (sorted != known.Count)
        {
            // Longest first, so that a secret inside another does not leave the rest of it readable.
            var keys = known.Keys.OrderByDescending(key => key.Length).ToArray();
            byLength = keys;
            sorted = keys.Length;
        }

        foreach (var secret in byLength)
        {
            text = text.Replace(secret, Mask, StringComparison.Ordinal);
        }

        return text;
    }

    private void Add(PropertyValue value, bool secret)
    {
        switch (value)
        {
            case PropertyValue.StringValue text when secret:
                Add(text.Value);
                break;
            case PropertyValue.AssetValue { Text: { } content } when secret:
                Add(content);
                break;
            case PropertyValue.ArchiveValue { Assets: { } members }:
                foreach (var member in members.Values)
                {
                    Add(member, secret);
                }

                break;
            case PropertyValue.SecretValue inner:
                Add(inner.Element, secret: true);
                break;
            case PropertyValue.OutputValue { Element: not null } output:
                Add(output.Element, secret || output.IsSecret);
                break;
            case PropertyValue.ListValue list:
                foreach (var item in list.Items)
                {
                    Add(item, secret);
                }

                break;
            case PropertyValue.MapValue map:
                foreach (var item in map.Map.Values)
                {
                    Add(item, secret);
                }

                break;
        }
    }
}
