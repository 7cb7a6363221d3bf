using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Reco.Scoring.Models;

namespace Reco.Scoring.Telemetry;

/// <summary>The service's instruments. Names are those that Prometheus shows.</summary>
internal sealed class ScoringMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Reco.Scoring";

    private readonly Meter meter = new(MeterName);
    private readonly Histogram<double> requests;
    private readonly Counter<long> rejected;

    /// <summary>Makes the instruments.</summary>
    public ScoringMetrics(IServiceProvider services)
    {
        requests = meter.CreateHistogram<double>("reco_request_duration_seconds", description: "Time from the first byte read to the answer, by route and status.");
        rejected = meter.CreateCounter<long>("reco_requests_rejected_total", description: "Requests turned away, by reason.");
        var registry = new Lazy<ModelRegistry>(services.GetRequiredService<ModelRegistry>);
        meter.CreateObservableGauge("reco_model_info", () => registry.Value.Versions.Select(model => new Measurement<int>(1, Tags(model))),
            description: "1 for each version that is served, with its precision, execution provider and index.");
        meter.CreateObservableGauge("reco_model_load_seconds", () => registry.Value.Versions.Select(model => new Measurement<double>(model.LoadTime.TotalSeconds, Version(model))),
            description: "Time from the bundle's folder to ready.");
        meter.CreateObservableGauge("reco_index_bytes", () => registry.Value.Versions.Select(model => new Measurement<long>(model.Index.Bytes, Version(model))),
            description: "Memory of the item vectors.");
    }

    /// <summary>Notes a request that was answered.</summary>
    public void Request(HttpContext context, TimeSpan duration)
    {
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
        var tags = new TagList { { "route", route }, { "status", context.Response.StatusCode.ToString(CultureInfo.InvariantCulture) } };
        requests.Record(duration.TotalSeconds, tags);
    }

    /// <summary>Notes a request that was turned away.</summary>
    public void Rejected(string reason) => rejected.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    private static TagList Tags(ServedModel model) => new()
    {
        { "model", model.Name },
        { "version", model.Version },
        { "precision", model.Precision },
        { "provider", model.Tower.Provider },
        { "index", model.Index.Kind },
    };

    private static TagList Version(ServedModel model) => new() { { "model", model.Name }, { "version", model.Version } };
}
