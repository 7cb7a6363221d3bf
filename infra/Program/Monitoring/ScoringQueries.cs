using System.Globalization;

namespace Reco.Infra.Monitoring;

/// <summary>Queries of the scoring service's metrics, used by dashboards, alerts, canaries and scaling alike.</summary>
internal static class ScoringQueries
{
    /// <summary>Routes that shop visitors wait for: no probes, no metrics.</summary>
    private const string Routes = "route=~\"/?v[12]/.*\",route!~\"/?v2/health/.*\"";

    /// <summary>Requests per second.</summary>
    /// <param name="labels">Label matchers, for example <c>namespace="reco"</c>.</param>
    /// <param name="window">Range, for example <c>5m</c>.</param>
    public static string Rate(string labels, string window) =>
        $"sum(rate({MetricNames.RequestSeconds}_count{{{labels},{Routes}}}[{window}]))";

    /// <summary>Share of requests that were not answered by a fault of the service (5xx).</summary>
    public static string SuccessRate(string labels, string window) =>
        $"1 - ((sum(rate({MetricNames.RequestSeconds}_count{{{labels},{Routes},status=~\"5..\"}}[{window}])) or vector(0)) / {Rate(labels, window)})";

    /// <summary>A quantile of a request's time in seconds.</summary>
    public static string Latency(double quantile, string labels, string window) =>
        string.Create(CultureInfo.InvariantCulture, $"histogram_quantile({quantile}, sum by (le) (rate({MetricNames.RequestSeconds}_bucket{{{labels},{Routes}}}[{window}])))");

    /// <summary>Requests that wait for a run of the model, over all pods of a namespace. Of the last minute, the most: a
    /// queue is short-lived and falls between two looks.</summary>
    public static string Waiting(string space) => $"sum(max_over_time({MetricNames.Pending}{{namespace=\"{space}\"}}[1m]))";

    /// <summary>GPU use in per cent, summed over the GPUs of all scoring pods.</summary>
    public static string GpuUse(string space) =>
        $"sum({MetricNames.GpuUse}{{exported_namespace=\"{space}\",exported_container=\"scoring\"}})";
}
