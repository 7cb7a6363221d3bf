using System.Globalization;
using System.Text;
using Reco.Training.Compression;

namespace Reco.Training.Packaging;

/// <summary>Draws the variants for <c>report.html</c>.</summary>
internal static class VariantPages
{
    /// <summary>Every figure.</summary>
    public static string Table(VariantSet variants, string served)
    {
        var html = new StringBuilder("<table><tr><th>Variant<th>Size<th>p50 of a request<th>p99<th>nDCG@10<th>recall@100 of the exact list<th>Largest difference of a vector");
        foreach (var row in variants.Rows)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{row.Name}{(row.Name == served ? " (served)" : "")}<td>{row.Bytes / 1024.0:N0} KiB<td>{row.P50Ms:F3} ms<td>{row.P99Ms:F3} ms<td>{row.Ndcg10:F4}<td>{row.Recall100:P1}<td>{row.MaxDifference:G3}");
        }

        html.Append("</table><p class=\"soft\">Time of the user tower and the top 10 over every item, one request at a time on one core, on the machine that trained; the variants take turns. ");
        return html.AppendJoin(' ', variants.Measured.GroupBy(row => row.Note).Select(group => $"{string.Join(", ", group.Select(row => row.Name))}: {group.Key}.")).Append("</p>").ToString();
    }

    /// <summary>Size against median time: down and to the left is better.</summary>
    public static string Chart(VariantSet variants, string served)
    {
        const double Left = 60, Width = 560, Top = 24, Height = 150, LabelWidth = 80, LabelHeight = 13;
        var rows = variants.Rows.ToArray();
        var (mostBytes, mostTime) = (rows.Max(row => row.Bytes), Math.Max(1e-9, rows.Max(row => row.P50Ms)));
        var svg = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"""
            <svg viewBox="0 0 730 220" role="img" aria-label="Size and median time of each variant"><line x1="{Left}" y1="{Top + Height}" x2="{Left + Width}" y2="{Top + Height}" stroke="var(--line)"/><line x1="{Left}" y1="{Top}" x2="{Left}" y2="{Top + Height}" stroke="var(--line)"/>
            <text x="{Left}" y="14">p50 of a request, ms</text><text x="{Left - 6}" y="{Top + 10}" text-anchor="end">{mostTime:G3}</text><text x="{Left - 6}" y="{Top + Height}" text-anchor="end">0</text><text x="{Left}" y="{Top + Height + 18}">0</text><text x="{Left + Width}" y="{Top + Height + 18}" text-anchor="end">{mostBytes / 1024.0:N0} KiB</text>
            """));
        var labels = new List<(double X, double Y)>();
        foreach (var row in rows)
        {
            var (x, y) = (Left + (row.Bytes / (double)mostBytes * Width), Top + Height - (row.P50Ms / mostTime * Height));
            var colour = row.Name == served ? "--c" : row.Note.Length > 0 ? "--b" : "--a";

            // Variants of about one size and time: their names stand one below the other.
            var label = y + 4;
            while (labels.Any(other => Math.Abs(other.X - x) < LabelWidth && Math.Abs(other.Y - label) < LabelHeight))
            {
                label += LabelHeight;
            }

            labels.Add((x, label));
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{x:F1}\" cy=\"{y:F1}\" r=\"6\" fill=\"var({colour})\"/><text x=\"{x + 9:F1}\" y=\"{label:F1}\">{row.Name}</text>");
        }

        return svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{Top + Height + 40}\">green: served; blue: could be; orange: measured only</text></svg>").ToString();
    }
}
