using System.Text;
using System.Text.Json.Nodes;

namespace Reco.Scoring.Tests.Hosting;

/// <summary>Thousands of requests that are wrong in seeded ways, over every route: each is answered, none by a 5xx, and the
/// service works afterwards as before.</summary>
public sealed class FuzzTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const int Requests = 10_000;

    private static readonly string[] Gets =
    [
        "/v1/recommend?user=u1&k=5&items=sku-1&filter=brand:Alder&diversify=0.5&exclude_seen=true", "/v1/similar?item=sku-1&k=3", "/v1/search?q=oat+milk&k=3",
        "/v1/predictions?user_id=u1&item_id=sku-1", "/v1/users?count=5", "/v1/drift", "/v2", "/v2/models/shop", "/v2/models/shop/ready", "/v1/models/shop", "/v1/models/shop/metadata",
        "/v1/models/shop/labels/current", "/v2/health/ready", "/openapi/v1.json", "/", "/metrics",
    ];

    private static readonly (string Path, string Body)[] Posts =
    [
        ("/v1/recommend", """{"user":"u1","k":3,"filter":{"brand":["Alder"]},"items":["sku-1"],"diversify":0.2}"""),
        ("/v1/recommend", """{"requests":[{"user":"u1"},{"group":["u1","u2"]}]}"""),
        ("/v1/similar", """{"item":"sku-1","k":3}"""),
        ("/v1/search", """{"query":"oat milk","k":3}"""),
        ("/v1/predictions", """{"requests":[{"user_id":"u1","item_id":"sku-1"}]}"""),
        ("/v2/models/shop/infer", """{"id":"1","inputs":[{"name":"user","shape":[1],"datatype":"INT64","data":[1]},{"name":"history","shape":[1,8],"datatype":"INT64","data":[1,2,0,0,0,0,0,0]}],"outputs":[{"name":"embedding"}]}"""),
        ("/v1/models/shop:predict", """{"instances":[{"user":1,"history":[1,2,0,0,0,0,0,0]}]}"""),
        ("/v2/repository/index", """{"ready":true}"""),
        ("/v2/repository/models/none/unload", """{"parameters":{"version":"x"}}"""),
    ];

    private static readonly string[] Spices = ["-1", "0", "1e309", "NaN", "null", "true", "\"\"", "[]", "{}", "99999999999999999999", "\"\\u0000\"", "\"\\ud800\"", "[[[[[[[[[1]]]]]]]]]", "1.5", "\"u1\"", "'", "%", "\u00e9", "%00", "%ff", "../..", "a".PadLeft(300, 'a')];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task EveryRoute_WrongRequests_AreAnsweredAndHarmNothing(int seed)
    {
        var host = shared.Host;
        var before = (await host.GetAsync("/v1/recommend?user=u1"))["items"]!.ToJsonString();
        await Parallel.ForEachAsync(Enumerable.Range(0, Requests / 2), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, cancellation) =>
        {
            using var request = Make(new Random((seed * 1_000_003) + number));
            if (!Uri.TryCreate(host.Address, request.RequestUri!.OriginalString, out var address) || address.Authority != host.Address.Authority)
            {
                // No address of this service: the client would not send it, or send it elsewhere.
                return;
            }

            var described = $"{request.Method} {request.RequestUri} {(request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellation))}";
            using var response = await host.Client.SendAsync(request, cancellation);
            Assert.True((int)response.StatusCode < 500, $"{(int)response.StatusCode} to {described}");
            if ((int)response.StatusCode >= 400 && response.Content.Headers.ContentType?.MediaType == "application/json")
            {
                var body = await response.Content.ReadAsStringAsync(cancellation);
                Assert.False(string.IsNullOrWhiteSpace((string?)JsonNode.Parse(body)!["error"]), described);
                Assert.DoesNotContain("   at ", body);
            }
        });
        Assert.Equal(before, (await host.GetAsync("/v1/recommend?user=u1"))["items"]!.ToJsonString());
    }

    private static HttpRequestMessage Make(Random random)
    {
        if (random.Next(3) == 0)
        {
            var path = Mutate(random, Gets[random.Next(Gets.Length)], keep: 1);
            return new HttpRequestMessage(random.Next(10) == 0 ? HttpMethod.Delete : HttpMethod.Get, path);
        }

        var (route, body) = Posts[random.Next(Posts.Length)];
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Mutate(random, body, keep: 0)));
        if (random.Next(10) == 0)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            content = new ByteArrayContent(noise);
        }

        content.Headers.TryAddWithoutValidation("Content-Type", random.Next(5) == 0 ? "text/plain" : "application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, random.Next(8) == 0 ? Mutate(random, route, keep: 1) : route) { Content = content };
        if (random.Next(4) == 0)
        {
            request.Headers.TryAddWithoutValidation("Inference-Header-Content-Length", new[] { "-1", "0", "5", "100000", "x", "60" }[random.Next(6)]);
        }

        if (random.Next(8) == 0)
        {
            request.Headers.TryAddWithoutValidation("X-Request-Timeout-Ms", new[] { "0", "-5", "x", "1", "999999999999" }[random.Next(5)]);
        }

        return request;
    }

    /// <summary>Cuts, doubles, swaps or spices a text.</summary>
    private static string Mutate(Random random, string text, int keep)
    {
        for (var changes = 1 + random.Next(3); changes > 0 && text.Length > keep + 1; changes--)
        {
            var at = keep + random.Next(text.Length - keep);
            var length = Math.Min(random.Next(1, 12), text.Length - at);
            text = random.Next(5) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, text.Substring(at, length)),
                2 => string.Concat(text.AsSpan(0, at), Spices[random.Next(Spices.Length)], text.AsSpan(at + length)),
                3 => text.Insert(at, Spices[random.Next(Spices.Length)]),
                _ => string.Concat(text.AsSpan(0, at), ((char)random.Next(33, 127)).ToString(), text.AsSpan(at + 1)),
            };
        }

        return text;
    }
}
