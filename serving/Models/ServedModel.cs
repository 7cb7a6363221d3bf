using Reco.Bundle;
using Reco.Scoring.Batching;
using Reco.Scoring.Inference;
using Reco.Scoring.Retrieval;
using Reco.Scoring.Search;
using Reco.Scoring.Telemetry;

namespace Reco.Scoring.Models;

/// <summary>One loaded version of a model with everything that answers need. It is counted: who uses it holds a lease, and
/// what it holds is released with the last one.</summary>
internal sealed class ServedModel : IDisposable
{
    private int leases = 1;

    /// <summary>The bundle's manifest.</summary>
    public required BundleManifest Manifest { get; init; }

    /// <summary>The bundle's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>The variant that is served.</summary>
    public required string Precision { get; init; }

    /// <summary>The user tower.</summary>
    public required UserTower Tower { get; init; }

    /// <summary>The second stage; null where the towers' order is final.</summary>
    public required Ranker? Ranker { get; init; }

    /// <summary>Runs the tower for rows of several requests together.</summary>
    public required DynamicBatcher Batcher { get; init; }

    /// <summary>The item vectors.</summary>
    public required IItemIndex Index { get; init; }

    /// <summary>The items.</summary>
    public required ItemCatalogue Items { get; init; }

    /// <summary>The known users.</summary>
    public required UserDirectory Users { get; init; }

    /// <summary>Groups of them.</summary>
    public required UserGroups Groups { get; init; }

    /// <summary>Attributes by value, for filters.</summary>
    public required ItemAttributes Attributes { get; init; }

    /// <summary>Words of the items, for search.</summary>
    public required TextIndex Text { get; init; }

    /// <summary>Search by words and meaning; null in a bundle without a query tower, which is searched by words.</summary>
    public required HybridSearch? Hybrid { get; init; }

    /// <summary>Distributions at training time against those of live traffic.</summary>
    public required DriftMonitor Drift { get; init; }

    /// <summary>1 / |vector| of each item without its bias, for similarity.</summary>
    public float[] InverseNorms => LazyInverseNorms.Value;

    /// <summary>Makes <see cref="InverseNorms"/> on first use.</summary>
    public required Lazy<float[]> LazyInverseNorms { get; init; }

    /// <summary>Whether the last coordinate of a user's vector is 1 and brings in an item's bias.</summary>
    public required bool HasBias { get; init; }

    /// <summary>How long it took from the folder to ready.</summary>
    public TimeSpan LoadTime { get; set; }

    /// <summary>Name of the model.</summary>
    public string Name => Manifest.Name;

    /// <summary>Version of the model.</summary>
    public string Version => Manifest.Version;

    /// <summary>Takes a lease; false where the model is gone.</summary>
    public bool TryLease()
    {
        for (var seen = Volatile.Read(ref leases); seen > 0;)
        {
            var before = Interlocked.CompareExchange(ref leases, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    /// <summary>Gives a lease back.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref leases) == 0)
        {
            Tower.Dispose();
            Ranker?.Dispose();
            Hybrid?.Dispose();
            (Index as IDisposable)?.Dispose();
        }
    }
}
