using System.Globalization;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Limits of a rolling update.</summary>
/// <param name="Surge">Most pods above the wanted number.</param>
/// <param name="Unavailable">Most pods below it.</param>
internal readonly record struct RollingUpdate(int Surge, int Unavailable)
{
    /// <summary>Reads the limits of a Deployment: percentages are of its replicas, surge rounded up and unavailable down, and
    /// never both zero.</summary>
    public static RollingUpdate Of(JsonObject deployment)
    {
        var replicas = (int)(deployment.Number("spec", "replicas") ?? 1);
        var surge = Resolve(deployment.At("spec", "strategy", "rollingUpdate", "maxSurge"), replicas, roundUp: true);
        var unavailable = Resolve(deployment.At("spec", "strategy", "rollingUpdate", "maxUnavailable"), replicas, roundUp: false);
        return surge == 0 && unavailable == 0 ? new RollingUpdate(0, 1) : new RollingUpdate(surge, Math.Min(unavailable, replicas));
    }

    private static int Resolve(JsonNode? value, int replicas, bool roundUp)
    {
        if (value.Number() is { } number)
        {
            return (int)number;
        }

        var text = value.Text() ?? "25%";
        if (!text.EndsWith('%') || !double.TryParse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture, out var percent))
        {
            return int.TryParse(text, CultureInfo.InvariantCulture, out var plain) ? plain : 0;
        }

        var part = replicas * percent / 100;
        return (int)(roundUp ? Math.Ceiling(part) : Math.Floor(part));
    }
}
