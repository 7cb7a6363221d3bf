using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Reco.Scoring.Telemetry;

/// <summary>OpenTelemetry: metrics for Prometheus always; traces and metrics over OTLP where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>
/// says where to.</summary>
internal static class TelemetrySetup
{
    private static readonly double[] Shares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
    private static readonly double[] Differences = [0.0001, 0.001, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
    private static readonly double[] Seconds =
        [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

    /// <summary>Adds telemetry.</summary>
    public static IServiceCollection AddScoringTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var export = !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => Name(resource, configuration)).WithMetrics(metrics =>
        {
            metrics.AddMeter(ScoringMetrics.MeterName, "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel")
                .AddView(instrument => Buckets(instrument) is { } buckets ? new ExplicitBucketHistogramConfiguration { Boundaries = buckets } : null)
                // Names are complete as they are: Triton's counters have no _total.
                .AddPrometheusExporter(prometheus => prometheus.DisableTotalNameSuffixForCounters = true);
            if (export)
            {
                metrics.AddOtlpExporter();
            }
        });
        if (export)
        {
            telemetry.WithTracing(tracing => tracing.AddSource(ScoringMetrics.MeterName).AddAspNetCoreInstrumentation().AddOtlpExporter());
        }

        return services;
    }

    /// <summary>A name that the environment gives (<c>OTEL_SERVICE_NAME</c>) goes before the program's own.</summary>
    private static void Name(ResourceBuilder resource, IConfiguration configuration)
    {
        if (string.IsNullOrEmpty(configuration["OTEL_SERVICE_NAME"]) && configuration["OTEL_RESOURCE_ATTRIBUTES"]?.Contains("service.name=", StringComparison.Ordinal) != true)
        {
            resource.AddService("reco-scoring", serviceVersion: typeof(TelemetrySetup).Assembly.GetName().Version?.ToString(3), autoGenerateServiceInstanceId: false);
        }
    }

    private static double[]? Buckets(Instrument instrument) => instrument is not Histogram<double> ? null : instrument.Name switch
    {
        var name when name.EndsWith("_seconds", StringComparison.Ordinal) => Seconds,
        var name when name.EndsWith("_ratio", StringComparison.Ordinal) => Shares,
        var name when name.EndsWith("_difference", StringComparison.Ordinal) => Differences,
        _ => null,
    };
}
