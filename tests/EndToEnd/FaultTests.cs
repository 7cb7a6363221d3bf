using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Reco.EndToEnd;

/// <summary>What goes wrong for real users, and what they are told.</summary>
public sealed partial class FaultTests
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    [Fact]
    public async Task Up_UnknownConfigKey_NamesKeyAndKnownOnes()
    {
        await using var project = new ShopProject();
        await project.SucceedAsync("config", "set", "epocs", "5", "--stack", "dev");
        var up = await project.RunAsync("up", "--yes", "--stack", "dev");
        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains("reco:epocs", up.Text);
        Assert.Contains("did you mean epochs?", up.Text);
        AssertReadable(up);
    }

    [Fact]
    public async Task Up_ValueOutOfRange_NamesKeyAndAllowedValues()
    {
        await using var project = new ShopProject();
        await project.SucceedAsync("config", "set", "target", "moon", "--stack", "dev");
        await project.SucceedAsync("config", "set", "scoringPort", "80", "--stack", "dev");
        var up = await project.RunAsync("up", "--yes", "--stack", "dev");
        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains("local, kubernetes", up.Text);
        Assert.Contains("from 30000 to 32767", up.Text);
        AssertReadable(up);
    }

    [Fact]
    public async Task Up_MissingDataFolder_NamesKeyAndFolder()
    {
        await using var project = new ShopProject();
        await project.SucceedAsync("config", "set", "dataset", "no/such/folder", "--stack", "dev");
        var up = await project.RunAsync("up", "--yes", "--stack", "dev");
        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains("reco:dataset", up.Text);
        Assert.Contains("no/such/folder", up.Text);
        AssertReadable(up);
    }

    [Fact]
    public async Task Up_MalformedCsvLine_FailsWithTheJobsLastLines()
    {
        await using var project = new ShopProject();
        var data = Directory.CreateDirectory(Path.Combine(project.Folder, "data")).FullName;
        await WriteAsync(data, "transactions.csv.gz", "household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,coupon_match_disc,week,transaction_timestamp\n"
            + "1,2,3,4,1,2.5,0,0,0,1,2017-01-01T10:00:00Z\n1,2,3,4,not-a-number,2.5,0,0,0,1,2017-01-02T10:00:00Z\n");
        await WriteAsync(data, "products.csv.gz", "product_id,manufacturer_id,department,brand,product_category,product_type,package_size\n4,1,GROCERY,National,MILK,WHOLE,1 L\n");
        await WriteAsync(data, "households.csv.gz", "household_id,age,income,home_ownership,marital_status,household_size,household_comp,kids_count\n1,19-24,Under 15K,NA,NA,1,NA,0\n");
        await project.SucceedAsync("config", "set", "dataset", "data", "--stack", "dev");

        var up = await project.RunAsync("up", "--yes", "--stack", "dev");
        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains("transactions.csv.gz", up.Text);
        Assert.Contains("line 3", up.Text);
        AssertReadable(up);
    }

    [Fact]
    public async Task Up_PortInUse_NamesPort()
    {
        await using var project = new ShopProject();
        using var squatter = new TcpListener(IPAddress.Loopback, project.Port);
        squatter.Start();
        var up = await project.RunAsync("up", "--yes", "--stack", "dev");
        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains($"{project.Port}", up.Text);
        Assert.Contains("in use", up.Text);
        AssertReadable(up);

        // The port is free again: the next run carries on and does not train anew.
        squatter.Stop();
        var second = await project.SucceedAsync("up", "--yes", "--stack", "dev");
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync($"http://127.0.0.1:{project.Port}/v2/health/ready")).StatusCode);
        Assert.DoesNotContain("error", second.Output);
    }

    [Fact]
    public async Task Up_WhileOneRuns_NamesTheHolderOfTheLock()
    {
        await using var project = new ShopProject();
        using var first = project.Start("up", "--yes", "--stack", "dev");
        await first.WaitForAsync("training", TimeSpan.FromMinutes(1));
        await UntilLockedAsync(project);
        var second = await project.RunAsync("up", "--yes", "--stack", "dev");
        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains($"{first.Process.Id}", second.Text);
        AssertReadable(second);
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
            AssertReadable(result);
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
        var up = await project.RunAsync("up", "--yes", "--stack", "dev");
        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains("gate", up.Text, StringComparison.OrdinalIgnoreCase);
        AssertReadable(up);
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

    private static async Task WriteAsync(string folder, string name, string text)
    {
        await using var file = new GZipStream(File.Create(Path.Combine(folder, name)), CompressionLevel.Fastest);
        await using var writer = new StreamWriter(file);
        await writer.WriteAsync(text);
    }

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

    private static void AssertReadable(CommandResult result)
    {
        Assert.DoesNotContain("   at ", result.Text);
        Assert.DoesNotContain("Unhandled exception", result.Text);
    }
}
