using Reco.Bundle;
using Reco.Scoring.Inference;
using Reco.Scoring.Retrieval;

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

    /// <summary>The item vectors.</summary>
    public required IItemIndex Index { get; init; }

    /// <summary>The items.</summary>
    public required ItemCatalogue Items { get; init; }

    /// <summary>The known users.</summary>
    public required UserDirectory Users { get; init; }

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
        }
    }
}
