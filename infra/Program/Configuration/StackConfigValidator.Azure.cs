using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Reco.Infra.Components.Azure;

namespace Reco.Infra.Configuration;

/// <summary>Checks the settings of target azure.</summary>
internal static partial class StackConfigValidator
{
    private static readonly string[] Redundancies = ["Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS"];
    private static readonly string[] Days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

    /// <summary>Ranges of which AKS takes no part.</summary>
    private const string Reserved = "172.30.0.0/15";

    private static IEnumerable<string> Azure(StackConfig config)
    {
        var azure = config.Azure;
        return new[]
        {
            azure.Location is null ? "azure-native:location is missing; set it with: config set azure-native:location westeurope" : null,
            string.IsNullOrWhiteSpace(azure.Owner) ? "reco:owner is missing; on target azure every resource carries it as a tag." : null,
            string.IsNullOrWhiteSpace(azure.CostCentre) ? "reco:costCentre is missing; on target azure every resource carries it as a tag." : null,
            EnvironmentName().IsMatch(azure.Environment) ? null : $"reco:environment is \"{azure.Environment}\"; it must be 2 to 16 lower-case letters, digits and dashes, a letter first and no dash last.",
            azure.Ttl is null || Ttl.TryParse(azure.Ttl, out _) ? null : $"reco:ttl is \"{azure.Ttl}\"; it must be a number of hours or days, such as 8h or 3d.",
            azure.Expires is null ? null : IsTime(azure.Expires) ? null : $"reco:expires is \"{azure.Expires}\"; it must be a UTC time such as 2026-01-31T18:00:00Z. 'reco ttl start' sets it.",
            azure.Ttl is null || azure.Expires is not null
                ? null
                : "reco:expires is missing; with reco:ttl it must be a UTC time such as 2026-01-31T18:00:00Z. 'reco ttl start' sets it.",
            azure.Zones.All(zone => zone is "1" or "2" or "3") && azure.Zones.Distinct().Count() == azure.Zones.Count
                ? null
                : $"reco:zones is \"{string.Join(',', azure.Zones)}\"; it must be some of 1, 2, 3, separated by commas, or none.",
            OneOf("storageRedundancy", azure.Artifacts.StorageRedundancy, Redundancies),
            azure.Zones.Count == 0 && azure.Artifacts.StorageRedundancy.EndsWith("ZRS", StringComparison.Ordinal)
                ? $"reco:storageRedundancy is {azure.Artifacts.StorageRedundancy}, which spans zones, but reco:zones is none; set it to Standard_LRS or Standard_GRS."
                : null,
            azure.Artifacts.RegistryReplicas.Contains(azure.Location ?? "", StringComparer.OrdinalIgnoreCase) || azure.Artifacts.RegistryReplicas.Distinct(StringComparer.OrdinalIgnoreCase).Count() < azure.Artifacts.RegistryReplicas.Length
                ? $"reco:registryReplicas is \"{string.Join(',', azure.Artifacts.RegistryReplicas)}\"; it must be regions other than azure-native:location, each once."
                : null,
            azure.BudgetEmails.All(email => Email().IsMatch(email)) ? null : $"reco:budgetEmails is \"{string.Join(',', azure.BudgetEmails)}\"; it must be e-mail addresses, separated by commas.",
            config.KubeContext is null ? null : "reco:kubeContext is set, but target azure makes a cluster of its own; remove the key.",
            config.Training.ClientId is null ? null : "reco:trainingClientId is set, but target azure makes an identity for training; remove the key.",
            azure.MonthlyBudget > 0 && azure.BudgetEmails.Count == 0 ? "reco:budgetEmails is missing; with reco:monthlyBudget it names who is warned." : null,
            IsDataset(config.Dataset)
                ? null
                : $"reco:dataset is \"{config.Dataset}\"; on target azure it must be \"{StackConfig.DemoDataset}\" or pvc:NAME, a volume claim in namespace {config.Namespace} ({StackConfig.StoreDataset} is the store's own container of training data).",
            Range("monthlyBudget", azure.MonthlyBudget, 0, 10_000_000),
            Range("logRetentionDays", azure.LogRetentionDays, 30, 730),
            Range("bundleImmutableDays", azure.Artifacts.BundleImmutableDays, 1, 3_650),
            Range("softDeleteDays", azure.Artifacts.SoftDeleteDays, 1, 365),
            IsNetwork(azure.Network.AddressSpace) ? null : $"reco:addressSpace is \"{azure.Network.AddressSpace}\"; it must be a private IPv4 range of length 16, such as 10.40.0.0/16.",
            Overlaps(azure.Network.AddressSpace)
                ? $"reco:addressSpace is \"{azure.Network.AddressSpace}\"; pods have {AzureCluster.PodRange}, Services {AzureCluster.ServiceRange}, and AKS takes no part of {Reserved}: choose another, such as 10.40.0.0/16."
                : null,
            azure.Network.PrivateCluster || azure.Network.AuthorizedIpRanges.Count > 0
                ? null
                : "reco:privateCluster is false and reco:authorizedIpRanges is missing: that would leave the API server open to the internet. Name the ranges that may reach it.",
            azure.Network.PrivateCluster && azure.Network.AuthorizedIpRanges.Count > 0 ? "reco:authorizedIpRanges is set, but reco:privateCluster is true; use one of them." : null,
        }.OfType<string>()
            .Concat(azure.Network.AuthorizedIpRanges.Where(range => !IPNetwork.TryParse(range, out var parsed) || parsed.PrefixLength == 0 || parsed.ToString() != range)
                .Select(range => $"reco:authorizedIpRanges holds \"{range}\"; it must be an address range such as 203.0.113.0/24, and not everybody."))
            .Concat(Pools(azure.Cluster))
            .Concat(Gpus(config))
            .Concat(Images(config));
    }

