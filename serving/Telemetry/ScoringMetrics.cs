using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Reco.Scoring.Batching;
using Reco.Scoring.Models;

namespace Reco.Scoring.Telemetry;

/// <summary>The service's instruments. Names are those that Prometheus shows.</summary>
internal sealed class ScoringMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Reco.Scoring";

    /// <summary>Spans of the stages of a request.</summary>
    public static readonly ActivitySource Source = new(MeterName);

    private readonly Meter meter = new(MeterName);
    private readonly Histogram<double> requests;
    private readonly Counter<long> rejected;
    private readonly Histogram<double> stages;
    private readonly Counter<long> inferences;
    private readonly Counter<long> executions;
    private readonly Counter<long> successes;
    private readonly Counter<long> failures;
    private readonly Counter<long> requestMicroseconds;
    private readonly Counter<long> queueMicroseconds;
    private readonly Counter<long> inferMicroseconds;
    private readonly Histogram<double> shadowDifference;
    private readonly Histogram<double> shadowOverlap;

    /// <summary>Makes the instruments.</summary>
    public ScoringMetrics(IServiceProvider services)
    {
        requests = meter.CreateHistogram<double>("reco_request_duration_seconds", description: "Time from the first byte read to the answer, by route and status.");
        rejected = meter.CreateCounter<long>("reco_requests_rejected_total", description: "Requests turned away, by reason.");
        stages = meter.CreateHistogram<double>("reco_stage_duration_seconds", description: "Time of one stage of a request: queue, infer, retrieve, rank, serialise.");
        inferences = meter.CreateCounter<long>("nv_inference_count", description: "Rows that a model was run on.");
        executions = meter.CreateCounter<long>("nv_inference_exec_count", description: "Runs of a model; rows by runs is the mean batch.");
        successes = meter.CreateCounter<long>("nv_inference_request_success", description: "Requests that a model answered.");
        failures = meter.CreateCounter<long>("nv_inference_request_failure", description: "Requests that a model could not answer.");
        requestMicroseconds = meter.CreateCounter<long>("nv_inference_request_duration_us", description: "Time of requests, summed.");
        queueMicroseconds = meter.CreateCounter<long>("nv_inference_queue_duration_us", description: "Time that requests waited, summed.");
        inferMicroseconds = meter.CreateCounter<long>("nv_inference_compute_infer_duration_us", description: "Time that models ran, summed.");
        shadowDifference = meter.CreateHistogram<double>("reco_shadow_score_difference", description: "Mean absolute difference between the candidate's scores and the current model's for the items both return.");
        shadowOverlap = meter.CreateHistogram<double>("reco_shadow_overlap_ratio", description: "Share of the current model's items that the candidate returns too.");
        var registry = new Lazy<ModelRegistry>(services.GetRequiredService<ModelRegistry>);
        meter.CreateObservableGauge("reco_model_info", () => registry.Value.Versions.Select(model => new Measurement<int>(1, Tags(model))),
            description: "1 for each version that is served, with its precision, execution provider and index.");
        meter.CreateObservableGauge("reco_model_created_timestamp_seconds", () => registry.Value.Versions.Select(model => new Measurement<double>(model.Manifest.CreatedAt.ToUnixTimeSeconds(), Version(model))),
            description: "When each version that is served was trained, in seconds since 1970.");
        meter.CreateObservableGauge("reco_model_load_seconds", () => registry.Value.Versions.Select(model => new Measurement<double>(model.LoadTime.TotalSeconds, Version(model))),
            description: "Time from the bundle's folder to ready.");
        meter.CreateObservableGauge("reco_index_bytes", () => registry.Value.Versions.Select(model => new Measurement<long>(model.Index.Bytes, Version(model))),
            description: "Memory of the item vectors.");
        meter.CreateObservableGauge("reco_index_recall_ratio", () => registry.Value.Versions.SelectMany(Recalls),
            description: "Share of the exact top 100 that a search of items, for likeness or of texts finds, measured when the index was built; 1 for an exact index.");
        meter.CreateObservableGauge("nv_inference_pending_request_count", () => registry.Value.Versions.Select(model => new Measurement<int>(model.Batcher.Queued, Version(model))),
            description: "Requests that wait for a run.");
        meter.CreateObservableGauge("reco_drift_psi", () => registry.Value.Versions.SelectMany(model => model.Drift.Reports().Select(entry => new Measurement<double>(entry.Report.Psi, [.. Version(model), new("distribution", entry.Name)]))),
            description: "Population stability index of live values against training: above 0.25 the distribution has changed.");
    }

    /// <summary>Notes a request that was answered.</summary>
    public void Request(HttpContext context, TimeSpan duration)
    {
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "none";
        var tags = new TagList { { "route", route }, { "status", context.Response.StatusCode.ToString(CultureInfo.InvariantCulture) } };
        requests.Record(duration.TotalSeconds, tags);
    }

    /// <summary>Notes the time of a stage: queue, infer, retrieve, rank or serialise.</summary>
    public void Stage(string stage, TimeSpan duration) => stages.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("stage", stage));

    /// <summary>Notes that a model answered a request, or could not.</summary>
    public void Answered(ServedModel model, bool success, TimeSpan duration)
    {
        var tags = Version(model);
        (success ? successes : failures).Add(1, tags);
        requestMicroseconds.Add((long)duration.TotalMicroseconds, tags);
    }

    /// <summary>Notes how a candidate's answer compares with the current model's.</summary>
    /// <param name="difference">Mean difference of the scores; null where they do not compare.</param>
    /// <param name="overlap">Share of the items that both have.</param>
    public void Shadowed(double? difference, double overlap)
    {
        if (difference is { } value)
        {
            shadowDifference.Record(value);
        }

        shadowOverlap.Record(overlap);
    }

    /// <summary>An observer of the batches of one version.</summary>
    public IBatchObserver Observe(string model, string version) => new BatchObserver(this, new TagList { { "model", model }, { "version", version } });

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

    private static IEnumerable<Measurement<double>> Recalls(ServedModel model)
    {
        yield return Of("items", model.Index.Recall);
        yield return Of("likeness", model.Index.WeightedRecall);
        if (model.Hybrid is { } hybrid)
        {
            yield return Of("texts", hybrid.Items.Recall);
        }

        Measurement<double> Of(string search, double recall) => new(recall, [.. Version(model), new("search", search)]);
    }

    private static TagList Version(ServedModel model) => new() { { "model", model.Name }, { "version", model.Version } };

    private sealed class BatchObserver(ScoringMetrics metrics, TagList tags) : IBatchObserver
    {
        public void Queued(TimeSpan wait)
        {
            metrics.Stage("queue", wait);
            metrics.queueMicroseconds.Add((long)wait.TotalMicroseconds, tags);
        }

        public void Ran(int jobs, int rows, TimeSpan duration)
        {
            metrics.Stage("infer", duration);
            metrics.inferences.Add(rows, tags);
            metrics.executions.Add(1, tags);
            metrics.inferMicroseconds.Add((long)duration.TotalMicroseconds, tags);
        }

        public void Rejected(string reason) => metrics.Rejected(reason);
    }
}
