using Reco.Engine.Planning;
using Reco.Engine.State;

namespace Reco.Engine.Cli.Graph;

/// <summary>A resource with its place: column by what it needs, row so that edges cross little.</summary>
internal sealed class GraphNode(ResourceState resource, int column)
{
    /// <summary>The resource.</summary>
    public ResourceState Resource => resource;

    /// <summary>Its column.</summary>
    public int Column => column;

    /// <summary>Row within the column.</summary>
    public int Row { get; set; }
}

/// <summary>Arranges a stack's resources in columns: what needs nothing on the left, everything else to the right of what
/// it needs. The engine's own providers and the stack itself, to which everything is tied, are left out.</summary>
internal sealed class GraphLayout
{
    private const int Sweeps = 6;
    private readonly Dictionary<string, GraphNode> nodes = new(StringComparer.Ordinal);
    private readonly List<(GraphNode From, GraphNode To, bool IsParent)> edges = [];

    /// <summary>Arranges resources that stand in dependency order.</summary>
    public GraphLayout(IReadOnlyList<ResourceState> resources, GraphOptions options)
    {
        foreach (var resource in resources.Where(resource => resource.Type != Urn.RootStackType && !Urn.IsDefaultProvider(resource.Urn) && !resource.Delete))
        {
            var needs = Needs(resource, options).ToList();
            var node = new GraphNode(resource, needs.Count == 0 ? 0 : needs.Max(need => need.Node.Column) + 1);
            nodes[resource.Urn] = node;
            edges.AddRange(needs.Select(need => (need.Node, node, need.IsParent)));
        }

        Columns = [.. nodes.Values.GroupBy(node => node.Column).OrderBy(column => column.Key).Select(column => column.ToList())];
        Arrange();
    }

    /// <summary>Nodes by column.</summary>
    public IReadOnlyList<List<GraphNode>> Columns { get; }

    /// <summary>Edges from what is needed to what needs it, or from parent to child.</summary>
    public IReadOnlyList<(GraphNode From, GraphNode To, bool IsParent)> Edges => edges;

    private IEnumerable<(GraphNode Node, bool IsParent)> Needs(ResourceState resource, GraphOptions options)
    {
        if (options.Dependencies)
        {
            foreach (var urn in resource.Dependencies().Append(ProviderReference.UrnOf(resource.Provider)).Distinct())
            {
                if (nodes.TryGetValue(urn, out var node))
                {
                    yield return (node, false);
                }
            }
        }

        if (options.Parents && nodes.TryGetValue(resource.Parent, out var parent))
        {
            yield return (parent, true);
        }
    }

    // Each node goes to the mean row of its neighbours, column by column, back and forth.
    private void Arrange()
    {
        var neighbours = nodes.Values.ToDictionary(node => node, _ => new List<GraphNode>());
        foreach (var (from, to, _) in edges)
        {
            neighbours[from].Add(to);
            neighbours[to].Add(from);
        }

        Number();
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            foreach (var column in sweep % 2 == 0 ? Columns : Columns.Reverse())
            {
                var wanted = column.ToDictionary(node => node, node => neighbours[node].Count == 0 ? node.Row : neighbours[node].Average(other => other.Row));
                column.Sort((left, right) => wanted[left].CompareTo(wanted[right]) is not 0 and var order ? order : left.Row.CompareTo(right.Row));
                for (var row = 0; row < column.Count; row++)
                {
                    column[row].Row = row;
                }
            }
        }
    }

    private void Number()
    {
        foreach (var column in Columns)
        {
            for (var row = 0; row < column.Count; row++)
            {
                column[row].Row = row;
            }
        }
    }
}
