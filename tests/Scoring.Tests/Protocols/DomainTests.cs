using System.Net;
using System.Text.Json.Nodes;

namespace Reco.Scoring.Tests.Protocols;

public sealed class DomainTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly ScoringHost host = shared.Host;

    [Fact]
    public async Task Recommend_KnownUser_GivesTheItemsOfAFullRanking()
    {
        var answer = await host.GetAsync("/v1/recommend?user=u3&k=90");
        var expected = Ranking(user: 3);
        Assert.Equal("user", (string)answer["path"]!);
        Assert.Equal(expected.Select(entry => entry.Id), Ids(answer));
        foreach (var (item, (_, score)) in answer["items"]!.AsArray().Zip(expected))
        {
            Assert.Equal(score, (double)item!["score"]!, 3);
        }
    }

    [Theory]
    [InlineData("/v1/recommend?user=nobody", "unknown-user")]
    [InlineData("/v1/recommend?items=sku-1,sku-2", "recent-items")]
    [InlineData("/v1/recommend?user=u1&items=sku-1", "user-with-recent-items")]
    [InlineData("/v1/recommend?group=u1,u2,u3", "group")]
    [InlineData("/v1/recommend?group=group%201", "group")]
    [InlineData("/v1/recommend?user=u1&group=group%201", "user")]
    [InlineData("/v1/recommend", "unknown-user")]
    public async Task Recommend_HoweverTheUserIsFound_SaysSo(string path, string expected)
    {
        var answer = await host.GetAsync(path);
        Assert.Equal(expected, (string)answer["path"]!);
        Assert.Equal(10, answer["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task Recommend_GroupOfTheModel_GivesWhatItsUsersGive()
    {
        var named = (await host.GetAsync("/v1/groups"))["groups"]!.AsArray();
        Assert.Equal([("group 1", "Green Tea, Oat Milk", 25), ("group 2", "Olive Oil", 15)], named.Select(group => ((string)group!["id"]!, (string)group["label"]!, (int)group["users"]!)));
        var users = await host.GetAsync("/v1/recommend?group=u4,u9");
        Assert.Equal(Items(users), Items(await host.GetAsync("/v1/recommend?group=group%202")));
        Assert.Equal(Items(users), Items(await host.PostAsync("/v1/recommend", """{"group":["group 2","group 2"]}""")));
        Assert.Equal(Items(await host.GetAsync("/v1/recommend?group=u5,u4,u9")), Items(await host.GetAsync("/v1/recommend?group=group%202,u5")));
        Assert.NotEqual(Items(users), Items(await host.GetAsync("/v1/recommend?group=group%201")));
        Assert.Equal("group", (string)(await host.GetAsync("/v1/predictions?group=group%202&item_id=sku-1"))["path"]!);
        Assert.Contains("\"group 1\", \"group 2\"", await host.FailAsync(HttpStatusCode.NotFound, "/v1/recommend?group=group%203"));

        static string Items(System.Text.Json.Nodes.JsonNode answer) => answer["items"]!.ToJsonString();
    }

    [Fact]
    public async Task Recommend_RecentItemsOfAKnownHistory_GiveWhatTheTowerGives()
    {
        // The history of u3 as recent items of the same user changes nothing: it is cut at the tower's length.
        var user = BundleMaker.Directory(1, BundleMaker.Items).ElementAt(3);
        var known = await host.GetAsync("/v1/recommend?user=u3&k=5");
        var full = string.Join(',', user.History.Concat(user.History).Take(BundleMaker.History).Select(Id));
        var recent = await host.GetAsync($"/v1/recommend?user=u3&k=5&items={Uri.EscapeDataString(full)}");
        if (user.History.Length == BundleMaker.History)
        {
            Assert.Equal(Ids(known), Ids(recent));
        }

        Assert.Equal("user-with-recent-items", (string)recent["path"]!);
    }

    [Fact]
    public async Task Recommend_UnknownRecentItems_AreNamedAndPassedOver()
    {
        var answer = await host.GetAsync("/v1/recommend?items=sku-1,new-one");
        Assert.Equal(["new-one"], answer["unknown_items"]!.AsArray().Select(item => (string)item!));
    }

    [Fact]
    public async Task Recommend_ExcludeSeen_LeavesOutExactlyWhatWasSeen()
    {
        var seen = BundleMaker.Directory(1, BundleMaker.Items).ElementAt(5).Seen.Select(Id).ToHashSet();
        var all = Ids(await host.GetAsync("/v1/recommend?user=u5&k=90"));
        var unseen = Ids(await host.GetAsync("/v1/recommend?user=u5&k=90&exclude_seen=true"));
        Assert.Equal(all.Where(id => !seen.Contains(id)), unseen);
    }

    [Fact]
    public async Task Recommend_Filter_GivesKOfThoseThatPass()
    {
        var answer = await host.GetAsync("/v1/recommend?user=u5&k=12&filter=brand:Cedar&filter=size:small|tiny&attributes=true");
        Assert.Equal(12, answer["items"]!.AsArray().Count);
        Assert.All(answer["items"]!.AsArray(), item =>
        {
            Assert.Equal("Cedar", (string)item!["attributes"]!["brand"]!);
            Assert.Equal("small", (string)item["attributes"]!["size"]!);
        });
        var all = await host.GetAsync("/v1/recommend?user=u5&k=90&attributes=true");
        var expected = all["items"]!.AsArray().Where(item => (string)item!["attributes"]!["brand"]! == "Cedar" && (string)item["attributes"]!["size"]! == "small").Select(item => (string)item!["id"]!).Take(12);
        Assert.Equal(expected, Ids(answer));
        Assert.Empty(Ids(await host.GetAsync("/v1/recommend?user=u5&filter=brand:None")));
        Assert.Contains("brand, category, size", await host.FailAsync(HttpStatusCode.BadRequest, "/v1/recommend?user=u5&filter=colour:red"));
    }

    [Fact]
    public async Task Recommend_Diversify_KeepsTheBestFirstAndMixesTheRest()
    {
        var plain = Ids(await host.GetAsync("/v1/recommend?user=u5&k=10"));
        var mixed = Ids(await host.GetAsync("/v1/recommend?user=u5&k=10&diversify=0.7"));
        Assert.Equal(plain[0], mixed[0]);
        Assert.NotEqual(plain, mixed);
        Assert.Equal(10, mixed.Distinct().Count());
        Assert.Equal(plain, Ids(await host.GetAsync("/v1/recommend?user=u5&k=10&diversify=0")));
    }

    [Fact]
    public async Task Recommend_Batch_GivesWhatSingleRequestsGive()
    {
        var batch = await host.PostAsync("/v1/recommend", """{"requests":[{"user":"u1","k":3},{"user":"u2","k":4,"exclude_seen":true},{"items":["sku-4"],"filter":{"brand":["Alder","Birch"]}}]}""");
        var answers = batch["responses"]!.AsArray();
        Assert.Equal(Ids(await host.GetAsync("/v1/recommend?user=u1&k=3")), Ids(answers[0]!));
        Assert.Equal(Ids(await host.GetAsync("/v1/recommend?user=u2&k=4&exclude_seen=true")), Ids(answers[1]!));
        Assert.Equal(Ids(await host.GetAsync("/v1/recommend?items=sku-4&filter=brand:Alder|Birch")), Ids(answers[2]!));
    }

    [Fact]
    public async Task Predictions_OfRecommendedItems_HaveTheSameScores()
    {
        var answer = await host.GetAsync("/v1/recommend?user=u8&k=90");
        foreach (var item in answer["items"]!.AsArray())
        {
            var pair = await host.GetAsync($"/v1/predictions?user_id=u8&item_id={Uri.EscapeDataString((string)item!["id"]!)}");
            Assert.Equal((float)item["score"]!, (float)pair["score"]!);
        }

        var batch = await host.PostAsync("/v1/predictions", """{"requests":[{"user_id":"u8","item_id":"sku-3"},{"user_id":"u9","item_id":"sku-4"}]}""");
        Assert.Equal((float)(await host.GetAsync("/v1/predictions?user_id=u9&item_id=sku-4"))["score"]!, (float)batch["predictions"]![1]!["score"]!);
    }

    [Fact]
    public async Task Predictions_UnknownIds_Are404AndSayWhatHelps()
    {
        Assert.Contains("items", await host.FailAsync(HttpStatusCode.NotFound, "/v1/predictions?user_id=nobody&item_id=sku-3"));
        Assert.Contains("text", await host.FailAsync(HttpStatusCode.NotFound, "/v1/predictions?user_id=u1&item_id=nothing"));
        var cold = await host.GetAsync("/v1/predictions?user_id=u1&item_id=nothing&text=rye%20bread%20alder");
        Assert.Equal("item-by-text", (string)cold["item_path"]!);
    }

    [Fact]
    public async Task Similar_BiasThatCountsForLittle_IsNoPartOfTheLikeness()
    {
        // Models in closed form have a small number instead of 1 as their users' last coordinate.
        var store = Directory.CreateTempSubdirectory("reco-scoring-").FullName;
        var manifest = await BundleMaker.PublishAsync(store, 1, biasWeight: 1e-5f);
        await using var small = await ScoringHost.StartOnAsync(store, $"{manifest.Name}/{manifest.Version}");
        Assert.Equal(Ids(await host.GetAsync("/v1/similar?item=sku-4")), Ids(await small.GetAsync("/v1/similar?item=sku-4")));
    }

    [Fact]
    public async Task Similar_Item_GivesCosineNeighboursWithoutItself()
    {
        var weights = BundleMaker.Weights(1);
        var width = BundleMaker.Dimension - 1;
        double Cosine(int a, int b) => Dot(a, b) / Math.Sqrt(Dot(a, a) * Dot(b, b));
        double Dot(int a, int b) => Enumerable.Range(0, width).Sum(c => (double)weights.Items[(a * width) + c] * weights.Items[(b * width) + c]);
        var expected = Enumerable.Range(0, BundleMaker.Items).Where(item => item != 4).OrderByDescending(item => Cosine(4, item)).Select(Id);
        Assert.Equal(expected.Take(10), Ids(await host.GetAsync("/v1/similar?item=sku-4")));
        await host.FailAsync(HttpStatusCode.NotFound, "/v1/similar?item=nothing");
    }

    [Theory]
    [InlineData("oat milk", "Oat Milk")]
    [InlineData("GREEN TEAS", "Green Tea")]
    [InlineData("choc", "Dark Chocolate")]
    [InlineData("cafe\u0301", "Café Crème")]
    public async Task Search_Words_FindItemsThatHaveThem(string query, string kind)
    {
        var answer = await host.GetAsync($"/v1/search?q={Uri.EscapeDataString(query)}&k=5");
        Assert.Equal("bm25", (string)answer["path"]!);
        Assert.Equal(5, answer["items"]!.AsArray().Count);
        Assert.All(answer["items"]!.AsArray(), item => Assert.Contains(kind, (string)item!["name"]!));
    }

    [Fact]
    public async Task Search_RareAndCommonWord_PutsBothBeforeOne()
    {
        var answer = await host.GetAsync("/v1/search?q=birch+tea&k=5&filter=size:small");
        Assert.Contains("Birch Green Tea", (string)answer["items"]![0]!["name"]!, StringComparison.Ordinal);
        Assert.Empty(Ids(await host.GetAsync("/v1/search?q=zzzz")));
    }

    [Theory]
    [InlineData("/v1/recommend?user=u1&k=0", "k must be")]
    [InlineData("/v1/recommend?user=u1&k=-5", "k must be")]
    [InlineData("/v1/recommend?user=u1&k=99999999999999", "k must be")]
    [InlineData("/v1/recommend?user=u1&k=ten", "k must be")]
    [InlineData("/v1/recommend?user=u1&k=5&k=6", "more than once")]
    [InlineData("/v1/recommend?user=", "empty")]
    [InlineData("/v1/recommend?user=u1&diversify=NaN", "diversify")]
    [InlineData("/v1/recommend?user=u1&diversify=2", "diversify")]
    [InlineData("/v1/recommend?user=u1&exclude_seen=maybe", "true or false")]
    [InlineData("/v1/recommend?user=u1&filter=brand", "ATTRIBUTE:VALUE")]
    [InlineData("/v1/predictions?user_id=u1", "item_id")]
    [InlineData("/v1/predictions?item_id=sku-1", "user_id")]
    [InlineData("/v1/similar", "item")]
    [InlineData("/v1/search", "q is missing")]
    [InlineData("/v1/search?q=%20", "q must have")]
    public async Task Get_WrongParameter_IsNamed(string path, string message) =>
        Assert.Contains(message, await host.FailAsync(HttpStatusCode.BadRequest, path));

    [Theory]
    [InlineData("/v1/recommend", "{", "(line 1, byte ")]
    [InlineData("/v1/recommend", "[]", "the body must be an object")]
    [InlineData("/v1/recommend", "null", "null")]
    [InlineData("/v1/recommend", "", "is not JSON")]
    [InlineData("/v1/recommend", """{"usr":"u1"}""", "a field usr, which is not known; known are requests, user, items")]
    [InlineData("/v1/recommend", """{"user":7}""", "user must be a string")]
    [InlineData("/v1/recommend", """{"user":"u1","k":1e3}""", "k must be an integer")]
    [InlineData("/v1/recommend", """{"user":"u1","k":2,}""", "trailing comma")]
    [InlineData("/v1/recommend", """{"items":["sku-1",7]}""", "items[1] must be a string")]
    [InlineData("/v1/recommend", """{"items":"sku-1"}""", "items must be a list of strings")]
    [InlineData("/v1/recommend", """{"requests":[{"user":"u1","attributes":1}]}""", "requests[0].attributes must be true or false")]
    [InlineData("/v1/recommend", """{"requests":[7]}""", "requests[0] must be an object")]
    [InlineData("/v1/recommend", "{\"user\":\"\\ud800\"}", "Unicode")]
    [InlineData("/v1/recommend", """{"user":"u1","k":-1}""", "k must be")]
    [InlineData("/v1/recommend", """{"user":"u1","diversify":1.5}""", "diversify")]
    [InlineData("/v1/recommend", """{"user":"u1","items":[null]}""", "null")]
    [InlineData("/v1/recommend", """{"requests":[]}""", "requests")]
    [InlineData("/v1/recommend", """{"requests":[null]}""", "requests")]
    [InlineData("/v1/recommend", """{"requests":[{"requests":[{"user":"u1"}]}]}""", "requests")]
    [InlineData("/v1/recommend", """{"user":"u1","filter":{"brand":7}}""", "brand")]
    [InlineData("/v1/predictions", """{"user_id":"u1"}""", "item_id")]
    [InlineData("/v1/search", """{"query":""}""", "query")]
    public async Task Post_WrongBody_IsNamed(string path, string body, string message)
    {
        var error = await host.FailAsync(HttpStatusCode.BadRequest, path, body);
        Assert.Contains(message, error);
        Assert.DoesNotContain("Reco.", error);
        Assert.DoesNotContain(".NET", error);
    }

    [Fact]
    public async Task Post_BodyWithAByteOrderMark_IsRead()
    {
        using var body = new ByteArrayContent([0xEF, 0xBB, 0xBF, .. """{"user":"u1","k":2}"""u8]);
        using var response = await host.Client.PostAsync(new Uri("/v1/recommend", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Post_EncodedBody_IsRefusedByName()
    {
        using var body = new ByteArrayContent([0x1F, 0x8B]) { Headers = { { "Content-Encoding", "gzip" } } };
        using var response = await host.Client.PostAsync(new Uri("/v1/recommend", UriKind.Relative), body);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("encoded as gzip", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("DELETE", "/v2/models/two-tower", "GET")]
    [InlineData("PUT", "/v1/recommend", "POST")]
    [InlineData("GET", "/v2/models/two-tower/infer", "POST")]
    public async Task Send_MethodThatThePathDoesNotTake_SaysWhichItTakes(string method, string path, string allowed)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Contains(allowed, response.Content.Headers.Allow);
        Assert.Contains($"does not take {method}", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Head_Health_IsAnsweredAsGetIs()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "/v2/health/ready");
        using var response = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Recommend_EscapedId_IsFoundAndReturned()
    {
        var id = "sku-\u00e9\"7";
        var answer = await host.GetAsync($"/v1/similar?item={Uri.EscapeDataString(id)}");
        Assert.Equal("item", (string)answer["path"]!);
        Assert.Contains(id, Ids(await host.GetAsync("/v1/recommend?user=u1&k=90")));
    }

    internal static string Id(int item) => BundleMaker.Catalogue(BundleMaker.Items).ElementAt(item).Id;

    internal static List<string> Ids(JsonNode answer) => [.. answer["items"]!.AsArray().Select(item => (string)item!["id"]!)];

    /// <summary>The ranking that the weights give, computed in the open: pooled history, transformation, user vector, bias.</summary>
    private static List<(string Id, double Score)> Ranking(int user)
    {
        var weights = BundleMaker.Weights(1);
        var width = BundleMaker.Dimension - 1;
        var history = BundleMaker.Directory(1, BundleMaker.Items).ElementAt(user).History;
        var attention = history.Select((_, position) => Math.Exp(weights.Recency[position])).ToArray();
        var vector = new double[width];
        for (var c = 0; c < width; c++)
        {
            vector[c] = weights.Users[((user + 1) * width) + c];
            for (var from = 0; from < width; from++)
            {
                var pooled = history.Select((item, position) => attention[position] / attention.Sum() * weights.Items[(item * width) + from]).Sum();
                vector[c] += pooled * weights.History[(from * width) + c];
            }
        }

        return [.. Enumerable.Range(0, BundleMaker.Items)
            .Select(item => (Id(item), Score: weights.ItemBias[item] + Enumerable.Range(0, width).Sum(c => vector[c] * weights.Items[(item * width) + c])))
            .OrderByDescending(entry => entry.Score)];
    }
}
