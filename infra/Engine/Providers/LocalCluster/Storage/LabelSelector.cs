using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Reco.LocalCluster.Storage;

/// <summary>A selector in an object: <c>matchLabels</c> and <c>matchExpressions</c>.</summary>
internal sealed class LabelSelector
{
    private readonly IReadOnlyDictionary<string, string> labels;
    private readonly (string Key, string Operator, HashSet<string> Values)[] expressions;

    private LabelSelector(JsonNode? selector)
    {
        labels = selector.Map("matchLabels");
        expressions = [.. selector.Items("matchExpressions").Select(entry => (entry.Text("key") ?? "", entry.Text("operator") ?? "", entry.Texts("values").ToHashSet()))];
    }

    /// <summary>Reads a selector; one that is not there selects everything.</summary>
    public static LabelSelector Parse(JsonNode? selector) => new(selector);

    /// <summary>Whether it asks for nothing.</summary>
    public bool IsEmpty => labels.Count == 0 && expressions.Length == 0;

    /// <summary>Whether it selects an object with these labels.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> given) => given.Matches(labels) && expressions.All(entry => entry.Operator switch
    {
        "In" => given.TryGetValue(entry.Key, out var value) && entry.Values.Contains(value),
        "NotIn" => !given.TryGetValue(entry.Key, out var value) || !entry.Values.Contains(value),
        "Exists" => given.ContainsKey(entry.Key),
        "DoesNotExist" => !given.ContainsKey(entry.Key),
        _ => false,
    });
}

/// <summary>Syntax of labels.</summary>
internal static partial class Labels
{
    /// <summary>Whether a text can name a label.</summary>
    public static bool IsKey(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var name = key[(slash + 1)..];
        return name.Length is > 0 and <= 63 && Word().IsMatch(name) && (slash < 0 || (slash is > 0 and <= 253 && Prefix().IsMatch(key[..slash])));
    }

    /// <summary>Whether a text can be a label's value.</summary>
    public static bool IsValue(string value) => value.Length == 0 || (value.Length <= 63 && Word().IsMatch(value));

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\z")]
    private static partial Regex Word();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Prefix();
}
