using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using static Reco.Policies.PolicyResource;

namespace Reco.Policies.Costs;

/// <summary>Cost of one resource in USD a month.</summary>
/// <param name="Component">The component that it belongs to.</param>
/// <param name="Resource">Name of the resource and what it is.</param>
/// <param name="Lowest">With every autoscaler at its minimum.</param>
/// <param name="Highest">With every autoscaler at its maximum.</param>
public sealed record CostLine(string Component, string Resource, decimal Lowest, decimal Highest);

/// <summary>Cores of one quota family that a stack may take at most.</summary>
/// <param name="Family">Quota family.</param>
/// <param name="VCpus">Cores.</param>
/// <param name="Gpus">GPUs among them.</param>
/// <param name="IsSpot">Spot machines draw on a quota of their own.</param>
public sealed record QuotaNeed(string Family, int VCpus, int Gpus, bool IsSpot);

/// <summary>What a stack costs by the price table, and the quota that it needs. Usage (traffic, storage, logs) is not in it.</summary>
public sealed record CostEstimate
{
    /// <summary>Month of the prices.</summary>
    public required string AsOf { get; init; }

    /// <summary>One line a resource that has a price.</summary>
    public required ImmutableArray<CostLine> Lines { get; init; }

    /// <summary>Quota by family.</summary>
    public required ImmutableArray<QuotaNeed> Quotas { get; init; }

    /// <summary>Resources that have a price which the table does not know.</summary>
    public required ImmutableArray<string> Unpriced { get; init; }

    /// <summary>Sum with every autoscaler at its minimum.</summary>
    public decimal Lowest => Lines.Sum(line => line.Lowest);

    /// <summary>Sum with every autoscaler at its maximum.</summary>
    public decimal Highest => Lines.Sum(line => line.Highest);

    /// <summary>The estimate of a stack.</summary>
    public static CostEstimate Of(IReadOnlyList<PolicyResource> resources, PriceTable prices)
    {
        var builder = new Builder(prices);
        foreach (var resource in resources)
        {
            builder.Add(resource);
        }

        return builder.Build();
    }

    /// <summary>The component of a resource: the outermost one below the stack, from the URN.</summary>
    public static string ComponentOf(string urn)
    {
        var types = urn.Split("::") is [_, _, var chain, ..] ? chain.Split('$') : [];
        var component = types.FirstOrDefault(type => type != "pulumi:pulumi:Stack") ?? "";
        return types.Length > 1 && component.Contains(':', StringComparison.Ordinal) ? component[(component.LastIndexOf(':') + 1)..] : "(stack)";
    }

    private sealed class Builder(PriceTable prices)
    {
        private readonly List<CostLine> lines = [];
        private readonly List<string> unpriced = [];
        private readonly Dictionary<(string Family, bool IsSpot), (int VCpus, int Gpus)> quotas = [];
        private decimal region = 1m;

        public void Add(PolicyResource resource)
        {
            // Zones of private DNS are in no region; what follows them and names none is where the rest is.
            if (Text(resource.At("location")) is { } location && !location.Equals("global", StringComparison.OrdinalIgnoreCase))
            {
                region = prices.Region(location);
            }

            switch (resource.Type)
            {
                case "azure-native:containerservice:AgentPool":
                    AddPool(resource, Value.ForStruct(resource.Properties), resource.Name);
                    break;
                case "azure-native:containerservice:ManagedCluster":
                    foreach (var pool in Items(resource.At("agentPoolProfiles")))
                    {
                        AddPool(resource, pool, $"{resource.Name}/{Text(At(pool, "name"))}");
                    }

                    AddFixed(resource, $"aksUptimeTier:{Text(resource.At("sku", "tier")) ?? "Free"}", "API server tier");
                    break;
                case "azure-native:containerregistry:Registry":
                    AddFixed(resource, $"registry:{Text(resource.At("sku", "name"))}", "registry");
                    break;
                case "azure-native:containerregistry:Replication":
                    AddFixed(resource, "registryReplica", "registry replica");
                    break;
                case "azure-native:network:PrivateEndpoint":
                    AddFixed(resource, "privateEndpoint", "private endpoint");
                    break;
                case "azure-native:network:NatGateway":
                    AddFixed(resource, "natGateway", "NAT gateway");
                    break;
                case "azure-native:network:PublicIPAddress":
                    AddFixed(resource, $"publicIp:{Text(resource.At("sku", "name"))}", "public address");
                    break;
                case "azure-native:privatedns:PrivateZone":
                    AddFixed(resource, "privateDnsZone", "private DNS zone");
                    break;
                case "azure-native:dashboard:Grafana":
                    AddFixed(resource, $"grafana:{Text(resource.At("sku", "name"))}", "Grafana");
                    break;
            }
        }

        public CostEstimate Build() => new()
        {
            AsOf = prices.AsOf,
            Lines = [.. lines.OrderBy(line => line.Component, StringComparer.Ordinal).ThenBy(line => line.Resource, StringComparer.Ordinal)],
            Quotas = [.. quotas.Select(entry => new QuotaNeed(entry.Key.Family, entry.Value.VCpus, entry.Value.Gpus, entry.Key.IsSpot)).OrderBy(need => need.Family, StringComparer.Ordinal).ThenBy(need => need.IsSpot)],
            Unpriced = [.. unpriced.Order(StringComparer.Ordinal)],
        };

        private void AddPool(PolicyResource resource, Value pool, string name)
        {
            if (Text(At(pool, "vmSize")) is not { } size)
            {
                return;
            }

            if (!prices.VirtualMachines.TryGetValue(size, out var machine))
            {
                unpriced.Add($"{name} ({size})");
                return;
            }

            var scales = At(pool, "enableAutoScaling") is { BoolValue: true };
            var least = Count(At(pool, scales ? "minCount" : "count"), scales ? 0 : 1);
            var most = scales ? Count(At(pool, "maxCount"), least) : least;
            var isSpot = Text(At(pool, "scaleSetPriority")) == "Spot";
            var monthly = machine.UsdPerHour * prices.HoursPerMonth * region * (isSpot ? prices.SpotFactor : 1m);
            lines.Add(new CostLine(ComponentOf(resource.Urn), $"{name}: {(least == most ? $"{most}" : $"{least} to {most}")} x {size}{(isSpot ? " (spot)" : "")}", least * monthly, most * monthly));
            var need = quotas.GetValueOrDefault((machine.Family, isSpot));
            quotas[(machine.Family, isSpot)] = (need.VCpus + (most * machine.VCpus), need.Gpus + (most * machine.Gpus));
        }

        private void AddFixed(PolicyResource resource, string key, string what)
        {
            if (prices.Monthly.TryGetValue(key, out var monthly))
            {
                lines.Add(new CostLine(ComponentOf(resource.Urn), $"{resource.Name}: {what}", monthly * region, monthly * region));
            }
            else if (key is not "aksUptimeTier:Free")
            {
                unpriced.Add($"{resource.Name} ({what}, {key})");
            }
        }

        private static int Count(Value? value, int fallback) => value is { KindCase: Value.KindOneofCase.NumberValue } ? (int)value.NumberValue : fallback;
    }
}
