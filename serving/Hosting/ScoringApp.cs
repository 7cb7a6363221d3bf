using Microsoft.AspNetCore.Server.Kestrel.Core;
using Reco.Bundle;
using Reco.Scoring.Configuration;
using Reco.Scoring.Models;
using Reco.Scoring.Protocols.Domain;
using Reco.Scoring.Protocols.OpenInference;
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
            await app.StartAsync().ConfigureAwait(false);
            try
            {
                await app.Services.GetRequiredService<ModelRegistry>()
                    .LoadAsync(app.Services.GetRequiredService<ScoringOptions>().Model, app.Lifetime.ApplicationStopping).ConfigureAwait(false);
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
        catch (IOException error) when (error.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"error: {error.Message}").ConfigureAwait(false);
            return BadConfiguration;
        }
    }

    /// <summary>Builds the service; no model is loaded yet.</summary>
    /// <exception cref="ScoringException">The configuration is wrong.</exception>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var options = ScoringOptionsReader.Read(builder.Configuration);
        ScoringOptionsValidator.Validate(options);
        builder.WebHost.ConfigureKestrel(kestrel => Limit(kestrel, options));
        // The framework's own request log has query strings, and those have people's IDs.
        builder.Logging.ClearProviders().AddJsonConsole().AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services
            .AddSingleton(options)
            .AddSingleton(TimeProvider.System)
            .AddSingleton<ScoringMetrics>()
            .AddSingleton<ModelLoader>()
            .AddSingleton<ModelRegistry>()
            .AddSingleton<DrainState>()
            .AddSingleton<IHostLifetime, DrainingLifetime>()
            .Configure<HostOptions>(host => host.ShutdownTimeout = options.Drain.Timeout)
            .AddScoringTelemetry(builder.Configuration)
            .AddRoutingCore();

        var app = builder.Build();
        app.UseMiddleware<RequestGuard>();
        app.UseMiddleware<ApiKeyCheck>();
        app.UseRouting();
        app.MapHealth();
        app.MapOpenInference();
        app.MapDomain();
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapFallback(static context => Json.ErrorAsync(context, StatusCodes.Status404NotFound, $"there is nothing at {context.Request.Path}"));
        return app;
    }

    private static void Limit(KestrelServerOptions kestrel, ScoringOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.Limits.BodyBytes;
        kestrel.Limits.MaxConcurrentConnections = options.Limits.Connections;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.MaxRequestLineSize = 16 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1_024, gracePeriod: TimeSpan.FromSeconds(5));
        kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 1_024, gracePeriod: TimeSpan.FromSeconds(5));
    }
}
