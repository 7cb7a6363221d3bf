using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Reco.Engine.Planning;
using Reco.Engine.State;

namespace Reco.Engine.Cli.Graph;

/// <summary>Draws a stack's resources as an SVG picture that follows the reader's light or dark theme. Point at a box for
/// its URN.</summary>
internal static class SvgGraph
{
    private const int Width = 230;
    private const int Height = 44;
    private const int ColumnGap = 90;
    private const int RowGap = 16;
    private const int Margin = 24;
    private const int Header = 56;
    private const int LongestText = 30;
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>Draws.</summary>
    public static string Write(string stack, IReadOnlyList<ResourceState> resources, GraphOptions options)
    {
        var layout = new GraphLayout(resources, options);
        var rows = layout.Columns.Select(column => column.Count).DefaultIfEmpty(0).Max();
        var width = Math.Max(420, (2 * Margin) + (layout.Columns.Count * (Width + ColumnGap)) - ColumnGap);
        var height = Header + Margin + (rows * (Height + RowGap));
        int X(GraphNode node) => Margin + (node.Column * (Width + ColumnGap));
        int Y(GraphNode node) => Header + ((rows - layout.Columns[node.Column].Count) * (Height + RowGap) / 2) + (node.Row * (Height + RowGap));

        var picture = new XElement(
            Svg + "svg",
            new XAttribute("width", width),
            new XAttribute("height", height),
            new XAttribute("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {width} {height}")),
            new XAttribute("role", "img"),
            new XElement(Svg + "title", $"Resources of stack {stack}"),
            new XElement(Svg + "style", Style(options)),
            new XElement(Svg + "rect", new XAttribute("class", "page"), new XAttribute("width", width), new XAttribute("height", height)),
            Text(Margin, 30, "heading", $"{stack}: {layout.Columns.Sum(column => column.Count)} resources"));
        Legend(picture, options, width);
        foreach (var (from, to, isParent) in layout.Edges)
        {
            picture.Add(Edge(X(from) + Width, Y(from) + (Height / 2), X(to), Y(to) + (Height / 2), isParent));
        }

        foreach (var node in layout.Columns.SelectMany(column => column))
        {
            picture.Add(Box(node.Resource, X(node), Y(node)));
        }

        return new XDocument(picture).ToString() + "\n";
    }

    private static XElement Box(ResourceState resource, int x, int y) => new(
        Svg + "g",
        new XAttribute("class", resource.Custom ? "resource" : "component"),
        new XElement(Svg + "title", resource.Urn + (resource.Id.Length > 0 ? $"\n{resource.Id}" : "")),
        new XElement(Svg + "rect", new XAttribute("x", x), new XAttribute("y", y), new XAttribute("width", Width), new XAttribute("height", Height), new XAttribute("rx", 6)),
        Text(x + 10, y + 19, "name", Short(Urn.Name(resource.Urn)) + (resource.Protect ? " \U0001F512" : "")),
        Text(x + 10, y + 35, "type", Short(resource.Type)));

    private static XElement Edge(int x1, int y1, int x2, int y2, bool isParent)
    {
        var bend = Math.Max(30, (x2 - x1) / 2);
        return new XElement(
            Svg + "path",
            new XAttribute("class", isParent ? "parent" : "dependency"),
            new XAttribute("d", string.Create(CultureInfo.InvariantCulture, $"M{x1},{y1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}")));
    }

    private static void Legend(XElement picture, GraphOptions options, int width)
    {
        var x = width - Margin - 190;
        foreach (var (shown, isParent, label) in new[] { (options.Dependencies, false, "is needed by"), (options.Parents, true, "is parent of") })
        {
            if (shown)
            {
                picture.Add(Edge(x, 26, x + 24, 26, isParent), Text(x + 30, 30, "type", label));
                x += 104;
            }
        }
    }

    private static XElement Text(int x, int y, string kind, string text) => new(Svg + "text", new XAttribute("class", kind), new XAttribute("x", x), new XAttribute("y", y), text);

    private static string Short(string text) => text.Length <= LongestText ? text : "…" + text[^(LongestText - 1)..];

    private static string Style(GraphOptions options) => new StringBuilder()
        .Append("text{font-family:system-ui,sans-serif;fill:#1f2328}.heading{font-size:16px;font-weight:600}.name{font-size:13px;font-weight:600}.type{font-size:11px;fill:#59636e}")
        .Append(".page{fill:#fff}.resource rect{fill:#f6f8fa;stroke:#8c959f}.component rect{fill:#fff8f0;stroke:#aa6639;stroke-dasharray:4 3}")
        .Append($"path{{fill:none;stroke-width:1.5}}.dependency{{stroke:{options.DependencyColor}}}.parent{{stroke:{options.ParentColor};stroke-dasharray:4 3}}")
        .Append("@media(prefers-color-scheme:dark){text{fill:#e6edf3}.type{fill:#9198a1}.page{fill:#0d1117}.resource rect{fill:#161b22;stroke:#6e7681}.component rect{fill:#1f1710}.dependency{stroke:#4fb3a2}}")
        .ToString();
}
