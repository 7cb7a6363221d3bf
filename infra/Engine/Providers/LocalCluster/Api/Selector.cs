using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>Label and field selectors of lists and watches.</summary>
internal sealed class Selector
{
    private readonly List<Func<JsonObject, bool>> conditions = [];

    /// <summary>Reads selectors, for example <c>app=a,tier!=b,env in (x, y),!legacy</c>.</summary>
    public static Selector Parse(string? labels, string? fields)
    {
        var selector = new Selector();
        foreach (var term in Terms(labels))
        {
            selector.conditions.Add(Label(term));
        }

        foreach (var term in Terms(fields))
        {
            var differs = term.Contains("!=", StringComparison.Ordinal);
            var parts = term.Split(differs ? "!=" : term.Contains("==", StringComparison.Ordinal) ? "==" : "=", 2);
            if (parts.Length != 2)
            {
                throw ApiException.BadRequest($"field selector \"{term}\" is not understood");
            }

            var path = parts[0].Trim().Split('.');
            selector.conditions.Add(value => ((value.Text(path) ?? "") == parts[1].Trim()) != differs);
        }

        return selector;
    }

    /// <summary>Whether an object is selected.</summary>
    public bool Matches(JsonObject value) => conditions.All(condition => condition(value));

    private static Func<JsonObject, bool> Label(string term)
    {
        if (term.IndexOf('(', StringComparison.Ordinal) is var open and > 0)
        {
            var head = term[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var values = term[(open + 1)..].TrimEnd(')', ' ').Split(',', StringSplitOptions.TrimEntries).ToHashSet();
            var negated = head is [_, "notin"];
            return value => (Get(value, head[0]) is { } label && values.Contains(label)) != negated;
        }

        if (term.StartsWith('!'))
        {
            return value => Get(value, term[1..].Trim()) is null;
        }

        var differs = term.Contains("!=", StringComparison.Ordinal);
        var parts = term.Split(differs ? "!=" : term.Contains("==", StringComparison.Ordinal) ? "==" : "=", 2);
        return parts.Length == 1
            ? value => Get(value, term) is not null
            : value => (Get(value, parts[0].Trim()) == parts[1].Trim()) != differs;
    }

    private static string? Get(JsonObject value, string label) => value.At("metadata", "labels") is JsonObject labels ? labels[label].Text() : null;

    /// <summary>Splits at commas that stand outside of parentheses.</summary>
    private static IEnumerable<string> Terms(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            yield break;
        }

        var (start, depth) = (0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0))
            {
                if (text[start..i].Trim() is { Length: > 0 } term)
                {
                    yield return term;
                }

                start = i + 1;
            }
            else
            {
                depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            }
        }
    }
}
