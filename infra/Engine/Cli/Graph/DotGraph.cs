using System.Text;
using Reco.Engine.State;

namespace Reco.Engine.Cli.Graph;

/// <summary>A stack's resources in Graphviz's language, as the official CLI writes them: edges lead from what is needed to
/// what needs it, labelled with the properties that carry the dependency, and from children to their parents.</summary>
internal static class DotGraph
{
    /// <summary>Writes the graph.</summary>
    public static string Write(IReadOnlyList<ResourceState> resources, GraphOptions options)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var text = new StringBuilder("strict digraph {\n");
        if (options.DotFragment.Length > 0)
        {
            text.Append("    ").Append(options.DotFragment).Append('\n');
        }

        foreach (var resource in resources)
        {
            if (numbers.TryAdd(resource.Urn, numbers.Count))
            {
                var label = options.ShortNames ? Planning.Urn.Name(resource.Urn) : resource.Urn;
                text.Append($"    Resource{numbers[resource.Urn]} [label=\"{Escape(label)}\"];\n");
            }
        }

        foreach (var resource in resources)
        {
            var own = numbers[resource.Urn];
            foreach (var urn in options.Dependencies ? resource.Dependencies.Where(numbers.ContainsKey) : [])
            {
                var properties = string.Join(", ", resource.PropertyDependencies.Where(entry => entry.Value.Contains(urn)).Select(entry => entry.Key));
                text.Append($"    Resource{numbers[urn]} -> Resource{own} [color = \"{Escape(options.DependencyColor)}\"{(properties.Length == 0 ? "" : $", label = \"{Escape(properties)}\"")}];\n");
            }

            if (options.Parents && numbers.TryGetValue(resource.Parent, out var parent))
            {
                text.Append($"    Resource{own} -> Resource{parent} [color = \"{Escape(options.ParentColor)}\"];\n");
            }
        }

        return text.Append("}\n").ToString();
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}

/// <summary>How a graph is drawn.</summary>
/// <param name="Parents">With edges to parents.</param>
/// <param name="Dependencies">With edges of dependencies.</param>
/// <param name="ParentColor">Colour of the former.</param>
/// <param name="DependencyColor">Colour of the latter.</param>
/// <param name="ShortNames">Names instead of URNs.</param>
/// <param name="DotFragment">DOT text to put first.</param>
internal sealed record GraphOptions(bool Parents, bool Dependencies, string ParentColor, string DependencyColor, bool ShortNames, string DotFragment);
