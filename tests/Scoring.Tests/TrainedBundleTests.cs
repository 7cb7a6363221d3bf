namespace Reco.Scoring.Tests;

/// <summary>A bundle of the real training pipeline.</summary>
[Collection(TrainedBundleTestGroup.Name)]
public sealed class TrainedBundleTests(TrainedBundle trained)
{
    [Fact]
    public async Task TrainedBundle_EveryPrecision_ServesTheShop()
    {
        var tops = new Dictionary<string, HashSet<string>>();
        foreach (var precision in new[] { "fp32", "fp16", "int8" })
        {
            await using var host = await trained.ServeAsync($"--Reco:Precision={precision}");
            var answer = await host.GetAsync("/v1/recommend?user=1&k=20&attributes=true");
            Assert.All(answer["items"]!.AsArray(), item => Assert.False(string.IsNullOrWhiteSpace((string)item!["name"]!)));
            tops[precision] = [.. Protocols.DomainTests.Ids(answer)];
            var ready = await host.GetAsync("/v2/health/ready");
            Assert.Equal(precision, (string)ready["precision"]!);
            Assert.Equal($"exact-{precision}", (string)ready["index"]!);
            Assert.NotEmpty(Protocols.DomainTests.Ids(await host.GetAsync("/v1/search?q=bread")));
        }

        Assert.True(tops["fp32"].Intersect(tops["fp16"]).Count() >= 18, "FP16 and FP32 differ in more than 2 of 20 items");
        Assert.True(tops["fp32"].Intersect(tops["int8"]).Count() >= 15, "int8 and FP32 differ in more than 5 of 20 items");
    }
}
