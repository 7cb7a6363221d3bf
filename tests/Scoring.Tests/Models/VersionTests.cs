using System.Net;
using Reco.Bundle;

namespace Reco.Scoring.Tests.Models;

public sealed class VersionTests
{
    private const string Load = "/v2/repository/models/shop/load";

    [Fact]
    public async Task Load_NewVersion_TakesOverAndRollbackGoesBackAtOnce()
    {
        await using var host = await ScoringHost.StartAsync();
        var old = await VersionAsync(host);
        var next = await BundleMaker.PublishAsync(host.Store, 2);
        await host.PostAsync(Load, $$$"""{"parameters":{"version":"{{{next.Version}}}"}}""");
        Assert.Equal(next.Version, await VersionAsync(host));

        // Both answer by name, and labels know which is which.
        await host.GetAsync($"/v2/models/shop/versions/{old}/ready");
        var previous = await host.GetAsync("/v1/models/shop/labels/previous");
        Assert.Equal(old, (string)previous["model_version_status"]![0]!["version"]!);
        var index = (await host.PostAsync("/v2/repository/index", "")).AsArray();
        Assert.Equal(2, index.Count(entry => (string)entry!["state"]! == "READY"));

        await host.PostAsync("/v2/repository/models/shop/rollback", "");
        Assert.Equal(old, await VersionAsync(host));

        await host.PostAsync("/v2/repository/models/shop/unload", $$$"""{"parameters":{"version":"{{{next.Version}}}"}}""");
        await host.FailAsync(HttpStatusCode.NotFound, $"/v2/models/shop/versions/{next.Version}");
        await host.FailAsync(HttpStatusCode.Conflict, "/v2/repository/models/shop/rollback", "");
    }

    [Fact]
    public async Task Load_WithoutVersion_TakesTheNewest()
    {
        await using var host = await ScoringHost.StartAsync();
        await BundleMaker.PublishAsync(host.Store, 2);
        var newest = await BundleMaker.PublishAsync(host.Store, 9);
        await host.PostAsync(Load, "{}");
        Assert.Equal(newest.Version, await VersionAsync(host));
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("flipped")]
    [InlineData("renamed")]
    [InlineData("missing")]
    [InlineData("schema")]
    [InlineData("manifest")]
    [InlineData("shape")]
    public async Task Load_DamagedBundle_IsRefusedAndTheOldOneServesOn(string damage)
    {
        await using var host = await ScoringHost.StartAsync();
        var old = await VersionAsync(host);
        var bad = await BundleMaker.PublishAsync(host.Store, 3, change: manifest => damage == "shape" ? manifest with { MaxHistory = 9, Inputs = [manifest.Inputs[0], new TensorSpec("history", "INT64", [-1, 9])] } : manifest);
        var folder = Path.Combine(host.Store, "shop", bad.Version);
        Damage(damage, folder);
        var error = await host.FailAsync(HttpStatusCode.BadRequest, Load, $$$"""{"parameters":{"version":"{{{bad.Version}}}"}}""");
        Assert.Contains(folder, error);
        Assert.Equal(old, await VersionAsync(host));
        await host.FailAsync(HttpStatusCode.BadRequest, Load, """{"parameters":{"version":"nothing"}}""");
        await host.FailAsync(HttpStatusCode.BadRequest, Load, """{"parameters":{"version":"../shop"}}""");
        await host.FailAsync(HttpStatusCode.BadRequest, "/v2/repository/models/..%2f..%2fetc/load", "{}");
    }

    [Theory]
    [InlineData("nobody", "names no user of the bundle")]
    [InlineData("u1", "is there twice")]
    public async Task Load_GroupsThatCannotBeAsked_IsRefused(string user, string reason)
    {
        await using var host = await ScoringHost.StartAsync();
        var bad = await BundleMaker.PublishAsync(host.Store, 3, groups: [new BundleGroup("group 1", "Tea", 1, [user]), new BundleGroup("group 1", "Tea", 1, [user])]);
        Assert.Contains(reason, await host.FailAsync(HttpStatusCode.BadRequest, Load, $$$"""{"parameters":{"version":"{{{bad.Version}}}"}}"""));
    }

