using System.Globalization;
using Reco.Policies.Costs;

namespace Reco.Engine.Review;

/// <summary>An estimate in words and tables.</summary>
internal static class CostText
{
    /// <summary>Lines for a terminal; none where nothing has a price.</summary>
    public static IEnumerable<string> Lines(CostEstimate before, CostEstimate after)
    {
        if (after.Lines.IsEmpty && before.Lines.IsEmpty && after.Unpriced.IsEmpty)
        {
            yield break;
        }

        yield return $"Cost in USD a month (list prices of {after.AsOf}, without traffic, storage and logs; from the fewest nodes to the most):";
        foreach (var (component, lowest, highest, change) in Components(before, after))
        {
            yield return $"    {component,-16} {Range(lowest, highest),-20} {Signed(change)}";
        }

        yield return $"    {"total",-16} {Range(after.Lowest, after.Highest),-20} {Signed(after.Highest - before.Highest)}";
        foreach (var resource in after.Unpriced)
        {
            yield return $"    no price known for {resource}";
        }

        if (after.Quotas.IsEmpty)
        {
            yield break;
        }

        yield return "Quota needed in the region (vCPUs by family; the program holds them against Azure's limits where somebody is logged in):";
        foreach (var need in after.Quotas)
        {
            yield return $"    {need.Family}{(need.IsSpot ? " (spot)" : "")}: {need.VCpus} vCPUs{(need.Gpus > 0 ? $", {need.Gpus} GPUs" : "")}";
        }
    }

    /// <summary>The same as Markdown.</summary>
    public static IEnumerable<string> Markdown(CostEstimate before, CostEstimate after)
    {
        if (after.Lines.IsEmpty && before.Lines.IsEmpty && after.Unpriced.IsEmpty)
        {
            yield break;
        }

        yield return "#### Cost";
        yield return "";
        yield return $"USD a month, list prices of {after.AsOf}, without traffic, storage and logs; from the fewest nodes to the most.";
        yield return "";
        yield return "| component | a month | change at most |";
        yield return "|---|--:|--:|";
        foreach (var (component, lowest, highest, change) in Components(before, after))
        {
            yield return $"| {component} | {Range(lowest, highest)} | {Signed(change)} |";
        }

        yield return $"| **total** | **{Range(after.Lowest, after.Highest)}** | **{Signed(after.Highest - before.Highest)}** |";
        foreach (var resource in after.Unpriced)
        {
            yield return $"| no price known | {resource} | |";
        }

        if (after.Quotas.IsEmpty)
        {
            yield break;
        }

        yield return "";
        yield return "| quota family | vCPUs | GPUs |";
        yield return "|---|--:|--:|";
        foreach (var need in after.Quotas)
        {
            yield return $"| {need.Family}{(need.IsSpot ? " (spot)" : "")} | {need.VCpus} | {need.Gpus} |";
        }
    }

    private static IEnumerable<(string Component, decimal Lowest, decimal Highest, decimal Change)> Components(CostEstimate before, CostEstimate after) =>
        before.Lines.Select(line => line.Component).Concat(after.Lines.Select(line => line.Component)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(component => (component,
                after.Lines.Where(line => line.Component == component).Sum(line => line.Lowest),
                after.Lines.Where(line => line.Component == component).Sum(line => line.Highest),
                after.Lines.Where(line => line.Component == component).Sum(line => line.Highest) - before.Lines.Where(line => line.Component == component).Sum(line => line.Highest)));

    private static string Range(decimal lowest, decimal highest) =>
        Number(lowest) == Number(highest) ? Number(highest) : $"{Number(lowest)} to {Number(highest)}";

    private static string Signed(decimal change) => Number(Math.Abs(change)) == "0" ? "" : $"{(change > 0 ? "+" : "-")}{Number(Math.Abs(change))}";

    private static string Number(decimal value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
