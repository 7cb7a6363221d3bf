using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Reco.Engine.Cli.Tests.Support;
using Reco.EngineFixture;
using Xunit.Abstractions;

namespace Reco.Engine.Cli.Tests.Reliability;

/// <summary>A real engine with a real program and a real provider plugin is killed at random moments of a real
/// <c>up</c>. <c>RECO_KILLS</c> sets how often (10); <c>RECO_KILL_SEED</c> repeats the moments of a run.</summary>
public sealed class KillTests(ITestOutputHelper log)
{
    private const int Resources = 30;

    [Fact]
    public async Task Kill_AtRandomMoments_LosesNothingAndTheNextUpConverges()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("RECO_KILLS") ?? "10", CultureInfo.InvariantCulture);
        var seed = int.TryParse(Environment.GetEnvironmentVariable("RECO_KILL_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.TickCount;
        log.WriteLine($"{kills} kills, seed {seed}");
        var random = new Random(seed);
        await using var project = new CliProject();
        (await project.RunAsync("stack", "init", "dev")).Ok();

        // How long an undisturbed run takes, so that kills fall into all of it.
        project.Describe(new ProgramDescription { Generated = Resources, LastSize = -1 });
        var clock = Stopwatch.StartNew();
        (await project.RunProcessAsync(20, "up", "--yes", "--skip-preview")).Ok();
        var duration = clock.Elapsed;
        var reported = new HashSet<string>(StringComparer.Ordinal);
        var inFlight = 0;
        for (var kill = 1; kill <= kills; kill++)
        {
            // Each second program takes resources away, so that deletes are killed, too.
            project.Describe(new ProgramDescription { Generated = kill % 2 == 0 ? Resources : Resources / 2, LastSize = kill });
            using var process = project.Start(20, "up", "--yes", "--skip-preview");
            await Task.Delay(TimeSpan.FromTicks((long)(duration.Ticks * random.NextDouble())));
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

    // The plugin notices that the engine is gone when it wants to answer; what it was doing it does to the end.
    private static async Task ProvidersEndAsync(CliProject project)
    {
        var last = -1;
        for (var quiet = 0; quiet < 3;)
        {
            await Task.Delay(50);
            var now = Directory.GetFiles(project.World).Length;
            quiet = now == last ? quiet + 1 : 0;
            last = now;
        }
    }

    private static HashSet<string> Ids(JsonNode? resources) => (resources?.AsArray() ?? []).Select(entry => entry!["id"]?.GetValue<string>() ?? "").Where(id => id.Length > 0).ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<(string Id, string Urn)> Objects(CliProject project) =>
        Directory.GetFiles(project.World, "*.object").Select(file => (Path.GetFileNameWithoutExtension(file), File.ReadLines(file).First()));
}
