using System.Net;
using System.Text.Json.Nodes;
using Reco.Bundle;
using Reco.Scoring.Tests.Protocols;
using Reco.Training.Compression;
using Reco.Training.Data;
using Reco.Training.Evaluation;
using Reco.Training.Model;
using Reco.Training.Ranking;

namespace Reco.Scoring.Tests.Recommendation;

/// <summary>The ranker of a trained bundle, as training measures it and as the service applies it.</summary>
[Collection(TrainedBundleTestGroup.Name)]
public sealed class TwoStageTests(TrainedBundle trained)
{
    private const double Tolerance = 1e-3;

    [Theory]
    [InlineData("fp32")]
    [InlineData("fp16")]
    [InlineData("int8")]
    [InlineData("int8-static")]
    public async Task Recommend_RealUsers_GetTrainingsTopTen(string precision)
    {
        await using var host = await trained.ServeAsync($"--Reco:Precision={precision}");
        var reader = await BundleReader.OpenAsync(trained.Folder, default);
        var (manifest, variant) = (reader.Manifest, reader.Manifest.Variants[precision]);
        var shop = DemoShop.Make();
        var histories = new Histories(shop.Interactions, shop.Users.Count);
        int[] users = [.. Enumerable.Range(0, 30).Select(place => place * shop.Users.Count / 30)];
        var shape = new TwoTowerShape(manifest.Users, manifest.Items, 0, manifest.MaxHistory, manifest.Dimension);
        using var tower = new OnnxTower(await trained.ReadAsync(variant.Model), shape);
        using var second = new OnnxRanker(await trained.ReadAsync(variant.Ranker!));
        var towers = new VariantRanker(precision, tower, reader.ReadItemMatrix(precision), shape, histories, users);
        var stages = new TwoStageRanker(towers, second.Score, histories, manifest.MaxHistory, manifest.Ranker!.Candidates);
        var (scores, first) = (new float[manifest.Items], new float[manifest.Items]);
        var places = shop.Items.Select((item, place) => (item.Id, place)).ToDictionary(entry => entry.Id, entry => entry.place);
        var moved = 0;
        foreach (var user in users)
        {
            stages.Score(user, scores);
            towers.Score(user, first);
            var expected = RankingMetrics.Top(scores, 10);
            moved += expected.SequenceEqual(RankingMetrics.Top(first, 10)) ? 0 : 1;
            var answer = await host.GetAsync($"/v1/recommend?user={shop.Users[user]}");
            Assert.True((bool)answer["ranked"]!);
            foreach (var (item, place) in answer["items"]!.AsArray().Zip(expected))
            {
                // Scores that tie may stand in either order.
                var own = scores[places[(string)item!["id"]!]];
                Assert.Equal(scores[place], own, Tolerance);
                Assert.Equal(own, (double)item!["score"]!, Tolerance);
            }
        }

        Assert.True(moved > users.Length / 2, "the ranker changes nothing: the test shows nothing");
    }

    [Fact]
    public async Task Recommend_FiltersAndExclusions_ChooseFromTheWholeOrder()
    {
        await using var host = await trained.ServeAsync();
        var all = (await host.GetAsync("/v1/recommend?user=7&k=1000&attributes=true"))["items"]!.AsArray();
        Assert.Equal(trained.Manifest.Items, all.Count);
        Assert.Equal(all.Count, all.Select(item => (string)item!["id"]!).Distinct().Count());
        var scores = all.Select(item => (double)item!["score"]!).ToArray();
        Assert.Equal(scores.OrderDescending(), scores);

        var brand = (string)all[^1]!["attributes"]!["brand"]!;
        var ofBrand = all.Where(item => (string)item!["attributes"]!["brand"]! == brand).Select(item => (string)item!["id"]!).ToArray();
        Assert.True(ofBrand.Length > 3);
        Assert.Equal(ofBrand, DomainTests.Ids(await host.GetAsync($"/v1/recommend?user=7&k=1000&filter=brand:{brand}")));
        Assert.Equal(ofBrand.Skip(2), DomainTests.Ids(await host.GetAsync($"/v1/recommend?user=7&k=1000&filter=brand:{brand}&exclude_items={ofBrand[0]},{ofBrand[1]}")));
        var unseen = await host.GetAsync("/v1/recommend?user=7&k=1000&exclude_seen=true");
        Assert.Equal(all.Select(item => (string)item!["id"]!).Where(DomainTests.Ids(unseen).Contains), DomainTests.Ids(unseen));
        Assert.Equal(all.Count * 9 / 10, DomainTests.Ids(await host.GetAsync($"/v1/recommend?user=7&k={all.Count * 9 / 10}&diversify=0.3")).Distinct().Count());
    }

