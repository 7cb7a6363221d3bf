using System.Collections.Immutable;
using System.Text.Json;

namespace Reco.Policies.Costs;

/// <summary>A size of virtual machine.</summary>
/// <param name="Family">Quota family, as <c>az vm list-usage</c> names it.</param>
/// <param name="VCpus">Cores that count against the quota.</param>
/// <param name="UsdPerHour">List price in region eastus.</param>
/// <param name="Gpus">Number of GPUs.</param>
/// <param name="Gpu">Model of the GPUs.</param>
public sealed record VirtualMachine(string Family, int VCpus, decimal UsdPerHour, int Gpus = 0, string? Gpu = null)
{
    /// <summary>Whether a size has GPUs: Azure names these N-series.</summary>
    public static bool IsGpu(string size) => size.StartsWith("Standard_N", StringComparison.OrdinalIgnoreCase);
}

/// <summary>List prices of a day, in the repository so that a review needs no connection.</summary>
public sealed record PriceTable
{
    private static readonly Lazy<PriceTable> Embedded = new(() =>
    {
        using var stream = typeof(PriceTable).Assembly.GetManifestResourceStream("prices.json")!;
        return JsonSerializer.Deserialize<PriceTable>(stream, new JsonSerializerOptions { PropertyNameCaseInsensitive = true })!;
    });

    /// <summary>The table of the repository.</summary>
    public static PriceTable Default => Embedded.Value;

    /// <summary>Month of the prices.</summary>
    public required string AsOf { get; init; }

    /// <summary>Where they come from.</summary>
    public required string Source { get; init; }

    /// <summary>Hours that make a month.</summary>
    public required int HoursPerMonth { get; init; }

    /// <summary>Factor of a region's prices over those of eastus.</summary>
    public required ImmutableDictionary<string, decimal> Regions { get; init; }

    /// <summary>Usual price of a spot machine as a part of the list price.</summary>
    public required decimal SpotFactor { get; init; }

    /// <summary>Sizes of virtual machines.</summary>
    public required ImmutableDictionary<string, VirtualMachine> VirtualMachines { get; init; }

    /// <summary>Fixed prices in USD a month.</summary>
    public required ImmutableDictionary<string, decimal> Monthly { get; init; }

    /// <summary>Factor of a region; 1 for one that the table does not have.</summary>
    public decimal Region(string? name) => name is not null && Regions.TryGetValue(name.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant(), out var factor) ? factor : 1m;
}
