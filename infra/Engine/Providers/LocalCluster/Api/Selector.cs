using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>Label and field selectors of lists and watches.</summary>
internal sealed class Selector
{
    private static readonly Dictionary<string, string[]> Fields = new(StringComparer.Ordinal)
    {
        ["Pod"] = ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase", "status.podIP"],
        ["Event"] = ["involvedObject.kind", "involvedObject.name", "involvedObject.namespace", "involvedObject.uid", "involvedObject.apiVersion", "reason", "type", "source.component"],
        ["Secret"] = ["type"],
        ["Namespace"] = ["status.phase"],
        ["Job"] = ["status.successful"],
        ["ReplicaSet"] = ["status.replicas"],
    };

    private readonly List<Func<JsonObject, bool>> conditions = [];

    /// <summary>Whether it selects everything.</summary>
    public bool IsEmpty => conditions.Count == 0;

    /// <summary>Reads selectors, for example <c>app=a,tier!=b,env in (x, y),!legacy</c>.</summary>
    /// <param name="kind">Kind of the objects: each knows some fields only.</param>
    /// <param name="labels">Label selector.</param>
    /// <param name="fields">Field selector.</param>
    /// <exception cref="ApiException">One that is not understood.</exception>
    public static Selector Parse(string kind, string? labels, string? fields)
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

            var field = parts[0].Trim();
            if (field is not ("metadata.name" or "metadata.namespace") && Fields.GetValueOrDefault(kind)?.Contains(field) != true)
            {
                throw ApiException.BadRequest($"field label not supported: {field}");
            }

            var path = field == "status.successful" ? ["status", "succeeded"] : field.Split('.');
            selector.conditions.Add(value => ((value.At(path)?.ToString() ?? "") == parts[1].Trim()) != differs);
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
            if (head is not [_, "in" or "notin"] || !Labels.IsKey(head[0]))
            {
                throw ApiException.BadRequest($"label selector \"{term}\" is not understood");
            }

            var negated = head[1] == "notin";
            return value => (Get(value, head[0]) is { } label && values.Contains(label)) != negated;
        }

        if (term.StartsWith('!'))
        {
            return value => Get(value, term[1..].Trim()) is null;
        }

        var differs = term.Contains("!=", StringComparison.Ordinal);
        var parts = term.Split(differs ? "!=" : term.Contains("==", StringComparison.Ordinal) ? "==" : "=", 2);
        if (!Labels.IsKey(parts[0].Trim()) || (parts.Length == 2 && !Labels.IsValue(parts[1].Trim())))
        {
            throw ApiException.BadRequest($"label selector \"{term}\" is not understood");
        }

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
