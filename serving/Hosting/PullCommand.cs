using System.Runtime.InteropServices;
using Reco.Bundle;
using Reco.Scoring.Models;

namespace Reco.Scoring.Hosting;

/// <summary><c>pull --from=STORE --to=FOLDER --bundle=NAME[/VERSION]</c>: copies a bundle and checks it, then ends. Exit codes:
/// 0 done, 1 the bundle cannot be had, 2 wrong usage, 143 terminated.</summary>
internal static class PullCommand
{
    private const int Terminated = 143;
    private const string Usage = "usage: pull --from=STORE --to=FOLDER --bundle=NAME[/VERSION]";

    /// <summary>Runs the command.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter output, TextWriter error)
    {
        var options = args.Select(arg => arg.Split('=', 2)).Where(pair => pair.Length == 2 && pair[1].Length > 0).ToLookup(pair => pair[0], pair => pair[1]);
        if (options.Count != 3 || args.Count != 3 || new[] { "--from", "--to", "--bundle" }.Any(name => !options.Contains(name)))
        {
            await error.WriteLineAsync($"error: {Usage}").ConfigureAwait(false);
            return 2;
        }

        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        try
        {
            var folder = await BundlePull.CopyAsync(options["--from"].Single(), options["--to"].Single(), options["--bundle"].Single(), stop.Token).ConfigureAwait(false);
            await output.WriteLineAsync($"pulled {folder}; every checksum holds").ConfigureAwait(false);
            return 0;
        }
        catch (Exception problem) when (problem is BundleException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"error: {problem.Message}").ConfigureAwait(false);
            return 1;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("terminated: nothing was kept.").ConfigureAwait(false);
            return Terminated;
        }
    }
}
