using System.Text.Json.Nodes;

namespace Reco.EndToEnd;

/// <summary>What a new user does, in order.</summary>
public sealed class MainJobTests
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    [Fact]
    public async Task MainJob_OnTheDemoShop_GoesFromDataToTrafficAndBack()
    {
        await using var project = new ShopProject(ranker: null);

        // Everything from nothing.
        var up = await project.SucceedAsync("up", "--yes", "--stack", "dev");
        Assert.Contains("training", up.Output);
        var outputs = await project.OutputsAsync();
        var url = (string)outputs["scoringUrl"]!;
        Assert.Equal($"http://127.0.0.1:{project.Port}", url);
        Assert.Equal("two-tower", (string)outputs["modelName"]!);
        Assert.True(File.Exists(Path.Combine(project.Folder, (string)outputs["reportPath"]!)), "reportPath is not a file");
        Assert.IsType<JsonObject>(outputs["evaluation"]);
        var version = (string)outputs["modelVersion"]!;

        const string User = "1";
        await AssertServesAsync(url, version, User);
        await AssertServesGrpcAsync((string)outputs["grpcUrl"]!);

        // Nothing changed: nothing is done, and it says so.
        var again = await project.SucceedAsync("up", "--yes", "--stack", "dev");
        Assert.Contains("unchanged", again.Output);
        Assert.DoesNotContain("created", again.Output);
        Assert.Equal(version, (string)(await project.OutputsAsync())["modelVersion"]!);

        // A changed hyper-parameter: a diff that names it, a new model, and no request dropped.
        await project.SucceedAsync("config", "set", "seed", "7", "--stack", "dev");
        var diff = await project.SucceedAsync("preview", "--diff", "--stack", "dev");
        Assert.Contains("--seed=42", diff.Output);
        Assert.Contains("--seed=7", diff.Output);
        int requests;
        await using (var load = new LoadDuringRollout($"{url}/v1/recommend?user={User}&k=10", clients: 4))
        {
            await project.SucceedAsync("up", "--yes", "--stack", "dev");
            Assert.Empty(load.Failures);
            requests = load.Requests;
        }

        Assert.True(requests > 100, $"only {requests} requests were made during the rollout");
        var retrained = (string)(await project.OutputsAsync())["modelVersion"]!;
        Assert.NotEqual(version, retrained);
        await AssertServesAsync(url, retrained, User);
        await AssertServesGrpcAsync((string)outputs["grpcUrl"]!);

        // The end: nothing runs, nothing is left but state history.
        await project.SucceedAsync("destroy", "--yes", "--stack", "dev");
        Assert.Empty(project.Processes());
        Assert.False(Directory.Exists(Path.Combine(project.Folder, ".reco")), "destroy left files of the local cluster behind");
    }

    [RealDataFact]
    public async Task MainJob_OnCompleteJourney_BeatsPopularityAndServesRealProducts()
    {
        await using var project = new ShopProject(epochs: null, ranker: null);
        await project.SucceedAsync("config", "set", "dataset", Repository.CompleteJourney!, "--stack", "dev");
        await project.SucceedAsync("up", "--yes", "--stack", "dev");
        var outputs = await project.OutputsAsync();
        await AssertServesAsync((string)outputs["scoringUrl"]!, (string)outputs["modelVersion"]!, "2261");

        // Full ranking on the time-based hold-out.
        var evaluation = outputs["evaluation"]!;
        Assert.True((double)evaluation["differenceToPopularity"]!["low"]! > 0, $"not better than popularity: {evaluation.ToJsonString()}");
        Assert.InRange((double)evaluation["int8Ndcg10"]!, 0.99 * (double)evaluation["fp32Ndcg10"]!, double.MaxValue);
        await project.SucceedAsync("destroy", "--yes", "--stack", "dev");
        Assert.Empty(project.Processes());
    }

    /// <summary>ServerReady of the Open Inference Protocol: a frame with an empty message there, one with <c>ready = true</c> back.</summary>
    private static async Task AssertServesGrpcAsync(string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{url}/inference.GRPCInferenceService/ServerReady")
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(new byte[5]),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.Add("TE", "trailers");
        using var response = await Http.SendAsync(request);
        Assert.Equal([0, 0, 0, 0, 2, 8, 1], await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("0", Assert.Single(response.TrailingHeaders.GetValues("grpc-status")));
    }

    private static async Task AssertServesAsync(string url, string version, string user)
    {
        var index = await Http.GetStringAsync($"{url}/v2");
        Assert.Contains("\"name\"", index);
        var model = JsonNode.Parse(await Http.GetStringAsync($"{url}/v2/models/two-tower"))!;
        Assert.Contains(version, model["versions"]!.AsArray().Select(entry => (string)entry!));
        Assert.Equal(System.Net.HttpStatusCode.OK, (await Http.GetAsync($"{url}/v2/health/ready")).StatusCode);
        Assert.Contains("# TYPE", await Http.GetStringAsync($"{url}/metrics"));

        var answer = JsonNode.Parse(await Http.GetStringAsync($"{url}/v1/recommend?user={user}&k=10"))!;
        var items = answer["items"]!.AsArray();
        Assert.Equal(10, items.Count);
        Assert.All(items, item => Assert.False(string.IsNullOrWhiteSpace((string?)item!["name"])));
        var scores = items.Select(item => (double)item!["score"]!).ToArray();
        Assert.Equal(scores.OrderDescending(), scores);

        var pair = JsonNode.Parse(await Http.GetStringAsync($"{url}/v1/predictions?user_id={user}&item_id={(string)items[0]!["id"]!}"))!;
        Assert.Equal(scores[0], (double)pair["score"]!, 4);

        var cold = JsonNode.Parse(await Http.GetStringAsync($"{url}/v1/recommend?user=never-seen&k=10"))!;
        Assert.Equal(10, cold["items"]!.AsArray().Count);
    }
}
