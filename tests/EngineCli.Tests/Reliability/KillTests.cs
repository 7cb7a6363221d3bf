using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Reco.Engine.Cli.Tests.Support;
using Reco.EngineFixture;
using Xunit.Abstractions;

namespace Reco.Engine.Cli.Tests.Reliability;

/// <summary>A real engine with a real program and a real provider plugin is killed at random moments of a real
/// <c>up</c>. <c>RECO_KILLS</c> sets how often (6); <c>RECO_KILL_SEED</c> repeats the moments of a run.</summary>
public sealed class KillTests(ITestOutputHelper log)
{
    private const int Resources = 30;
    private const int OperationMilliseconds = 50;

    [Fact]
    public async Task Kill_AtRandomMoments_LosesNothingAndTheNextUpConverges()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("RECO_KILLS") ?? "6", CultureInfo.InvariantCulture);
        var seed = int.TryParse(Environment.GetEnvironmentVariable("RECO_KILL_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.TickCount;
        log.WriteLine($"{kills} kills, seed {seed}");
        var random = new Random(seed);
        await using var project = new CliProject();
        (await project.RunAsync("stack", "init", "dev")).Ok();

        // How long an undisturbed run takes, and the part of it in which it does something, so that kills fall into all of it.
        project.Describe(new ProgramDescription { Generated = Resources, LastSize = -1 });
        var clock = Stopwatch.StartNew();
        TimeSpan idle;
        using (var undisturbed = project.Start(OperationMilliseconds, "up", "--yes", "--skip-preview"))
        {
            await FirstOperationAsync(project, undisturbed);
            idle = clock.Elapsed;
            (await CliProject.EndAsync(undisturbed)).Ok();
        }

        var duration = clock.Elapsed;
        var reported = new HashSet<string>(StringComparer.Ordinal);
        var inFlight = 0;
        for (var kill = 1; kill <= kills; kill++)
        {
            // Each second program takes resources away, so that deletes are killed, too.
            project.Describe(new ProgramDescription { Generated = kill % 2 == 0 ? Resources : Resources / 2, LastSize = kill });
            using var process = project.Start(OperationMilliseconds, "up", "--yes", "--skip-preview");
            var limit = duration;
            if (kill % 4 != 0)
            {
                await FirstOperationAsync(project, process);
                limit -= idle;
            }

            await Task.Delay(limit * random.NextDouble());
            process.Kill();
            await CliProject.EndAsync(process);
            await ProvidersEndAsync(project);

            // What there is, is in the state or is reported as in flight.
            var export = (await project.RunAsync("stack", "export")).Ok().Parse()["deployment"]!;
            var known = Ids(export["resources"]);
            foreach (var (id, urn) in Objects(project).Where(entry => !known.Contains(entry.Id) && !reported.Contains(entry.Id)))
            {
                Assert.Contains(export["pending_operations"]?.AsArray() ?? [], operation => operation!["resource"]!["urn"]!.GetValue<string>() == urn && operation["type"]!.GetValue<string>() == "creating");
                reported.Add(id);
                inFlight++;
            }

            if (kill % 5 == 0)
            {
                await ConvergeAsync(project, kill % 2 == 0 ? Resources : Resources / 2, reported);
            }
        }

        await ConvergeAsync(project, kills % 2 == 0 ? Resources : Resources / 2, reported);
        log.WriteLine($"{inFlight} objects were in flight and reported");
        (await project.RunProcessAsync(0, "destroy", "--yes", "--skip-preview")).Ok();
        Assert.DoesNotContain(Objects(project), entry => !reported.Contains(entry.Id));
    }

    private static async Task ConvergeAsync(CliProject project, int expected, HashSet<string> reported)
    {
        var up = (await project.RunProcessAsync(0, "up", "--yes", "--skip-preview")).Ok();
        var known = Ids((await project.RunAsync("stack", "export")).Ok().Parse()["deployment"]!["resources"]);
        var real = Objects(project).Where(entry => !reported.Contains(entry.Id)).Select(entry => entry.Id).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(expected, real.Count);
        Assert.Empty(real.Except(known));
        (await project.RunProcessAsync(0, "preview", "--expect-no-changes")).Ok();
        if (reported.Count > 0 && up.Output.Contains("interrupted while creating", StringComparison.Ordinal))
        {
            (await project.RunProcessAsync(0, "refresh", "--yes", "--skip-preview", "--clear-pending-creates")).Ok();
        }
    }

    // The journal begins with the first operation.
    private static async Task FirstOperationAsync(CliProject project, Process process)
    {
        var started = process.StartTime.ToUniversalTime();
        while (!process.HasExited && File.GetLastWriteTimeUtc(project.Journal) < started)
        {
            await Task.Delay(1);
        }
    }

    // What a plugin was doing when its engine was killed it does to the end, and then ends.
    private static async Task ProvidersEndAsync(CliProject project)
    {
        foreach (var file in Directory.GetFiles(project.World, "*" + DiskProvider.ProcessFile))
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            try
            {
                using var provider = Process.GetProcessById(int.Parse(Path.GetFileNameWithoutExtension(file), CultureInfo.InvariantCulture));
                await provider.WaitForExitAsync(limit.Token);
            }
            catch (ArgumentException)
            {
                // It has ended.
            }

            File.Delete(file);
        }
    }

    private static HashSet<string> Ids(JsonNode? resources) => (resources?.AsArray() ?? []).Select(entry => entry!["id"]?.GetValue<string>() ?? "").Where(id => id.Length > 0).ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<(string Id, string Urn)> Objects(CliProject project) =>
        Directory.GetFiles(project.World, "*.object").Select(file => (Path.GetFileNameWithoutExtension(file), File.ReadLines(file).First()));
}