    [Fact]
    public async Task Predictions_OfAnyPlace_AreTheScoresOfTheList()
    {
        await using var host = await trained.ServeAsync();
        var list = (await host.GetAsync("/v1/recommend?user=7&k=1000"))["items"]!.AsArray();
        var pairs = new JsonArray([.. list.Select(item => (JsonNode)new JsonObject { ["user_id"] = "7", ["item_id"] = (string)item!["id"]! })]);
        var several = (await host.PostAsync("/v1/predictions", new JsonObject { ["requests"] = pairs }.ToJsonString()))["predictions"]!.AsArray();
        Assert.All(list.Zip(several), pair => Assert.Equal((double)pair.First!["score"]!, (double)pair.Second!["score"]!, 1e-5));
        var one = await host.GetAsync($"/v1/predictions?user_id=7&item_id={list[3]!["id"]}");
        Assert.True((bool)one["ranked"]!);
        Assert.Equal((double)list[3]!["score"]!, (double)one["score"]!, 1e-5);

        // An unknown item stands among those that are called alike.
        var text = await host.GetAsync("/v1/predictions?user_id=7&item_id=new&text=Rye%20Bread");
        Assert.InRange((double)text["score"]!, (double)list[^1]!["score"]!, (double)list[0]!["score"]!);
    }

    [Fact]
    public async Task Recommend_Batch_GivesWhatSingleRequestsGive()
    {
        await using var host = await trained.ServeAsync();
        string[] users = ["1", "2", "3", "4", "5", "nobody"];
        var batch = await host.PostAsync("/v1/recommend", $$"""{"requests":[{{string.Join(',', users.Select(user => $$"""{"user":"{{user}}"}"""))}}]}""");
        foreach (var (user, answer) in users.Zip(batch["responses"]!.AsArray()))
        {
            Assert.Equal(DomainTests.Ids(await host.GetAsync($"/v1/recommend?user={user}")), DomainTests.Ids(answer!));
        }
    }

    [Fact]
    public async Task Service_WithRanker_SaysWhatIsRankedAndHowLongItTakes()
    {
        await using var host = await trained.ServeAsync();
        Assert.True((bool)(await host.GetAsync("/v2/health/ready"))["ranker"]!);
        Assert.True((bool)(await host.GetAsync("/v1/recommend?items=sku-0001"))["ranked"]!);
        Assert.False((bool)(await host.GetAsync("/v1/recommend?group=1,2"))["ranked"]!);
        Assert.False((bool)(await host.GetAsync("/v1/similar?item=sku-0001"))["ranked"]!);
        Assert.Contains("""reco_stage_duration_seconds_count{otel_scope_name="Reco.Scoring",stage="rank"}""", await host.Client.GetStringAsync("/metrics"));
    }

    [Fact]
    public async Task Load_RankerWithoutItsFile_IsRefused()
    {
        await using var host = await trained.ServeAsync();
        var bad = await trained.PublishAsync(host.Store, [], manifest => manifest with
        {
            Name = "other",
            Variants = manifest.Variants.SetItems(manifest.Variants.Select(entry => KeyValuePair.Create(entry.Key, entry.Value with { Ranker = null }))),
        });
        var error = await host.FailAsync(HttpStatusCode.BadRequest, "/v2/repository/models/other/load", $$$"""{"parameters":{"version":"{{{bad.Version}}}"}}""");
        Assert.Contains("ranker", error);
    }
}
