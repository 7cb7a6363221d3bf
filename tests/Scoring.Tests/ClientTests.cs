using System.Net;
using Reco.Scoring.Client;

namespace Reco.Scoring.Tests;

public sealed class ClientTests(SharedHost shared) : IClassFixture<SharedHost>
{
    [Fact]
    public async Task Client_EveryCall_GivesWhatTheApiGives()
    {
        using var client = new ScoringClient(shared.Host.Address);
        Assert.True(await client.IsReadyAsync());
        var answer = await client.RecommendAsync(new RecommendRequest { User = "u1", K = 5, Attributes = true, Filter = new Dictionary<string, IReadOnlyList<string>> { ["brand"] = ["Alder"] } });
        Assert.Equal("user", answer.Path);
        Assert.All(answer.Items, item => Assert.Equal("Alder", item.Attributes!["brand"]));
        Assert.Equal(Protocols.DomainTests.Ids(await shared.Host.GetAsync("/v1/recommend?user=u1&k=5&filter=brand:Alder")), answer.Items.Select(item => item.Id));
        Assert.Equal(2, (await client.RecommendAsync([new RecommendRequest { User = "u1" }, new RecommendRequest { User = "u2" }])).Count);
        Assert.Equal("item", (await client.SimilarAsync(new SimilarRequest { Item = "sku-1" })).Path);
        Assert.Contains("Oat Milk", (await client.SearchAsync(new SearchRequest { Query = "oat milk" })).Items[0].Name);
        var pairs = await client.PredictAsync([new PairRequest { UserId = "u1", ItemId = answer.Items[0].Id }]);
        Assert.Equal(answer.Items[0].Score, pairs[0].Score, 4);
        Assert.Equal([("group 1", 25), ("group 2", 15)], (await client.GroupsAsync()).Select(group => (group.Id, group.Users)));
        Assert.Equal("group", (await client.RecommendAsync(new RecommendRequest { Group = ["group 1"] })).Path);
    }

    [Fact]
    public async Task Client_RefusedRequest_ThrowsWhatTheServiceSaid()
    {
        using var client = new ScoringClient(shared.Host.Address);
        var error = await Assert.ThrowsAsync<Client.ScoringException>(() => client.SimilarAsync(new SimilarRequest { Item = "nothing" }));
        Assert.Equal(HttpStatusCode.NotFound, error.Status);
        Assert.Contains("nothing", error.Message);
    }
}
