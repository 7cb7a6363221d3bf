namespace Reco.Scoring.Tests;

/// <summary>A bundle of the real training pipeline.</summary>
[Collection(TrainedBundleTestGroup.Name)]
public sealed class TrainedBundleTests(TrainedBundle trained)
{
    [Fact]
    public async Task Search_MistypedName_IsFoundWithTheQueryTowerAndNotWithout()
    {
        await using var host = await trained.ServeAsync();
        var items = (await host.GetAsync("/v1/recommend?user=1&k=20&attributes=true"))["items"]!.AsArray();
        var found = 0;
        foreach (var item in items)
        {
            // The last two letters of every long word change places.
            var name = (string)item!["name"]!;
            var typed = string.Join(' ', name.Split(' ').Select(word => word.Length > 4 ? $"{word[..^2]}{word[^1]}{word[^2]}" : word));
            var answer = await host.GetAsync($"/v1/search?q={Uri.EscapeDataString(typed)}&k=10");
            Assert.Equal("hybrid", (string)answer["path"]!);
            found += answer["items"]!.AsArray().Any(hit => (string)hit!["name"]! == name) ? 1 : 0;
        }

        Assert.True(found >= items.Count * 3 / 4, $"only {found} of {items.Count} mistyped names were found");
        var (attribute, value) = items[0]!["attributes"]!.AsObject().First();
        var filtered = await host.GetAsync($"/v1/search?q=bread&k=10&filter={Uri.EscapeDataString($"{attribute}:{value}")}&attributes=true");
        Assert.NotEmpty(filtered["items"]!.AsArray());
        Assert.All(filtered["items"]!.AsArray(), hit => Assert.Equal((string)value!, (string)hit!["attributes"]![attribute]!));
    }

    [Fact]
    public async Task Search_TokensOfAnUnknownScheme_FallsBackToWords()
    {
        var store = Directory.CreateTempSubdirectory("reco-scoring-").FullName;
        await trained.PublishAsync(store, [], manifest => manifest with { Search = manifest.Search! with { Scheme = "another/9" } });
        await using var host = await ScoringHost.StartOnAsync(store, trained.Manifest.Name, load: true);
        var answer = await host.GetAsync("/v1/search?q=bread");
        Assert.Equal("bm25", (string)answer["path"]!);
        Assert.NotEmpty(answer["items"]!.AsArray());
    }

    [Fact]
    public async Task TrainedBundle_EveryPrecision_ServesTheShop()
    {
        var tops = new Dictionary<string, HashSet<string>>();
        foreach (var precision in trained.Manifest.Variants.Keys)
        {
            await using var host = await trained.ServeAsync($"--Reco:Precision={precision}");
            var answer = await host.GetAsync("/v1/recommend?user=1&k=20&attributes=true");
            Assert.All(answer["items"]!.AsArray(), item => Assert.False(string.IsNullOrWhiteSpace((string)item!["name"]!)));
            tops[precision] = [.. Protocols.DomainTests.Ids(answer)];
            var ready = await host.GetAsync("/v2/health/ready");
            Assert.Equal(precision, (string)ready["precision"]!);
            Assert.Equal($"exact-{precision.Split('-')[0]}", (string)ready["index"]!);
            Assert.NotEmpty(Protocols.DomainTests.Ids(await host.GetAsync("/v1/search?q=bread")));
        }

        Assert.Equal(["fp16", "fp32", "int8", "int8-static"], tops.Keys.Order(StringComparer.Ordinal));
        Assert.True(tops["fp32"].Intersect(tops["fp16"]).Count() >= 18, "FP16 and FP32 differ in more than 2 of 20 items");
        Assert.True(tops["fp32"].Intersect(tops["int8"]).Count() >= 15, "int8 and FP32 differ in more than 5 of 20 items");
    }
}
