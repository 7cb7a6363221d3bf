using Reco.Infra.Configuration;

namespace Reco.Infra.Monitoring;

/// <summary>The dashboards of a stack.</summary>
internal static class Dashboards
{
    private const string Here = "namespace=\"$namespace\"";
    private const string Window = "$__rate_interval";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Dashboard> All(StackConfig config) => [Scoring(config.Scoring.Rollout), Training(), Gpu(), Capacity(config.Scoring)];

    private static Dashboard Scoring(RolloutConfig objectives) => new()
    {
        Uid = "reco-scoring",
        Title = "Scoring",
        Panels =
        [
            Stat("Requests", "Requests of shop visitors per second.", "reqps", ScoringQueries.Rate(Here, "5m")),
            Stat("Success", "Share that was not answered by a fault of the service.", "percentunit", ScoringQueries.SuccessRate(Here, "5m"), objectives.MinSuccessRate, lowIsBad: true),
            Stat("p99", "99th percentile of a request's time.", "s", ScoringQueries.Latency(0.99, Here, "5m"), objectives.MaxP99Ms / 1000.0),
            Stat("Model age", "Time since the served model was trained.", "s", $"time() - max({MetricNames.ModelCreated}{{{Here}}})"),
            new()
            {
                Title = "Rate by route",
                Description = "Requests per second of each route.",
                Unit = "reqps",
                Queries = [new($"sum by (route) (rate({MetricNames.RequestSeconds}_count{{{Here}}}[{Window}]))", "{{route}}")],
            },
            new()
            {
                Title = "Errors by route",
                Description = "Requests per second answered with a status of 400 and more.",
                Unit = "reqps",
                Queries = [new($"sum by (route, status) (rate({MetricNames.RequestSeconds}_count{{{Here},status=~\"[45]..\"}}[{Window}]))", "{{route}} {{status}}")],
            },
            new()
            {
                Title = "Latency",
                Description = "Time from the first byte read to the answer.",
                Unit = "s",
                Limit = objectives.MaxP99Ms / 1000.0,
                Queries = [.. new[] { 0.5, 0.95, 0.99, 0.999 }.Select(quantile => new Query(ScoringQueries.Latency(quantile, Here, Window), FormattableString.Invariant($"p{quantile * 100}")))],
            },
            new()
            {
                Title = "p99 by version of the pods",
                Description = "During a rollout: the new pods beside the old.",
                Unit = "s",
                Queries = [new($"histogram_quantile(0.99, sum by (le, rollouts_pod_template_hash) (rate({MetricNames.RequestSeconds}_bucket{{{Here}}}[{Window}])))", "{{rollouts_pod_template_hash}}")],
            },
            new()
            {
                Title = "p99 by stage",
                Description = "Where the time goes: waiting, the model, the search for items, writing the answer.",
                Unit = "s",
                Queries = [new($"histogram_quantile(0.99, sum by (le, stage) (rate({MetricNames.StageSeconds}_bucket{{{Here}}}[{Window}])))", "{{stage}}")],
            },
            new()
            {
                Title = "Waiting",
                Description = "Requests that wait for a run of the model, by pod: what the autoscaler goes by.",
                Unit = "short",
                Queries = [new($"sum by (pod) ({MetricNames.Pending}{{{Here}}})", "{{pod}}")],
            },
            new()
            {
                Title = "Batch",
                Description = "Mean rows in a run of the model: above 1, requests share runs.",
                Unit = "short",
                Queries = [new($"sum by (version) (rate({MetricNames.Rows}{{{Here}}}[{Window}])) / sum by (version) (rate({MetricNames.Runs}{{{Here}}}[{Window}]))", "{{version}}")],
            },
            new()
            {
                Title = "Drift",
                Description = "Population stability index of live traffic against training: from 0.1 a shift to look at, from 0.25 a large one.",
                Unit = "short",
                Limit = 0.25,
                Queries = [new($"max by (distribution, version) ({MetricNames.DriftPsi}{{{Here}}})", "{{distribution}} {{version}}")],
            },
            new()
            {
                Title = "Candidate's overlap",
                Description = "Share of the served items that a candidate in shadow traffic returns too, on average.",
                Unit = "percentunit",
                Queries = [new($"sum(rate({MetricNames.ShadowOverlap}_sum{{{Here}}}[{Window}])) / sum(rate({MetricNames.ShadowOverlap}_count{{{Here}}}[{Window}]))", "overlap")],
            },
            new()
            {
                Title = "Turned away",
                Description = "Requests refused before any work, by reason.",
                Unit = "reqps",
                Queries = [new($"sum by (reason) (rate({MetricNames.Rejected}{{{Here}}}[{Window}]))", "{{reason}}")],
            },
            new()
            {
                Title = "Versions",
                Description = "Pods that serve each version, with its precision, execution provider and index.",
                Unit = "short",
                Queries = [new($"count by (model, version, precision, provider, index) ({MetricNames.ModelInfo}{{{Here}}})", "{{version}} {{precision}} {{provider}} {{index}}")],
            },
            new()
            {
                Title = "Load and index",
                Description = "Time to load the served version, and memory of its item vectors.",
                Unit = "short",
                Queries =
                [
                    new($"max by (version) ({MetricNames.ModelLoadSeconds}{{{Here}}})", "seconds to load {{version}}"),
                    new($"max by (version) ({MetricNames.IndexBytes}{{{Here}}}) / 1048576", "MiB of index {{version}}"),
                ],
            },
        ],
    };

