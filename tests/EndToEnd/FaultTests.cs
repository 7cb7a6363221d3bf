using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Reco.EndToEnd;

/// <summary>What breaks while it runs: two runs at once, a run that is stopped, processes that die, a training that fails.</summary>
public sealed partial class FaultTests
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    [Fact]
    public async Task Up_WhileOneRuns_NamesTheHolderOfTheLock()
    {
        await using var project = new ShopProject();
        using var first = project.Start("up", "--yes", "--stack", "dev");
        await first.WaitForAsync("training", TimeSpan.FromMinutes(1));
        await UntilLockedAsync(project);
        var second = await project.UpFailsAsync();
        Assert.Contains($"{first.Process.Id}", second.Text);
        Assert.Equal(0, (await ShopProject.FinishAsync(first)).ExitCode);
    }

    [Fact]
    public async Task Up_Interrupted_KeepsStateAndTheNextRunCarriesOn()
    {
        await using var project = new ShopProject();
        using (var first = project.Start("up", "--yes", "--stack", "dev"))
        {
            await first.WaitForAsync("training", TimeSpan.FromMinutes(1));
            await UntilLockedAsync(project);
            Assert.Equal(0, Kill(first.Process.Id, Interrupt));
            var result = await ShopProject.FinishAsync(first);
            Assert.NotEqual(0, result.ExitCode);
            result.AssertReadable();
        }

        await project.SucceedAsync("up", "--yes", "--stack", "dev");
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync($"http://127.0.0.1:{project.Port}/v2/health/ready")).StatusCode);
        await AssertOneOfEachAsync(project);
    }

    [Fact]
    public async Task Up_Killed_LosesNothingAndTheNextRunCarriesOn()
    {
        await using var project = new ShopProject();
        using (var first = project.Start("up", "--yes", "--stack", "dev"))
        {
            await first.WaitForAsync("training", TimeSpan.FromMinutes(1));
            await UntilLockedAsync(project);
            await Task.Delay(TimeSpan.FromSeconds(2));
            first.Process.Kill();
            await ShopProject.FinishAsync(first);
        }

        await project.SucceedAsync("up", "--yes", "--stack", "dev");
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync($"http://127.0.0.1:{project.Port}/v2/health/ready")).StatusCode);
        await AssertOneOfEachAsync(project);
    }

    [Fact]
    public async Task ScoringProcess_Killed_IsRestarted()
    {
        await using var project = new ShopProject();
        await project.SucceedAsync("up", "--yes", "--stack", "dev");
        var before = project.ScoringProcesses();
        Assert.Equal(2, before.Count);
        Assert.Equal(0, Kill(before[0], 9));
        await UntilAsync(() => project.ScoringProcesses() is { Count: 2 } now && !now.Contains(before[0]), "a new scoring process");
        await UntilAsync(() => Http.GetAsync($"http://127.0.0.1:{project.Port}/v2/health/ready").Result.IsSuccessStatusCode, "a ready service");
    }

    [Fact]
    public async Task Up_TrainingFails_OldServiceKeepsServing()
    {
        await using var project = new ShopProject();
        await project.SucceedAsync("up", "--yes", "--stack", "dev");
        var version = (string)(await project.OutputsAsync())["modelVersion"]!;

        // A gate that no model passes.
        await project.SucceedAsync("config", "set", "gateMinLift", "9.5", "--stack", "dev");
        var up = await project.UpFailsAsync();
        Assert.Contains("gate", up.Text, StringComparison.OrdinalIgnoreCase);
        var model = JsonNode.Parse(await Http.GetStringAsync($"http://127.0.0.1:{project.Port}/v2/models/two-tower"))!;
        Assert.Contains(version, model["versions"]!.AsArray().Select(entry => (string)entry!));

        // The way back: the old setting, and the stack is whole again.
        await project.SucceedAsync("config", "rm", "gateMinLift", "--stack", "dev");
        await project.SucceedAsync("up", "--yes", "--stack", "dev");
        Assert.Equal(version, (string)(await project.OutputsAsync())["modelVersion"]!);
    }

    private const int Interrupt = 2;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private static Task UntilLockedAsync(ShopProject project) =>
        UntilAsync(() => Directory.Exists(Path.Combine(project.Folder, ".pulumi", "locks"))
            && Directory.EnumerateFiles(Path.Combine(project.Folder, ".pulumi", "locks"), "*.json", SearchOption.AllDirectories).Any(), "a lock");

    private static async Task UntilAsync(Func<bool> condition, string what)
    {
        var end = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(end.Elapsed < TimeSpan.FromMinutes(2), $"there was no {what} within two minutes");
            await Task.Delay(100);
        }
    }

    /// <summary>No resource twice, none without its object: what a lost or doubled step would leave behind.</summary>
    private static async Task AssertOneOfEachAsync(ShopProject project)
    {
        var export = JsonNode.Parse((await project.SucceedAsync("stack", "export", "--stack", "dev")).Output)!["deployment"]!;
        var urns = export["resources"]!.AsArray().Select(resource => (string)resource!["urn"]!).ToArray();
        Assert.Equal(urns.Distinct(), urns);
        Assert.True(export["pending_operations"] is not JsonArray { Count: > 0 }, "operations are still pending");
        Assert.Equal(2, project.ScoringProcesses().Count);
    }
}