    [Fact]
    public async Task Swap_UnderLoad_FailsNoRequest()
    {
        await using var host = await ScoringHost.StartAsync();
        var versions = new[] { await VersionAsync(host), (await BundleMaker.PublishAsync(host.Store, 2)).Version, (await BundleMaker.PublishAsync(host.Store, 3)).Version };
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(client => Task.Run(async () =>
        {
            var seen = new HashSet<string>();
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var answer = await host.GetAsync($"/v1/recommend?user=u{(i + client) % BundleMaker.Users}&k=5");
                Assert.Equal(5, answer["items"]!.AsArray().Count);
                seen.Add((string)answer["version"]!);
            }

            return seen;
        })).ToArray();
        for (var swap = 1; swap <= 9; swap++)
        {
            await host.PostAsync(Load, $$$"""{"parameters":{"version":"{{{versions[swap % 3]}}}"}}""");
        }

        await stop.CancelAsync();
        var all = (await Task.WhenAll(clients)).SelectMany(seen => seen).ToHashSet();
        Assert.True(all.Count >= 2, "no swap was seen");
        Assert.Subset(versions.ToHashSet(), all);
    }

    [Fact]
    public async Task Unload_OfEverything_IsNotReadyAndLoadHelps()
    {
        await using var host = await ScoringHost.StartAsync();
        await host.PostAsync("/v2/repository/models/shop/unload", "");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await host.Client.GetAsync("/v2/health/ready")).StatusCode);
        var refused = await host.Client.GetAsync("/v1/recommend?user=u1");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        await host.PostAsync(Load, "{}");
        await host.GetAsync("/v1/recommend?user=u1");
    }

    [Fact]
    public async Task Candidate_Share_AnswersTheSameUsersEveryTime()
    {
        var store = Directory.CreateTempSubdirectory("reco-scoring-").FullName;
        var current = await BundleMaker.PublishAsync(store, 1);
        var candidate = await BundleMaker.PublishAsync(store, 2);
        await using var host = await ScoringHost.StartOnAsync(store, $"shop/{current.Version}", true, $"--Reco:Versions:Candidate=shop/{candidate.Version}", "--Reco:Versions:CandidateShare=0.5", "--Reco:Versions:ShadowShare=1");
        var split = new Dictionary<string, string>();
        for (var round = 0; round < 3; round++)
        {
            for (var user = 0; user < BundleMaker.Users; user++)
            {
                var version = (string)(await host.GetAsync($"/v1/recommend?user=u{user}"))["version"]!;
                Assert.Equal(split.GetValueOrDefault($"u{user}", version), version);
                split[$"u{user}"] = version;
            }
        }

        Assert.InRange(split.Values.Count(version => version == candidate.Version), 8, 32);
        Assert.Contains("reco_shadow_overlap_ratio_count", await host.Client.GetStringAsync("/metrics"));
    }

    private static async Task<string> VersionAsync(ScoringHost host) => (string)(await host.GetAsync("/v1/recommend?user=u1&k=1"))["version"]!;

    private static void Damage(string damage, string folder)
    {
        var model = Path.Combine(folder, BundleFiles.Model);
        var manifest = Path.Combine(folder, BundleFiles.Manifest);
        switch (damage)
        {
            case "truncated":
                File.WriteAllBytes(model, File.ReadAllBytes(model)[..^10]);
                break;
            case "flipped":
                var bytes = File.ReadAllBytes(model);
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(model, bytes);
                break;
            case "renamed":
                // It parses, and says something else.
                var items = Path.Combine(folder, BundleFiles.Items);
                File.WriteAllText(items, File.ReadAllText(items).Replace("\"name\":\"B", "\"name\":\"P", StringComparison.Ordinal));
                break;
            case "missing":
                File.Delete(Path.Combine(folder, BundleFiles.Users));
                break;
            case "schema":
                File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"schemaVersion\": 1", "\"schemaVersion\": 2", StringComparison.Ordinal));
                break;
            case "manifest":
                File.WriteAllText(manifest, "{");
                break;
        }
    }
}
