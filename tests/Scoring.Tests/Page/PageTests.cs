namespace Reco.Scoring.Tests.Page;

public sealed class PageTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string Results = "[...document.querySelectorAll('#results li a')].map(a => a.textContent)";

    [ChromiumFact]
    public async Task Page_PersonPicksAUserThenSearches_SeesResultsLatencyAndVersion()
    {
        await using var browser = await Chromium.OpenAsync(shared.Host.Address);
        var version = (string)(await shared.Host.GetAsync("/v1/recommend?user=u3"))["version"]!;
        await browser.UntilAsync($"document.getElementById('model').textContent.includes('{version}')");
        await browser.UntilAsync("document.querySelectorAll('#users option').length > 0");

        await browser.TypeAsync("user", "u3");
        await browser.PressEnterAsync();
        await browser.UntilAsync($"{Results}.length === 10");
        var expected = (await shared.Host.GetAsync("/v1/recommend?user=u3"))["items"]!.AsArray().Select(item => (string)item!["name"]!);
        Assert.Equal(string.Join('|', expected), await browser.EvaluateAsync($"{Results}.join('|')"));
        var status = await browser.EvaluateAsync("document.getElementById('status').textContent");
        Assert.Contains(version, status);
        Assert.Matches(@"in \d+\.\d ms", status);

        await browser.TypeAsync("query", "dark chocolate");
        await browser.PressEnterAsync();
        await browser.UntilAsync($"{Results}.length > 0 && {Results}.every(name => name.includes('Dark Chocolate'))");
        Assert.Contains("by bm25", await browser.EvaluateAsync("document.getElementById('status').textContent"));

        // A name leads to items like it.
        await browser.EvaluateAsync("document.querySelector('#results li a').click()");
        await browser.UntilAsync("document.getElementById('status').textContent.includes('by item')");
        await browser.TypeAsync("query", "zzzz");
        await browser.PressEnterAsync();
        await browser.UntilAsync("document.getElementById('status').textContent.includes('0 items')");
    }
}
