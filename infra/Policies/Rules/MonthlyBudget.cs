using System.Globalization;
using Reco.Policies.Costs;

namespace Reco.Policies.Rules;

/// <summary>A stack costs at most what was agreed.</summary>
internal sealed class MonthlyBudget : StackRule
{
    /// <inheritdoc/>
    public override string Name => "monthly-budget";

    /// <inheritdoc/>
    public override string Description => "The list price of the stack with every autoscaler at its maximum stays under reco:monthlyBudget (USD).";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(IReadOnlyList<PolicyResource> resources, PolicyContext context)
    {
        if (context.Setting(this, "maxUsd", "monthlyBudget") is not { } text)
        {
            yield break;
        }

        if (!decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var budget) || budget < 0)
        {
            yield return $"reco:monthlyBudget is \"{text}\"; it must be a number of US dollars, or 0 for no budget.";
            yield break;
        }

        if (budget == 0)
        {
            yield break;
        }

        var estimate = CostEstimate.Of(resources, PriceTable.Default);
        if (estimate.Highest > budget)
        {
            var largest = estimate.Lines.MaxBy(line => line.Highest)!;
            yield return string.Create(CultureInfo.InvariantCulture,
                $"with every autoscaler at its maximum the stack costs {estimate.Highest:N0} USD a month, more than the budget of {budget:N0} (list prices of {estimate.AsOf}); the largest part is {largest.Resource} ({largest.Highest:N0}). Lower a maxCount, or raise reco:monthlyBudget.");
        }
    }
}
