using System.Runtime.InteropServices;
using Reco.Engine.Cli;

// The first Ctrl-C or SIGTERM lets what runs come to its end and writes the state; the second ends the process.
const int Cancelled = 8;
using var interrupted = new CancellationTokenSource();
void Interrupt(PosixSignalContext signal)
{
    if (interrupted.IsCancellationRequested)
    {
        Console.Error.WriteLine("interrupted again: stopping at once. Operations in flight are on record; the next run deals with them.");
        Environment.Exit(Cancelled);
        return;
    }

    signal.Cancel = true;
    Console.Error.WriteLine("interrupted: waiting for operations in flight; once more stops at once.");
    _ = interrupted.CancelAsync();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
return await RecoCommand.RunAsync(args, new CliContext(Console.Out, Console.Error, Environment.GetEnvironmentVariable, TimeProvider.System, interrupted.Token));
