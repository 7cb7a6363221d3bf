using Reco.Training.Evaluation;

namespace Reco.Training.Compression;

/// <summary>A line of the table of variants: those that can be served, and those that are only measured.</summary>
/// <param name="Name">Name of the variant.</param>
/// <param name="Bytes">Bytes of models and items.</param>
/// <param name="P50Ms">Median time of a request.</param>
/// <param name="P99Ms">99 % quantile of it.</param>
/// <param name="Ndcg10">nDCG@10 on the held-out period, all stages.</param>
/// <param name="Recall100">Share of the exact top 100 that it finds.</param>
/// <param name="MaxDifference">Largest difference of a user vector's coordinate from the trained model's.</param>
/// <param name="Note">Why it is not served; empty where it could be.</param>
internal sealed record VariantRow(string Name, long Bytes, double P50Ms, double P99Ms, double Ndcg10, double Recall100, double MaxDifference, string Note = "")
{
    /// <summary>The line of a variant that can be served.</summary>
    public static VariantRow Of(Variant variant) => new(
        variant.Precision, variant.Bytes, variant.P50Ms, variant.P99Ms, variant.Metrics.Of("ndcg@10").Average(), variant.Recall100, variant.MaxDifference);
}

/// <summary>What was made and measured.</summary>
/// <param name="Variants">What is packaged.</param>
/// <param name="Measured">What is not: lines for the table only.</param>
internal sealed record VariantSet(IReadOnlyList<Variant> Variants, IReadOnlyList<VariantRow> Measured)
{
    /// <summary>The whole table.</summary>
    public IEnumerable<VariantRow> Rows => [.. Variants.Select(VariantRow.Of), .. Measured];
}

/// <summary>Ranks with product-quantised items and the user vectors of a variant.</summary>
internal sealed class QuantisedRanker(string name, VariantRanker users, ProductQuantiser items) : IRanker
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public int Items => items.Items;

    /// <inheritdoc/>
    public void Score(int user, Span<float> scores) => items.Score(users.Vector(user), scores);
}
