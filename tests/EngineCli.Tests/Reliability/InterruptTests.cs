using System.Diagnostics;
using System.Runtime.InteropServices;
using Reco.Engine.Cli.Tests.Support;
using Reco.EngineFixture;

namespace Reco.Engine.Cli.Tests.Reliability;

public sealed partial class InterruptTests
{
    private const int Interrupt = 2;

    [Fact]
    public async Task CtrlC_Once_FinishesWhatRunsAndWritesTheState()
    {
        await using var project = new CliProject();
        (await project.RunAsync("stack", "init", "dev")).Ok();
        project.Describe(new ProgramDescription { Generated = 60 });
        using var process = project.Start(400, "up", "--yes", "--skip-preview", "--parallel", "2");
        await ObjectsAsync(project, atLeast: 2);
        Assert.Equal(0, kill(process.Id, Interrupt));
        var result = await CliProject.EndAsync(process);

        Assert.Equal(8, result.Code);
        Assert.Contains("interrupted", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("The program failed", result.Output, StringComparison.Ordinal);
        var deployment = (await project.RunAsync("stack", "export")).Ok().Parse()["deployment"]!;
        Assert.Null(deployment["pending_operations"]);
        Assert.Equal(project.Objects.Count(), deployment["resources"]!.AsArray().Count(entry => entry!["type"]!.GetValue<string>() == "test:index:Thing"));
        Assert.InRange(project.Objects.Count(), 2, 59);
        Assert.False(File.Exists(Path.Combine(project.Root, ".pulumi", "journals", "shop", "dev.jsonl")));
        Assert.Empty(Directory.GetFiles(Path.Combine(project.Root, ".pulumi", "locks"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task CtrlC_Twice_StopsAtOnceWithOperationsOnRecord()
    {
        await using var project = new CliProject();
        (await project.RunAsync("stack", "init", "dev")).Ok();
        project.Describe(new ProgramDescription { Generated = 1 });
        using var process = project.Start(60_000, "up", "--yes", "--skip-preview");
        var journal = Path.Combine(project.Root, ".pulumi", "journals", "shop", "dev.jsonl");
        await UntilAsync(() => File.Exists(journal) && File.ReadAllText(journal).Contains("::item-0\"", StringComparison.Ordinal));
        Assert.Equal(0, kill(process.Id, Interrupt));
        var ended = CliProject.EndAsync(process);
        await Task.Delay(500);
        Assert.False(process.HasExited);
        var clock = Stopwatch.StartNew();
        Assert.Equal(0, kill(process.Id, Interrupt));
        var result = await ended;

        Assert.NotEqual(0, result.Code);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"it took {clock.Elapsed}");
        var pending = (await project.RunAsync("stack", "export")).Ok().Parse()["deployment"]!["pending_operations"]!.AsArray();
        Assert.Equal("creating", Assert.Single(pending)!["type"]!.GetValue<string>());
        var up = (await project.RunAsync("up", "--yes", "--skip-preview")).Ok();
        Assert.Contains(CliProject.Urn("item-0"), up.Output + up.Error, StringComparison.Ordinal);
    }

    private static Task ObjectsAsync(CliProject project, int atLeast) => UntilAsync(() => project.Objects.Count() >= atLeast);

    private static async Task UntilAsync(Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), "it did not come to that in two minutes");
            await Task.Delay(20);
        }
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
