using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Reco.Scoring.Hosting;
using Reco.Scoring.Models;

namespace Reco.Scoring.Tests;

/// <summary>The whole service on a real socket, in this process, with a store of its own.</summary>
internal sealed class ScoringHost : IAsyncDisposable
{
    private readonly WebApplication app;

    private ScoringHost(WebApplication app, string store)
    {
        this.app = app;
        Store = store;
        Address = new Uri(app.Urls.First());
        Client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public string Store { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public ModelRegistry Registry => app.Services.GetRequiredService<ModelRegistry>();

    /// <summary>What a SIGTERM begins.</summary>
    public DrainState Drain => app.Services.GetRequiredService<DrainState>();

    /// <summary>Starts the service on a bundle of seed 1, or on none.</summary>
    public static async Task<ScoringHost> StartAsync(params string[] settings) => await StartAsync(load: true, settings);

    public static async Task<ScoringHost> StartAsync(bool load, params string[] settings)
    {
        var store = Directory.CreateTempSubdirectory("reco-scoring-").FullName;
        var manifest = await BundleMaker.PublishAsync(store, 1);
        return await StartOnAsync(store, $"shop/{manifest.Version}", load, settings);
    }

    /// <summary>Starts the service on a bundle that is there.</summary>
    public static async Task<ScoringHost> StartOnAsync(string store, string model, bool load = true, params string[] settings)
    {
        var app = ScoringApp.Build(["--urls=http://127.0.0.1:0", $"--Reco:Store={store}", $"--Reco:Model={model}", .. settings]);
        await app.StartAsync();
        if (load)
        {
            await ScoringApp.LoadAsync(app);
        }

        return new ScoringHost(app, store);
    }

    /// <summary>Keeps what the service logs from now on.</summary>
    public LogRecorder Record()
    {
        var recorder = new LogRecorder();
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(recorder);
        return recorder;
    }

    /// <summary>Verbs and patterns of the routes that begin with a prefix.</summary>
    public IEnumerable<string> Routes(string prefix) =>
        from endpoint in ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        where endpoint.RoutePattern.RawText!.StartsWith(prefix, StringComparison.Ordinal)
        from verb in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
        select $"{verb} {endpoint.RoutePattern.RawText}";

    /// <summary>GET that must succeed.</summary>
    public async Task<JsonNode> GetAsync(string path) => await ReadAsync(await Client.GetAsync(path), HttpStatusCode.OK);

    /// <summary>POST that must succeed.</summary>
    public async Task<JsonNode> PostAsync(string path, string json) => await ReadAsync(await SendAsync(path, json), HttpStatusCode.OK);

    /// <summary>POST.</summary>
    public Task<HttpResponseMessage> SendAsync(string path, string json) => Client.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    /// <summary>GET that must fail, with a clear message.</summary>
    public async Task<string> FailAsync(HttpStatusCode status, string path) => (string)(await ReadAsync(await Client.GetAsync(path), status))["error"]!;

    /// <summary>POST that must fail, with a clear message.</summary>
    public async Task<string> FailAsync(HttpStatusCode status, string path, string json) => (string)(await ReadAsync(await SendAsync(path, json), status))["error"]!;

    /// <summary>The body of an answer of a certain status.</summary>
    public static async Task<JsonNode> ReadAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} instead of {(int)status}: {body}");
        return JsonNode.Parse(body)!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        Directory.Delete(Store, recursive: true);
    }
}

/// <summary>A host that the tests of a class share.</summary>
public sealed class SharedHost : IAsyncLifetime
{
    internal ScoringHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await ScoringHost.StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();
}
