using System.Globalization;
using System.Net;
using System.Text;
using Reco.Training.Compression;
using Reco.Training.Data;
using Reco.Training.Evaluation;
using Reco.Training.Model;
using Reco.Training.Ranking;
using Reco.Training.Search;

namespace Reco.Training.Packaging;

/// <summary>Draws <c>report.html</c>: one file, no network, plots as SVG.</summary>
internal static class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #1c2733; --soft: #5b6b7b; --line: #d7dee6; --a: #1769aa; --b: #c2571a; --c: #5a8f29; --paper: #fff; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa8b6; --line: #33404d; --a: #58a6e0; --b: #e8935a; --c: #93c95c; --paper: #12181f; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } table { border-collapse: collapse; width: 100%; }
        td, th { text-align: right; padding: .3rem .6rem; border-bottom: 1px solid var(--line); } td:first-child, th:first-child { text-align: left; }
        .verdict { border-left: 4px solid var(--c); padding: .5rem 1rem; background: color-mix(in srgb, var(--c) 10%, transparent); } .soft { color: var(--soft); } td .soft { display: block; white-space: nowrap; font-size: .85em; } summary { cursor: pointer; color: var(--soft); }
        svg { width: 100%; height: auto; } text { fill: var(--ink); font-size: 12px; }
        """;

    /// <summary>The page.</summary>
    public static string Render(string model, Shop shop, EvaluationReport evaluation, TrainedModel trained, VariantSet variants, string served, SearchReport? search, RunOptions options, IReadOnlyList<StageTime> stages)
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{Text(model)}: evaluation</title><style>{Style}</style>");
        html.Append(CultureInfo.InvariantCulture, $"<h1>{Text(model)}: evaluation</h1><p class=\"soft\">Data set {Text(shop.Name)}: {shop.Interactions.Length:N0} interactions of {shop.Users.Count:N0} users with {shop.Items.Count:N0} items. Held out: the last {evaluation.HoldoutDays} days, {evaluation.Users:N0} users{(evaluation.Users < evaluation.HeldOutUsers ? FormattableString.Invariant($", a random sample of {evaluation.HeldOutUsers:N0}") : "")}. {Text(evaluation.Protocol)}.</p>");
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"verdict\"><b>{(evaluation.Gate.Promoted ? "Promoted" : "Not promoted")}.</b> {Text(evaluation.Gate.Reason)}.</p>");
        html.Append("<h2>nDCG@10 with 95 % interval</h2>").Append(Bars(evaluation));
        html.Append("<h2>Difference in nDCG@10 of the model, paired by user</h2>").Append(DifferenceTable(evaluation));
        html.Append("<h2>By how much is known of the user (nDCG@10)</h2>").Append(SegmentTable(evaluation));
        html.Append("<h2>By group of users (nDCG@10)</h2>").Append(GroupTable(evaluation));
        html.Append("<h2>Items and users that training did not know</h2>").Append(ColdTable(evaluation.ColdStart));
        html.Append("<h2>Training</h2>").Append(Curve(trained.Curve)).Append(RankerTable(trained.Search));
        html.Append("<h2>Variants</h2>").Append(VariantPages.Chart(variants, served)).Append(VariantPages.Table(variants, served));
        html.Append("<h2>Search by text</h2>").Append(SearchTable(search));
        html.Append("<h2>Every metric</h2><details><summary>Table with 95 % intervals</summary>").Append(MetricTable(evaluation)).Append("</details>");
        html.Append("<h2>Stages</h2><table><tr><th>Stage<th>Seconds<th>Seconds of CPU");
        foreach (var stage in stages)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(stage.Name)}<td>{stage.Seconds:F1}<td>{stage.CpuSeconds:F1}");
        }

        html.Append("</table><h2>Parameters</h2><table>");
        foreach (var (name, value) in options.Parameters())
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(name)}<td>{Text(value)}");
        }

        html.Append(CultureInfo.InvariantCulture, $"<tr><td>seed<td>{options.Training.Seed}</table><h2>Data findings</h2>");
        html.Append(shop.Findings.Count == 0 ? "<p class=\"soft\">None.</p>" : "<table><tr><th>What<th>Count<th>Example<th>Policy");
        foreach (var finding in shop.Findings)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(finding.What)}<td>{finding.Count:N0}<td>{Text(finding.Example)}<td>{Text(finding.Policy)}");
        }

        return html.Append(shop.Findings.Count == 0 ? "" : "</table>").Append("</html>\n").ToString();
    }

    private static string RankerTable(RankerSearch search)
    {
        if (search.Choices.Count == 0)
        {
            return "<p class=\"soft\">No ranker: none was wanted, or too few users bought something in the validation period.</p>";
        }

        var html = new StringBuilder("<table><tr><th>Ranker<th>nDCG@10 on users that it did not see<th>Passes or trees<th>Bytes");
        html.Append(CultureInfo.InvariantCulture, $"<tr><td>none: the towers' own order<td>{search.TowersNdcg:F4}<td><td>");
        foreach (var choice in search.Choices)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{choice.Name}{(choice.Kept ? " <b>kept</b>" : "")}<td>{choice.Ndcg:F4}<td>{choice.Steps}<td>{choice.Bytes:N0}");
        }

        return html.Append("</table>").ToString();
    }

    private static string Bars(EvaluationReport evaluation)
    {
        var rows = evaluation.Rankers.Select(ranker => (ranker.Key, Value: ranker.Value["ndcg@10"])).OrderByDescending(row => row.Value.Mean).ToArray();
        var scale = 480 / Math.Max(1e-9, rows.Max(row => row.Value.High));
        var svg = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 720 {(rows.Length * 36) + 8}\" role=\"img\" aria-label=\"nDCG@10 of the model and its baselines\">"));
        for (var row = 0; row < rows.Length; row++)
        {
            var (name, value) = rows[row];
            var y = 8 + (row * 36);
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{y + 17}\">{Text(name)}</text><rect x=\"150\" y=\"{y + 3}\" width=\"{value.Mean * scale:F1}\" height=\"20\" fill=\"var({(name is "two-tower" or "two-stage" ? "--a" : "--b")})\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{150 + (value.Low * scale):F1}\" x2=\"{150 + (value.High * scale):F1}\" y1=\"{y + 13}\" y2=\"{y + 13}\" stroke=\"var(--ink)\" stroke-width=\"2\"/><text x=\"{158 + (value.High * scale):F1}\" y=\"{y + 17}\">{value.Mean:F4}</text>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static string Curve(IReadOnlyList<CurvePoint> curve)
    {
        if (curve.Count == 0)
        {
            return "";
        }

        var (lowLoss, highLoss) = (curve.Min(point => point.Loss), curve.Max(point => point.Loss));
        var ndcg = curve.Where(point => point.ValidationNdcg is not null).ToArray();
        var (lowNdcg, highNdcg) = ndcg.Length > 0 ? (ndcg.Min(point => point.ValidationNdcg!.Value), ndcg.Max(point => point.ValidationNdcg!.Value)) : (0, 1);
        double X(CurvePoint point) => 50 + ((point.Epoch - 1) * 620.0 / Math.Max(1, curve.Count - 1));
        static double Y(double value, double low, double high) => 190 - ((value - low) / Math.Max(1e-12, high - low) * 160);
        string Line(IEnumerable<CurvePoint> points, Func<CurvePoint, double> y) => string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point):F1},{y(point):F1}")));
        return string.Create(CultureInfo.InvariantCulture, $"""
            <svg viewBox="0 0 730 220" role="img" aria-label="Loss and validation nDCG@10 by epoch"><line x1="50" y1="190" x2="670" y2="190" stroke="var(--line)"/><line x1="50" y1="30" x2="50" y2="190" stroke="var(--line)"/><line x1="670" y1="30" x2="670" y2="190" stroke="var(--line)"/>
            <text x="46" y="34" text-anchor="end">{highLoss:F2}</text><text x="46" y="194" text-anchor="end">{lowLoss:F2}</text><text x="674" y="34">{highNdcg:F4}</text><text x="674" y="194">{lowNdcg:F4}</text>
            <polyline fill="none" stroke="var(--b)" stroke-width="2" points="{Line(curve, point => Y(point.Loss, lowLoss, highLoss))}"/>
            <polyline fill="none" stroke="var(--a)" stroke-width="2" points="{Line(ndcg, point => Y(point.ValidationNdcg!.Value, lowNdcg, highNdcg))}"/>
            <text x="50" y="14">loss (orange, left) and nDCG@10 on the validation period (blue, right)</text><text x="50" y="210">epoch 1</text><text x="640" y="210">{curve.Count}</text></svg>
            """);
    }

    private static string MetricTable(EvaluationReport evaluation)
    {
        var rankers = evaluation.Rankers.Keys.OrderByDescending(name => name == "two-stage").ThenByDescending(name => name == "two-tower").ToArray();
        var html = new StringBuilder("<table><tr><th>Metric").AppendJoin("", rankers.Select(name => $"<th>{Text(name)}"));
        foreach (var metric in evaluation.Rankers.First().Value.Keys)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(metric)}").AppendJoin("", rankers.Select(name => Cell(evaluation.Rankers[name][metric])));
        }

        html.Append("<tr><td>coverage@20").AppendJoin("", rankers.Select(name => string.Create(CultureInfo.InvariantCulture, $"<td>{evaluation.Lists[name].Coverage:P1}")));
        foreach (var (label, value) in new (string, Func<ListMetrics, double>)[]
        {
            ("novelty@10, bits", list => list.Novelty), ("popularity of lists over that of histories", list => list.PopularityBias),
            ("diversity@10", list => list.Diversity), ("miscalibration@10, nats", list => list.Miscalibration),
        })
        {
            html.Append("<tr><td>").Append(label).AppendJoin("", rankers.Select(name => string.Create(CultureInfo.InvariantCulture, $"<td>{value(evaluation.Lists[name]):F3}")));
        }

        return html.Append("</table>").ToString();
    }

    private static string DifferenceTable(EvaluationReport evaluation)
    {
        var html = new StringBuilder("<table><tr><th>Against<th>Difference<th>Settings, chosen on the validation period");
        foreach (var (name, difference) in evaluation.Difference)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(name)}{Cell(difference)}<td>{Text(evaluation.Settings.GetValueOrDefault(name, ""))}");
        }

        return html.Append("</table>").ToString();
    }

    private static string SegmentTable(EvaluationReport evaluation)
    {
        var html = new StringBuilder("<table><tr><th>Users<th>Count<th>model<th>popularity");
        foreach (var (name, segment) in evaluation.Segments)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(name)}<td>{segment.Users:N0}{Cell(segment.Model)}{Cell(segment.Popularity)}");
        }

        return html.Append("</table>").ToString();
    }

    private static string GroupTable(EvaluationReport evaluation)
    {
        if (evaluation.Groups.Count == 0)
        {
            return "<p class=\"soft\">No groups: none were wanted, or users do not differ in what they buy.</p>";
        }

        var html = new StringBuilder("<table><tr><th>Users who buy alike<th>Count<th>Held out<th>model<th>popularity");
        foreach (var (name, group) in evaluation.Groups.OrderByDescending(group => group.Value.Known))
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(name)} <span class=\"soft\">{Text(group.Label)}</span><td>{group.Known:N0}<td>{group.Quality.Users:N0}{Cell(group.Quality.Model)}{Cell(group.Quality.Popularity)}");
        }

        return html.Append("</table><p class=\"soft\">k-means on the shares of what users buy by category; named by what a group buys more than others.</p>").ToString();
    }

    private static string ColdTable(ColdStart cold)
    {
        var among = cold.AmongCold;
        return string.Create(CultureInfo.InvariantCulture, $"""
            <table><tr><th>Purchases<th>Users<th>Metric<th>model<th>without a model
            <tr><td>of new users<td>{cold.Users.Users:N0}<td>nDCG@10{Cell(cold.Users.Model)}{Cell(cold.Users.Popularity)}
            <tr><td>of new items, among the whole catalogue<td>{cold.AmongAll.Users:N0}<td>nDCG@10{Cell(cold.AmongAll.Model)}{Cell(cold.AmongAll.Popularity)}
            <tr><td>of new items, among the whole catalogue<td>{cold.AmongAll.Users:N0}<td>hit rate@10{Cell(cold.HitAmongAll.Model)}{Cell(cold.HitAmongAll.Popularity)}
            <tr><td>of new items, among the whole catalogue<td>{cold.AmongAll.Users:N0}<td>hit rate@{cold.ReachDepth}{Cell(cold.ReachAmongAll.Model)}{Cell(cold.ReachAmongAll.Popularity)}
            <tr><td>of new items, among the {cold.Items:N0} new ones<td>{among.Users:N0}<td>nDCG@10{Cell(among.Model)}{Cell(among.Category)}
            <tr><td>of new items, among the {cold.Items:N0} new ones<td>{among.Users:N0}<td>hit rate@10{Cell(among.ModelHit)}{Cell(among.CategoryHit)}
            <tr><td>of new items, among the {cold.Items:N0} new ones<td>{among.Users:N0}<td>recall@20{Cell(among.ModelRecall)}{Cell(among.CategoryRecall)}</table>
            <p class="soft">New: no purchase before the cut. Without a model: popularity; among new items, which have none, how often the user bought of the item's category. A random order of the new items has recall@20 {among.Chance:F4}. Of all held-out users, {cold.Chances.ColdItem:P2} bought a given new item, {cold.Chances.BestColdItem:P2} the new item that the model ranks first for them, and {cold.Chances.Tenth:P2} what stands tenth in their list of the whole catalogue: a new item belongs into a top 10 only where its chance is no less than the last of these.</p>
            """);
    }

    private static string SearchTable(SearchReport? search)
    {
        if (search is null)
        {
            return "<p class=\"soft\">The catalogue has too few texts to train on.</p>";
        }

        var html = new StringBuilder("<table><tr><th>Queries<th>Count<th>Searcher<th>nDCG@10<th>MRR@10");
        foreach (var (set, searchers) in search.Sets)
        {
            foreach (var (name, figures) in searchers)
            {
                html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(set)}<td>{search.Queries[set]:N0}<td>{Text(name)}{Cell(figures.Ndcg10)}{Cell(figures.Mrr10)}");
            }
        }

        return html.Append("</table><p class=\"soft\">Words of items whose text gave training no query; every item with all of the words is relevant. Category: what was bought of it in the held-out period is relevant.</p>").ToString();
    }

    private static string Cell(Interval value) => string.Create(CultureInfo.InvariantCulture, $"<td>{value.Mean:F4} <span class=\"soft\">[{value.Low:F4}, {value.High:F4}]</span>");

    private static string Text(string value) => WebUtility.HtmlEncode(value);
}
