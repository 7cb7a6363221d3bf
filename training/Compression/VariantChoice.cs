using System.Globalization;

namespace Reco.Training.Compression;

/// <summary>Chooses the variant that is served.</summary>
internal static class VariantChoice
{
    /// <summary>Sizes that differ by less than this share count as one: the faster variant is chosen.</summary>
    private const double SameSize = 0.03;

    /// <summary>The smallest variant that costs no more quality than allowed and was measured to be faster than FP32, else FP32. Of several
    /// of about that size the fastest.</summary>
    public static Variant Choose(IReadOnlyList<Variant> variants, double maxLoss, Action<string> say)
    {
        var fp32 = variants.Single(variant => variant.Precision == "fp32");
        var smaller = variants.Where(variant => variant != fp32).ToArray();
        foreach (var variant in smaller)
        {
            say(string.Create(CultureInfo.InvariantCulture,
                $"{variant.Precision} loses {Loss(fp32, variant):P2} of nDCG@10 (allowed {maxLoss:P2}), p50 {variant.P50Ms:F3} ms against {fp32.P50Ms:F3} ms, {fp32.Bytes / (double)variant.Bytes:F2} times smaller"));
        }

        var allowed = smaller.Where(variant => Loss(fp32, variant) <= maxLoss && variant.P50Ms < fp32.P50Ms).ToArray();
        var least = allowed.Length == 0 ? 0 : allowed.Min(variant => variant.Bytes);
        return allowed.Where(variant => variant.Bytes <= least * (1 + SameSize)).MinBy(variant => variant.P50Ms) ?? fp32;
    }

    /// <summary>Share of nDCG@10 that a variant loses; 0 where it gains.</summary>
    public static double Loss(Variant fp32, Variant variant)
    {
        var reference = fp32.Metrics.Of("ndcg@10").Average();
        return reference == 0 ? 0 : Math.Max(0, 1 - (variant.Metrics.Of("ndcg@10").Average() / reference));
    }
}