    private static IEnumerable<string> Pools(ClusterConfig cluster) =>
        new[]
        {
            KubernetesVersion().IsMatch(cluster.KubernetesVersion) ? null : $"reco:kubernetesVersion is \"{cluster.KubernetesVersion}\"; it must be a version such as 1.35.",
            OneOf("clusterTier", cluster.Tier, ["Free", "Standard", "Premium"]),
            OneOf("upgradeChannel", cluster.UpgradeChannel, ["patch", "stable", "rapid", "node-image"]),
            OneOf("maintenanceDay", cluster.MaintenanceDay, Days),
            Range("maintenanceHour", cluster.MaintenanceHour, 0, 23),
            cluster.AdminGroups.All(group => Guid.TryParse(group, out _)) ? null : "reco:adminGroups must hold object IDs of Entra groups (GUIDs), separated by commas.",
            Range("systemNodes", cluster.SystemNodes, 1, 10),
            Range("cpuMinNodes", cluster.CpuMinNodes, 0, cluster.CpuMaxNodes),
            Range("cpuMaxNodes", cluster.CpuMaxNodes, 1, 1_000),
            cluster.SystemNodes + cluster.CpuMaxNodes + cluster.GpuMaxNodes + cluster.GpuSpotMaxNodes > AzureCluster.MostNodes && cluster.CpuMaxNodes <= AzureCluster.MostNodes
                ? $"the pools have {cluster.SystemNodes + cluster.CpuMaxNodes + cluster.GpuMaxNodes + cluster.GpuSpotMaxNodes} nodes at most; the addresses of pods are enough for {AzureCluster.MostNodes}. Lower reco:cpuMaxNodes, reco:gpuMaxNodes or reco:gpuSpotMaxNodes."
                : null,
            MachineSize().IsMatch(cluster.SystemSize) ? null : $"reco:systemSize is \"{cluster.SystemSize}\"; it must be a size of machines without GPUs such as Standard_D4ds_v5.",
            MachineSize().IsMatch(cluster.CpuSize) ? null : $"reco:cpuSize is \"{cluster.CpuSize}\"; it must be a size of machines without GPUs such as Standard_D8ds_v5.",
            Range("gpuMaxNodes", cluster.GpuMaxNodes, 0, 100),
            Range("gpuSpotMaxNodes", cluster.GpuSpotMaxNodes, 0, 100),
            cluster.GpuSku is null ? null : OneOf("gpuSku", cluster.GpuSku, [.. GpuSku.Known.Keys]),
            cluster.GpuInstanceProfile is { } profile && cluster.GpuSku is { } sku && GpuSku.Known.TryGetValue(sku, out var known) && !known.MigProfiles.Contains(profile)
                ? $"reco:gpuInstanceProfile is \"{profile}\"; GPUs of {sku} take {(known.MigProfiles.IsEmpty ? "none, as they cannot be divided" : string.Join(", ", known.MigProfiles))}."
                : null,
        }.OfType<string>();

    private static IEnumerable<string> Images(StackConfig config) =>
        new[] { ("trainingImage", config.Training.Image), ("scoringImage", config.Scoring.Image) }
            .Where(entry => entry.Item2 is null || !ImageByDigest().IsMatch(entry.Item2))
            .Select(entry => $"reco:{entry.Item1} is {(entry.Item2 is null ? "missing" : $"\"{entry.Item2}\"")}; on target azure it must name an image by digest (repository@sha256:...), as CI has pushed it.");

    private static string? OneOf(string key, string value, IReadOnlyList<string> allowed) =>
        allowed.Contains(value) ? null : $"reco:{key} is \"{value}\"; it must be one of {string.Join(", ", allowed)}.";

    /// <summary>In the form in which times are compared as texts, too.</summary>
    private static bool IsTime(string text) =>
        UtcTime().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private static bool IsNetwork(string text) =>
        IPNetwork.TryParse(text, out var network) && network.PrefixLength == 16 && network.ToString() == text && network.BaseAddress.GetAddressBytes() is { Length: 4 } bytes
        && (bytes[0] == 10 || (bytes[0] == 172 && bytes[1] is >= 16 and <= 31) || (bytes[0] == 192 && bytes[1] == 168));

    /// <summary>Two ranges overlap where one holds the other's first address.</summary>
    private static bool Overlaps(string text) => IPNetwork.TryParse(text, out var network) && new[] { AzureCluster.PodRange, AzureCluster.ServiceRange, Reserved }
        .Select(IPNetwork.Parse).Any(taken => taken.Contains(network.BaseAddress) || network.Contains(taken.BaseAddress));

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\z")]
    private static partial Regex UtcTime();

    [GeneratedRegex(@"^[^@\s,]+@[^@\s,]+\z")]
    private static partial Regex Email();

    [GeneratedRegex(@"^Standard_(?!N)[A-Z][A-Za-z0-9_-]+\z")]
    private static partial Regex MachineSize();

    [GeneratedRegex(@"^[a-z][a-z0-9-]{0,14}[a-z0-9]\z")]
    private static partial Regex EnvironmentName();

    [GeneratedRegex(@"^1\.[0-9]{2}(\.[0-9]+)?\z")]
    private static partial Regex KubernetesVersion();
}
