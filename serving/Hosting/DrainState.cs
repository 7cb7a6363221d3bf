namespace Reco.Scoring.Hosting;

/// <summary>Whether the process is on its way out: it still answers, but is not ready for new traffic.</summary>
internal sealed class DrainState
{
    private volatile bool draining;

    /// <summary>Whether SIGTERM has come.</summary>
    public bool IsDraining => draining;

    /// <summary>Says that it has.</summary>
    public void Begin() => draining = true;
}