    private static Dashboard Training() => new()
    {
        Uid = "reco-training",
        Title = "Training",
        Panels =
        [
            Stat("Running", "Training pods at work.", "short", $"sum(kube_job_status_active{{{Here}}})"),
            Stat("Failed jobs", "Jobs that failed and are still kept.", "short", $"count(kube_job_failed{{{Here},condition=\"true\"}} > 0) or vector(0)", limit: 1),
            Stat("Since last success", "Time since retraining last succeeded.", "s", $"time() - max(kube_cronjob_status_last_successful_time{{{Here}}})"),
            Stat("Waiting", "Training pods without a node.", "short", $"sum(kube_pod_status_phase{{{Here},pod=~\"(training|retraining).*\",phase=\"Pending\"}})", limit: 1),
            new()
            {
                Title = "Duration of jobs",
                Description = "From start to end, of each job that is kept.",
                Unit = "s",
                Queries = [new($"kube_job_status_completion_time{{{Here}}} - on (job_name) kube_job_status_start_time{{{Here}}}", "{{job_name}}")],
            },
            new()
            {
                Title = "Tries",
                Description = "Pods that succeeded and failed, by job.",
                Unit = "short",
                Queries =
                [
                    new($"sum by (job_name) (kube_job_status_succeeded{{{Here}}})", "{{job_name}} succeeded"),
                    new($"sum by (job_name) (kube_job_status_failed{{{Here}}})", "{{job_name}} failed"),
                ],
            },
            new()
            {
                Title = "CPU",
                Description = "Cores in use by training pods.",
                Unit = "short",
                Queries = [new($"sum by (pod) (rate(container_cpu_usage_seconds_total{{{Here},container=\"training\"}}[{Window}]))", "{{pod}}")],
            },
            new()
            {
                Title = "Memory",
                Description = "Working set of training pods, and their limit.",
                Unit = "bytes",
                Queries =
                [
                    new($"sum by (pod) (container_memory_working_set_bytes{{{Here},container=\"training\"}})", "{{pod}}"),
                    new($"max(kube_pod_container_resource_limits{{{Here},container=\"training\",resource=\"memory\"}})", "limit"),
                ],
            },
            new()
            {
                Title = "Queue",
                Description = "Workloads that wait for quota, by Kueue's queue.",
                Unit = "short",
                Queries = [new("sum by (cluster_queue, status) (kueue_pending_workloads)", "{{cluster_queue}} {{status}}")],
            },
            new()
            {
                Title = "Model store",
                Description = "Share of the volumes that is in use.",
                Unit = "percentunit",
                Limit = 0.85,
                Queries = [new($"max by (persistentvolumeclaim) (kubelet_volume_stats_used_bytes{{{Here}}} / kubelet_volume_stats_capacity_bytes{{{Here}}})", "{{persistentvolumeclaim}}")],
            },
        ],
    };

