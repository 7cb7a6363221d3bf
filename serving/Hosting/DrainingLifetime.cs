using System.Runtime.InteropServices;
using Reco.Scoring.Configuration;

namespace Reco.Scoring.Hosting;

/// <summary>Ends the process in order: at SIGTERM the service says that it is not ready and goes on answering for a moment, so
/// that whoever balances load can turn away from it; then it takes no more connections and finishes what it has.</summary>
internal sealed partial class DrainingLifetime(ScoringOptions options, DrainState state, IHostApplicationLifetime application, TimeProvider time, ILogger<DrainingLifetime> log)
    : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> signals = [];

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT })
        {
            signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                _ = DrainAsync();
            }));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => signals.ForEach(signal => signal.Dispose());

    private async Task DrainAsync()
    {
        if (state.IsDraining)
        {
            // The second signal: somebody does not want to wait.
            application.StopApplication();
            return;
        }

        state.Begin();
        LogDraining(options.Drain.Delay.TotalSeconds, options.Drain.Timeout.TotalSeconds);
        await Task.Delay(options.Drain.Delay, time).ConfigureAwait(false);
        application.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Draining: not ready for new traffic; answers {Delay} s more, then finishes what it has within {Timeout} s")]
    private partial void LogDraining(double delay, double timeout);
}
