using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Reco.Bundle;
using Reco.Scoring.Configuration;
using Reco.Scoring.Models;
using Reco.Scoring.Page;
using Reco.Scoring.Protocols;
using Reco.Scoring.Protocols.Domain;
using Reco.Scoring.Protocols.OpenInference;
using Reco.Scoring.Protocols.TensorFlow;
using Reco.Scoring.Recommendation;
using Reco.Scoring.Security;
using Reco.Scoring.Telemetry;

namespace Reco.Scoring.Hosting;

/// <summary>Puts the service together.</summary>
internal static class ScoringApp
{
    private const int BadConfiguration = 2;
    private const int CannotServe = 1;

    /// <summary>Runs the service until SIGTERM.</summary>
    /// <returns>Exit code: 0 after a drain, 1 where the model cannot be served, 2 where the configuration is wrong.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            await using var app = Build(args);

            // Beside each other: a probe may ask early, and there is nothing that the loading needs of the listening.
            var loading = LoadAsync(app);
            await ListenAsync(app).ConfigureAwait(false);
            try
            {
                await loading.ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                // Stopped while it was loading.
            }

            await app.WaitForShutdownAsync().ConfigureAwait(false);
            return 0;
        }
        catch (Exception error) when (error is ScoringException or BundleException)
        {
            await Console.Error.WriteLineAsync($"error: {error.Message}").ConfigureAwait(false);
            return error is BundleException ? CannotServe : BadConfiguration;
        }
    }

    /// <summary>Listens.</summary>
    /// <exception cref="ScoringException">An address is taken or none, or the certificate for TLS cannot be used.</exception>
    private static async Task ListenAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or InvalidOperationException or FormatException or SocketException)
        {
            throw new ScoringException($"The service cannot listen at {app.Configuration["urls"] ?? "its default address"}: {error.Message} Correct the addresses (ASPNETCORE_URLS) or the certificate (Kestrel:Certificates:Default).", error);
        }
    }

    /// <summary>Loads what the options name.</summary>
    /// <exception cref="BundleException">It cannot be served.</exception>
    internal static async Task LoadAsync(WebApplication app)
    {
        var options = app.Services.GetRequiredService<ScoringOptions>();
        var registry = app.Services.GetRequiredService<ModelRegistry>();
        await registry.LoadAsync(options.Model, app.Lifetime.ApplicationStopping).ConfigureAwait(false);
        if (options.Versions.Candidate.Length > 0)
        {
            try
            {
                await registry.LoadCandidateAsync(options.Versions.Candidate, app.Lifetime.ApplicationStopping).ConfigureAwait(false);
            }
            catch (BundleException)
            {
                // The registry's log says why: a bad candidate must not take down what serves.
            }
        }
    }

    /// <summary>Builds the service; no model is loaded yet.</summary>
    /// <exception cref="ScoringException">The configuration is wrong.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var options = ScoringOptionsReader.Read(builder.Configuration);
        ScoringOptionsValidator.Validate(options);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            Limit(kestrel, options);
            kestrel.ConfigureEndpointDefaults(endpoint => SetUpEndpoint(endpoint, options));
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        AddGrpcAddress(builder, options);
        // The framework's own request log has query strings, and those have people's IDs.
        builder.Logging.ClearProviders().AddJsonConsole().AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services
            .AddSingleton(options)
            .AddSingleton(TimeProvider.System)
            .AddSingleton<ScoringMetrics>()
            .AddSingleton<IndexGrower>()
            .AddSingleton<ModelLoader>()
            .AddSingleton<ModelRegistry>()
            .AddSingleton<Recommender>()
            .AddSingleton<TensorInference>()
            .AddSingleton<ShadowTraffic>()
            .AddSingleton<AnswerSampler>()
            .AddSingleton<DrainState>()
            .AddSingleton<IHostLifetime, DrainingLifetime>()
            .Configure<HostOptions>(host => host.ShutdownTimeout = options.Drain.Timeout)
            .AddScoringTelemetry(builder.Configuration)
            .AddTokens(options.Security)
            .AddRouting()
            .AddGrpc(grpc =>
            {
                // The framework's own answer would take every path of two parts, of any method; NothingThere gives it.
                grpc.IgnoreUnknownServices = true;
                grpc.MaxReceiveMessageSize = (int)options.Limits.BodyBytes;
                grpc.MaxSendMessageSize = (int)Math.Min(int.MaxValue, options.Limits.BodyBytes * 4);
            });

        var app = builder.Build();
        app.UseMiddleware<RequestGuard>();
        app.UseMiddleware<ApiKeyCheck>();
        app.UseMiddleware<CallerLimit>();
        app.UseRouting();
        app.Use(NothingThere.AnswerAsync);
        app.MapHealth();
        app.MapOpenInference();
        DomainEndpoints.Map(app);
        app.MapTensorFlow();
        app.MapRepository();
        app.MapGrpcService<GrpcInferenceService>();
        app.MapGrpcService<GrpcHealthService>();
        app.MapPage();
        app.MapPrometheusScrapingEndpoint("/metrics");
        return app;
    }

    /// <summary>gRPC without TLS needs an address of its own: on one, a client cannot say beforehand which HTTP it speaks.</summary>
    private static void AddGrpcAddress(WebApplicationBuilder builder, ScoringOptions options)
    {
        if (options.GrpcUrl.Length == 0)
        {
            return;
        }

        var urls = builder.Configuration["urls"] is { Length: > 0 } configured ? configured : "http://127.0.0.1:8080";
        builder.WebHost.UseUrls($"{urls};{options.GrpcUrl}".Split(';'));
    }

    private static void SetUpEndpoint(ListenOptions endpoint, ScoringOptions options)
    {
        if (options.GrpcUrl.Length > 0 && endpoint.IPEndPoint?.Port == BindingAddress.Parse(options.GrpcUrl).Port)
        {
            endpoint.Protocols = HttpProtocols.Http2;
        }

        endpoint.HandOver(endpoint.ApplicationServices.GetRequiredService<DrainState>());
    }

    private static void Limit(KestrelServerOptions kestrel, ScoringOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.Limits.BodyBytes;
        kestrel.Limits.MaxConcurrentConnections = options.Limits.Connections;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.MaxRequestLineSize = 16 * 1024;
        kestrel.RequireCertificates(options.Security);
        kestrel.Limits.RequestHeadersTimeout = options.Limits.HeaderTimeout;
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1_024, gracePeriod: TimeSpan.FromSeconds(5));
        kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 1_024, gracePeriod: TimeSpan.FromSeconds(5));
    }
}
