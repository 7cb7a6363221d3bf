using System.Globalization;

namespace Reco.LocalCluster.Kubelet;

/// <summary>Kubernetes quantities: <c>500m</c>, <c>2Gi</c>, <c>1e3</c>.</summary>
internal static class Quantity
{
    private static readonly (string Suffix, double Factor)[] Suffixes =
    [
        ("Ki", 1024d), ("Mi", 1048576d), ("Gi", 1073741824d), ("Ti", 1099511627776d), ("Pi", 1125899906842624d), ("Ei", 1152921504606846976d),
        ("n", 1e-9), ("u", 1e-6), ("m", 1e-3), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15), ("E", 1e18),
    ];

    /// <summary>The value in base units; null for text that is none.</summary>
    public static double? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var (suffix, factor) = Suffixes.FirstOrDefault(entry => text.EndsWith(entry.Suffix, StringComparison.Ordinal), (Suffix: "", Factor: 1d));
        return double.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number * factor : null;
    }
}
