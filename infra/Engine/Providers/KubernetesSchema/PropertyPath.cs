using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Reco.KubernetesSchema;

/// <summary>Path of a property in Pulumi's notation: <c>spec.containers[0].name</c>, <c>metadata.labels["a.b/c"]</c>.</summary>
internal sealed class PropertyPath
{
    private readonly ImmutableArray<object> steps;

    private PropertyPath(ImmutableArray<object> steps) => this.steps = steps;

    /// <summary>The object itself.</summary>
    public static PropertyPath Root { get; } = new([]);

    /// <summary>Member names (string) and positions (int).</summary>
    public ImmutableArray<object> Steps => steps;

    /// <summary>Reads a path; <c>[*]</c> and <c>*</c> are the step "*".</summary>
    /// <exception cref="FormatException">Not a path.</exception>
    public static PropertyPath Parse(string text)
    {
        var steps = ImmutableArray.CreateBuilder<object>();
        var at = 0;
        while (at < text.Length)
        {
            if (text[at] == '.')
            {
                at++;
            }
            else if (text[at] == '[')
            {
                at = ParseBracket(text, at + 1, steps);
            }
            else
            {
                var end = text.AsSpan(at).IndexOfAny('.', '[');
                end = end < 0 ? text.Length : at + end;
                steps.Add(text[at..end]);
                at = end;
            }
        }

        return new PropertyPath(steps.ToImmutable());
    }

    /// <summary>Path of a member.</summary>
    public PropertyPath Member(string key) => new(steps.Add(key));

    /// <summary>Path of an item.</summary>
    public PropertyPath Item(int index) => new(steps.Add(index));

    /// <summary>Whether the other path is this one or below it; "*" here stands for any step there.</summary>
    public bool Contains(PropertyPath other) =>
        steps.Length <= other.steps.Length
        && steps.Zip(other.steps).All(pair => pair.First is "*" || pair.First.Equals(pair.Second));

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var step in steps)
        {
            if (step is int index)
            {
                text.Append('[').Append(index.ToString(CultureInfo.InvariantCulture)).Append(']');
            }
            else if (step is string key && key.AsSpan().IndexOfAny(".\"[]") >= 0)
            {
                text.Append("[\"").Append(key.Replace("\"", "\\\"", StringComparison.Ordinal)).Append("\"]");
            }
            else
            {
                text.Append(text.Length > 0 ? "." : "").Append((string)step);
            }
        }

        return text.ToString();
    }

    private static int ParseBracket(string text, int at, ImmutableArray<object>.Builder steps)
    {
        if (at < text.Length && text[at] == '"')
        {
            var key = new StringBuilder();
            for (at++; at < text.Length && text[at] != '"'; at++)
            {
                if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] == '"')
                {
                    at++;
                }

                key.Append(text[at]);
            }

            steps.Add(key.ToString());
            at++;
        }
        else
        {
            var end = text.IndexOf(']', at);
            var inner = end < 0 ? "" : text[at..end];
            steps.Add(int.TryParse(inner, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index
                : inner == "*" ? "*"
                : throw new FormatException($"\"{text}\" is not a property path: [{inner}] is neither an index nor a quoted name."));
            at = end;
        }

        return at < text.Length && text[at] == ']' ? at + 1 : throw new FormatException($"\"{text}\" is not a property path: ] is missing.");
    }
}
