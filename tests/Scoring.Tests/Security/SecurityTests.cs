using System.Net;
using System.Net.Http.Headers;

namespace Reco.Scoring.Tests.Security;

public sealed class SecurityTests
{
    [Fact]
    public async Task ApiKey_Configured_IsNeededEverywhereButForProbesMetricsAndPage()
    {
        await using var host = await ScoringHost.StartAsync("--Reco:Security:ApiKeys:0=secret-1", "--Reco:Security:AdminKeys:0=boss");
        foreach (var path in new[] { "/v1/recommend?user=u1", "/v2", "/v2/models/shop", "/v1/models/shop", "/v1/users", "/nothing" })
        {
            Assert.Contains("API key", await host.FailAsync(HttpStatusCode.Unauthorized, path));
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(host, path, "secret-2")).StatusCode);
        }

        foreach (var path in new[] { "/v2/health/live", "/v2/health/ready", "/metrics", "/", "/openapi/v1.json" })
        {
            Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync(path)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, "/v1/recommend?user=u1", "secret-1")).StatusCode);
        using var bearer = new HttpRequestMessage(HttpMethod.Get, "/v1/recommend?user=u1");
        bearer.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "secret-1");
        Assert.Equal(HttpStatusCode.OK, (await host.Client.SendAsync(bearer)).StatusCode);

        // Models are loaded by those who may.
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(host, "/v2/repository/models/shop/load", "secret-1", HttpMethod.Post)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, "/v2/repository/models/shop/load", "boss", HttpMethod.Post)).StatusCode);
    }

    [Fact]
    public async Task Rate_OfOneCaller_IsBoundedAndOthersAreNot()
    {
        await using var host = await ScoringHost.StartAsync("--Reco:Security:ApiKeys:0=a", "--Reco:Security:ApiKeys:1=b", "--Reco:Security:RequestsPerSecond=1");
        var statuses = new List<HttpStatusCode>();
        foreach (var response in await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => SendAsync(host, "/v1/users", "a"))))
        {
            statuses.Add(response.StatusCode);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.NotNull(response.Headers.RetryAfter);
            }
        }

        Assert.Contains(HttpStatusCode.OK, statuses);
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(host, "/v1/users", "b")).StatusCode);
    }

    [Fact]
    public async Task Answers_HaveSecurityHeadersAndMetricsNoIds()
    {
        await using var host = await ScoringHost.StartAsync();
        using var response = await host.Client.GetAsync("/v1/recommend?user=u17");
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.False(response.Headers.Contains("Server"));
        await Task.Delay(500);
        var metrics = await host.Client.GetStringAsync("/metrics");
        Assert.DoesNotContain("u17", metrics);
        foreach (var name in new[] { "reco_request_duration_seconds_bucket", "reco_stage_duration_seconds_bucket", "nv_inference_request_success{", "nv_inference_count{", "nv_inference_exec_count{", "nv_inference_queue_duration_us{", "reco_model_info{", "reco_drift_psi{", "provider=\"CPUExecutionProvider\"" })
        {
            Assert.Contains(name, metrics);
        }
    }

    [Fact]
    public async Task Rate_OpenService_DoesNotGoByAKeyThatNobodyChecks()
    {
        await using var host = await ScoringHost.StartAsync("--Reco:Security:RequestsPerSecond=1");
        var statuses = new List<HttpStatusCode>();
        foreach (var response in await Task.WhenAll(Enumerable.Range(0, 40).Select(number => SendAsync(host, "/v1/users", $"key {number}"))))
        {
            statuses.Add(response.StatusCode);
        }

        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
    }

    private static async Task<HttpResponseMessage> SendAsync(ScoringHost host, string path, string key, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        request.Headers.Add("X-Api-Key", key);
        return await host.Client.SendAsync(request);
    }
}
