using System.Runtime.InteropServices;

namespace Reco.Training.Cli;

/// <summary>Turns SIGINT and SIGTERM into cancellation, however often they come: the handler of the command line's library falls over a second one,
/// and programs that stop others often send it twice, once to the process and once to its group.</summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>Time for a run to come to its end by itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;
    private Timer? force;

    /// <summary>Starts listening.</summary>
    public StopSignals()
    {
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, 130));
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, 143));
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Exit code for the first signal; 0 before one.</summary>
    public int Code { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        interrupt.Dispose();
        terminate.Dispose();
        force?.Dispose();
        source.Dispose();
    }

    private void Stop(PosixSignalContext context, int code)
    {
        context.Cancel = true;
        lock (source)
        {
            if (Code != 0)
            {
                return;
            }

            Code = code;
            force = new Timer(_ => Environment.Exit(code), null, Patience, Timeout.InfiniteTimeSpan);
        }

        source.Cancel();
    }
}
