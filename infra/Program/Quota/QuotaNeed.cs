using System.Globalization;
using System.Text.RegularExpressions;
using Reco.Infra.Components.Azure;
using Reco.Infra.Configuration;

namespace Reco.Infra.Quota;

/// <summary>Cores of a region's quota that a stack takes when every autoscaler is at its maximum.</summary>
/// <param name="Name">Name of the quota in Azure: a family of machines, or one that all share.</param>
/// <param name="VCpus">Cores.</param>
internal sealed partial record QuotaNeed(string Name, int VCpus)
{
    /// <summary>Quota of all machines of a region that are not spot, whatever their family.</summary>
    public const string Regional = "cores";

    /// <summary>Quota of all spot machines of a region: they have no quota by family.</summary>
    public const string Spot = "lowPriorityCores";

    /// <summary>What a stack needs, the largest first; sizes whose family cannot be told stand in <paramref name="unknown"/>.</summary>
    public static IReadOnlyList<QuotaNeed> Of(AzureConfig config, out IReadOnlyList<string> unknown)
    {
        var pools = AzureCluster.Pools(config)
            .Select(pool => (pool.VmSize, Nodes: pool.Most, pool.IsSpot))
            .Prepend((config.Cluster.SystemSize, Nodes: config.Cluster.SystemNodes, IsSpot: false));
        var needs = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var strange = new List<string>();
        foreach (var (size, nodes, isSpot) in pools)
        {
            if (FamilyOf(size) is not var (family, cores))
            {
                strange.Add(size);
                continue;
            }

            foreach (var quota in isSpot ? [Spot] : new[] { family, Regional })
            {
                needs[quota] = needs.GetValueOrDefault(quota) + (nodes * cores);
            }
        }

        unknown = strange;
        return [.. needs.Select(need => new QuotaNeed(need.Key, need.Value)).OrderByDescending(need => need.VCpus).ThenBy(need => need.Name, StringComparer.Ordinal)];
    }

    /// <summary>Family and cores of a size. Sizes without GPUs tell both by their name
    /// (https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions); those with are listed.</summary>
    internal static (string Family, int VCpus)? FamilyOf(string size)
    {
        if (GpuSku.Known.TryGetValue(size, out var gpu))
        {
            return (gpu.Family, gpu.VCpus);
        }

        return PlainSize().Match(size) is { Success: true, Groups: var parts }
            ? ($"standard{parts[1].Value}{parts[3].Value.ToUpperInvariant()}v{parts[4].Value}Family", int.Parse(parts[2].Value, CultureInfo.InvariantCulture))
            : null;
    }

    [GeneratedRegex("^Standard_([DEF])([0-9]{1,3})([a-z]{0,4})_v([0-9])$")]
    private static partial Regex PlainSize();
}
