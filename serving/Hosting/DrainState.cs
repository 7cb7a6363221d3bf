namespace Reco.Scoring.Hosting;

/// <summary>Whether the process is on its way out: it still answers, but is not ready for new traffic.</summary>
internal sealed class DrainState : IDisposable
{
    private readonly CancellationTokenSource begun = new();

    /// <summary>Whether SIGTERM has come.</summary>
    public bool IsDraining => begun.IsCancellationRequested;

    /// <summary>Signalled when it comes.</summary>
    public CancellationToken Begun => begun.Token;

    /// <summary>Says that it has.</summary>
    public void Begin() => begun.Cancel();

    /// <inheritdoc/>
    public void Dispose() => begun.Dispose();
}