    private static Dashboard Gpu() => new()
    {
        Uid = "reco-gpu",
        Title = "GPU",
        Panels =
        [
            Line("Use", "Share of time in which a kernel ran.", "percent", $"{MetricNames.GpuUse}{{exported_namespace=\"$namespace\"}}"),
            Line("Memory", "Memory in use, in MiB.", "mbytes", $"{MetricNames.GpuMemoryUsed}{{exported_namespace=\"$namespace\"}}"),
            Line("Temperature", "Of the chip; it slows down above some 85.", "celsius", $"{MetricNames.GpuTemperature}{{exported_namespace=\"$namespace\"}}"),
            Line("Power", "Watts drawn.", "watt", $"{MetricNames.GpuPower}{{exported_namespace=\"$namespace\"}}"),
            Line("Faults", "Code of the last XID fault; 0 is none.", "short", $"{MetricNames.GpuFault}{{exported_namespace=\"$namespace\"}}"),
            new()
            {
                Title = "Without work",
                Description = "GPUs of the whole cluster that no pod holds: paid for, not used.",
                Unit = "short",
                Queries = [new("sum(kube_node_status_allocatable{resource=\"nvidia_com_gpu\"}) - sum(kube_pod_container_resource_requests{resource=\"nvidia_com_gpu\"})", "free GPUs")],
            },
        ],
    };

    private static Dashboard Capacity(ScoringConfig scoring) => new()
    {
        Uid = "reco-capacity",
        Title = "Capacity",
        Panels =
        [
            new()
            {
                Title = "Scoring pods",
                Description = "Ready pods between the fewest and the most that there may be.",
                Unit = "short",
                Queries =
                [
                    new($"sum(kube_pod_status_ready{{{Here},condition=\"true\",pod=~\"scoring-.*\"}})", "ready"),
                    new($"vector({scoring.Replicas})", "fewest"),
                    new($"vector({(scoring.Scaling.Mode == Autoscaling.None ? scoring.Replicas : scoring.Scaling.MaxReplicas)})", "most"),
                ],
            },
            new()
            {
                Title = "Requests per pod",
                Description = "Load of one pod: what a benchmark's figure compares with.",
                Unit = "reqps",
                Queries = [new($"{ScoringQueries.Rate(Here, Window)} / count({MetricNames.ModelInfo}{{{Here}}})", "requests a pod")],
            },
            new()
            {
                Title = "CPU of scoring",
                Description = "Cores in use, by pod.",
                Unit = "short",
                Queries = [new($"sum by (pod) (rate(container_cpu_usage_seconds_total{{{Here},container=\"scoring\"}}[{Window}]))", "{{pod}}")],
            },
            new()
            {
                Title = "Memory of scoring",
                Description = "Working set, by pod, and the limit at which a pod is killed.",
                Unit = "bytes",
                Queries =
                [
                    new($"sum by (pod) (container_memory_working_set_bytes{{{Here},container=\"scoring\"}})", "{{pod}}"),
                    new($"max(kube_pod_container_resource_limits{{{Here},container=\"scoring\",resource=\"memory\"}})", "limit"),
                ],
            },
            new()
            {
                Title = "Nodes",
                Description = "Nodes of the cluster, and those of them that are spot.",
                Unit = "short",
                Queries =
                [
                    new("count(kube_node_info)", "nodes"),
                    new("count(kube_node_spec_taint{key=\"kubernetes.azure.com/scalesetpriority\"}) or vector(0)", "spot nodes"),
                ],
            },
            new()
            {
                Title = "Pods without a node",
                Description = "Room that is missing.",
                Unit = "short",
                Limit = 1,
                Queries = [new($"sum by (pod) (kube_pod_status_phase{{{Here},phase=\"Pending\"}}) > 0", "{{pod}}")],
            },
            new()
            {
                Title = "Restarts",
                Description = "Containers that ended and were started again, per hour.",
                Unit = "short",
                Limit = 1,
                Queries = [new($"sum by (pod, container) (increase(kube_pod_container_status_restarts_total{{{Here}}}[1h])) > 0", "{{pod}} {{container}}")],
            },
        ],
    };

    private static Panel Stat(string title, string description, string unit, string expression, double? limit = null, bool lowIsBad = false) => new()
    {
        Title = title,
        Description = description,
        Unit = unit,
        Kind = "stat",
        Width = 6,
        Limit = limit,
        LowIsBad = lowIsBad,
        Queries = [new(expression)],
    };

    private static Panel Line(string title, string description, string unit, string expression) => new()
    {
        Title = title,
        Description = description,
        Unit = unit,
        Queries = [new(expression, "{{exported_pod}} GPU {{gpu}}")],
    };
}
