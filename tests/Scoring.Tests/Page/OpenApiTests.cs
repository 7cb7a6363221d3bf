
namespace Reco.Scoring.Tests.Page;

public sealed class OpenApiTests(SharedHost shared) : IClassFixture<SharedHost>
{
    [Fact]
    public async Task Document_NamesEveryRouteOfTheDomainApiAndNoOther()
    {
        var document = await shared.Host.GetAsync("/openapi/v1.json");
        var described = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(verb => $"{verb.Key.ToUpperInvariant()} {path.Key}"));
        Assert.Equal(shared.Host.Routes("/v1/").Where(route => !route.Contains("/models/", StringComparison.Ordinal)).Order(), described.Order());
    }

    [Fact]
    public async Task Document_References_AllResolve()
    {
        var text = await shared.Host.Client.GetStringAsync("/openapi/v1.json");
        var document = await shared.Host.GetAsync("/openapi/v1.json");
        foreach (var name in System.Text.RegularExpressions.Regex.Matches(text, "#/components/schemas/([A-Za-z]+)").Select(match => match.Groups[1].Value))
        {
            Assert.NotNull(document["components"]!["schemas"]![name]);
        }
    }

    [Fact]
    public async Task Page_NeedsNothingFromElsewhere()
    {
        var page = await shared.Host.Client.GetStringAsync("/") + await shared.Host.Client.GetStringAsync("/page.js");
        Assert.DoesNotContain("http://", page);
        Assert.DoesNotContain("https://", page);
    }
}
