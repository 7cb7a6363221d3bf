using System.Globalization;
using Reco.Infra.Configuration;

namespace Reco.Infra.Monitoring;

/// <summary>One alert.</summary>
internal sealed record Alert
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Query whose every series is one alert.</summary>
    public required string Expression { get; init; }

    /// <summary>How long it must hold.</summary>
    public required string For { get; init; }

    /// <summary><c>critical</c>: somebody is woken; <c>warning</c>: somebody looks in working hours.</summary>
    public required string Severity { get; init; }

    /// <summary>One line: what is wrong, with its measure.</summary>
    public required string Summary { get; init; }

    /// <summary>What to look at and what to do, in order.</summary>
    public required string Runbook { get; init; }
}

/// <summary>The alerts of one stack: what its users feel (slow, wrong, stale answers) and what will soon make them feel it.</summary>
internal static class AlertRules
{
    /// <summary>Alerts of the scoring service.</summary>
    public static IReadOnlyList<Alert> Scoring(string space, RolloutConfig objectives, ScoringConfig scoring, MonitoringConfig monitoring)
    {
        var labels = $"namespace=\"{space}\"";
        var budget = 1 - objectives.MinSuccessRate;
        return
        [
            new()
            {
                // Burns a month's budget of errors in about two days; the short window ends the alert soon after the fault.
                Name = "RecoScoringErrorsHigh",
                Expression = $"(1 - ({ScoringQueries.SuccessRate(labels, "1h")})) > {Number(14.4 * budget)} and (1 - ({ScoringQueries.SuccessRate(labels, "5m")})) > {Number(14.4 * budget)}",
                For = "2m",
                Severity = "critical",
                Summary = "{{ $value | humanizePercentage }} of scoring requests fail",
                Runbook = "1. Dashboard Reco / Scoring, panel Errors by route: one route or all? 2. Panel Versions: did a version change when it began? Then go back: kubectl argo rollouts undo scoring, or set the older bundle and run up. 3. Logs of the pods by the error's trace ID. 4. If pods restart, kubectl describe pod names the reason (OOMKilled: raise the memory limit).",
            },
            new()
            {
                Name = "RecoScoringErrorsSlowBurn",
                Expression = $"(1 - ({ScoringQueries.SuccessRate(labels, "6h")})) > {Number(6 * budget)} and (1 - ({ScoringQueries.SuccessRate(labels, "30m")})) > {Number(6 * budget)}",
                For = "15m",
                Severity = "warning",
                Summary = "{{ $value | humanizePercentage }} of scoring requests have failed over six hours",
                Runbook = "The month's budget of errors is gone in five days at this pace. Compare routes and versions on dashboard Reco / Scoring; look for a caller that sends what the model cannot answer.",
            },
            new()
            {
                Name = "RecoScoringLatencyHigh",
                Expression = $"{ScoringQueries.Latency(0.99, labels, "5m")} > {Number(objectives.MaxP99Ms / 1000.0)}",
                For = "5m",
                Severity = "critical",
                Summary = $"99th percentile of scoring is {{{{ $value | humanizeDuration }}}}, more than {objectives.MaxP99Ms} ms",
                Runbook = "1. Dashboard Reco / Scoring: did the rate of requests rise? Then raise reco:maxReplicas or reco:replicas. 2. Dashboard Reco / Capacity: are pods waiting for nodes? 3. CPU throttled or GPU at 100 %? 4. A new version at the same time: go back to the one before.",
            },
            new()
            {
                Name = "RecoScoringQueueDeep",
                Expression = $"{ScoringQueries.Waiting(space)} / count(count by (pod) ({MetricNames.Pending}{{{labels}}})) > {4 * scoring.Scaling.QueueDepth}",
                For = "5m",
                Severity = "warning",
                Summary = "{{ $value | humanize }} requests wait in each scoring pod",
                Runbook = "Requests come faster than they are answered, and the autoscaler does not keep up. Is it at reco:maxReplicas? Are there nodes (dashboard Reco / Capacity)? Does the gateway spread requests evenly?",
            },
            new()
            {
                Name = "RecoScoringRejects",
                Expression = $"sum by (reason) (rate({MetricNames.Rejected}{{{labels}}}[5m])) > 1",
                For = "10m",
                Severity = "warning",
                Summary = "{{ $value | humanize }} requests a second are turned away ({{ $labels.reason }})",
                Runbook = "reason concurrency: too few pods, see RecoScoringQueueDeep. reason key: a caller lost or changed its key; its address is in the gateway's log. Anything else: the caller sends what the service refuses; the answer's body says what.",
            },
            new()
            {
                Name = "RecoScoringDown",
                Expression = $"absent({MetricNames.ModelInfo}{{{labels}}})",
                For = "2m",
                Severity = "critical",
                Summary = "No scoring pod serves a model",
                Runbook = "1. kubectl get pods: are there any? 2. Init container model in error: the bundle is missing or damaged; its log names the file. Go back to the bundle before. 3. Pods ready but no metrics: is the PodMonitor selected (label release) and does the network policy let Prometheus in?",
            },
            new()
            {
                Name = "RecoScoringVersionsDiffer",
                Expression = $"count(count by (version) ({MetricNames.ModelInfo}{{{labels}}})) > 1",
                For = Duration(objectives.PauseSeconds * (objectives.Weights.Count + 2) + 1800),
                Severity = "warning",
                Summary = "{{ $value }} versions of the model are served for longer than a rollout takes",
                Runbook = "A rollout is stuck or waits for a person: kubectl argo rollouts get rollout scoring, or kubectl rollout status deployment scoring. Promote or abort it.",
            },
            new()
            {
                Name = "RecoModelDrift",
                Expression = $"max by (model, distribution) ({MetricNames.DriftPsi}{{{labels}}}) > {Number(monitoring.MaxDriftPsi)}",
                For = "1h",
                Severity = "warning",
                Summary = "Live {{ $labels.distribution }} of model {{ $labels.model }} has moved away from training (PSI {{ $value | humanize }})",
                Runbook = "1. A real change (season, campaign, new assortment)? Then train again: change nothing and run the CronJob by hand, or send a message to the training queue. 2. A fault before the model (a field that is empty, IDs of another system)? Dashboard Reco / Scoring, panel Drift shows since when; compare with deployments of callers.",
            },
            new()
            {
                Name = "RecoModelStale",
                Expression = $"time() - max by (model) ({MetricNames.ModelCreated}{{{labels}}}) > {monitoring.MaxModelAgeDays} * 86400",
                For = "1h",
                Severity = "warning",
                Summary = "Model {{ $labels.model }} is {{ $value | humanizeDuration }} old",
                Runbook = "1. Did retraining fail (RecoTrainingFailed)? 2. Did the gate refuse the new models? Their job's log says why. 3. Was the new bundle published but not rolled out? Then run up: it reads what the last run published.",
            },
        ];
    }

    /// <summary>Alerts of training.</summary>
    public static IReadOnlyList<Alert> Training(string space, TrainingConfig training)
    {
        var labels = $"namespace=\"{space}\",job_name=~\"training.*|retraining.*\"";
        var alerts = new List<Alert>
        {
            new()
            {
                Name = "RecoTrainingFailed",
                Expression = $"max by (job_name, reason) (kube_job_status_failed{{{labels}}}) > 0 and on (job_name) max by (job_name) (kube_job_failed{{{labels},condition=\"true\"}}) > 0",
                For = "1m",
                Severity = "warning",
                Summary = "Training job {{ $labels.job_name }} failed ({{ $labels.reason }})",
                Runbook = "The service goes on with the model it has. kubectl logs job/NAME: the last lines say whether the data was bad (file and line), the gate refused the model, or memory ran out. DeadlineExceeded: raise reco:trainingDeadlineHours.",
            },
            new()
            {
                Name = "RecoTrainingStuck",
                Expression = $"time() - max by (job_name) (kube_job_status_start_time{{{labels}}}) > {training.DeadlineHours * 2700} and on (job_name) max by (job_name) (kube_job_status_active{{{labels}}}) > 0",
                For = "10m",
                Severity = "warning",
                Summary = "Training job {{ $labels.job_name }} has run for {{ $value | humanizeDuration }}, three quarters of its deadline",
                Runbook = "Does its log still move? On GPUs: dashboard Reco / GPU, is it in use? On spot nodes: is it started again and again (RecoSpotEvictions)?",
            },
            new()
            {
                Name = "RecoTrainingPending",
                Expression = $"sum by (pod) (kube_pod_status_phase{{namespace=\"{space}\",pod=~\"(training|retraining).*\",phase=\"Pending\"}}) > 0",
                For = "30m",
                Severity = "warning",
                Summary = "Training pod {{ $labels.pod }} has found no node for half an hour",
                Runbook = "kubectl describe pod NAME: no GPU quota in the subscription, a node pool at its maximum, a spot price, or a taint that is not tolerated. In a queue: kubectl get workloads.",
            },
        };
        if (training.RetrainSchedule is not null)
        {
            alerts.Add(new()
            {
                Name = "RecoRetrainingMissed",
                Expression = $"time() - max by (cronjob) (kube_cronjob_next_schedule_time{{namespace=\"{space}\"}}) > 3600",
                For = "5m",
                Severity = "warning",
                Summary = "Retraining {{ $labels.cronjob }} should have begun {{ $value | humanizeDuration }} ago",
                Runbook = "Does the run before still go on (runs do not overlap)? Is the CronJob suspended? kubectl describe cronjob NAME lists its events.",
            });
        }

        if (training.Spot)
        {
            alerts.Add(new()
            {
                Name = "RecoSpotEvictions",
                Expression = "count(kube_node_spec_taint{key=\"kubernetes.azure.com/scalesetpriority\"} offset 1h unless on (node) kube_node_spec_taint{key=\"kubernetes.azure.com/scalesetpriority\"}) > 3",
                For = "1m",
                Severity = "warning",
                Summary = "{{ $value }} spot nodes went away within the hour",
                Runbook = "Training goes on from its checkpoint each time, but may hardly get ahead. Take another size or zone, or set reco:trainingSpot to false until the price is calm.",
            });
        }

        return alerts;
    }

    /// <summary>Alerts of GPUs.</summary>
    public static IReadOnlyList<Alert> Gpu(string space) =>
    [
        new()
        {
            Name = "RecoGpuMemoryFull",
            Expression = $"max by (gpu, Hostname, exported_pod) ({MetricNames.GpuMemoryUsed}{{exported_namespace=\"{space}\"}} / ({MetricNames.GpuMemoryUsed}{{exported_namespace=\"{space}\"}} + {MetricNames.GpuMemoryFree}{{exported_namespace=\"{space}\"}})) > 0.95",
            For = "10m",
            Severity = "warning",
            Summary = "GPU {{ $labels.gpu }} of {{ $labels.exported_pod }} has {{ $value | humanizePercentage }} of its memory in use",
            Runbook = "Training: lower reco:batchSize. Scoring: too many versions or instances in one pod, or several pods share the GPU by turns, which does not divide memory (reco:gpuSharing).",
        },
        new()
        {
            Name = "RecoGpuFault",
            Expression = $"max by (gpu, Hostname) (changes({MetricNames.GpuFault}[15m])) > 0 and max by (gpu, Hostname) ({MetricNames.GpuFault}) > 0",
            For = "1m",
            Severity = "critical",
            Summary = "GPU {{ $labels.gpu }} on {{ $labels.Hostname }} reports a fault (XID)",
            Runbook = "NVIDIA's list of XID codes says whether the program or the card is at fault (48, 63, 64, 74, 79, 94, 95: the card). kubectl cordon the node, let its pods go elsewhere, and replace it.",
        },
        new()
        {
            Name = "RecoGpuIdle",
            Expression = $"sum by (exported_pod) (avg_over_time({MetricNames.GpuUse}{{exported_namespace=\"{space}\"}}[1h])) < 1",
            For = "2h",
            Severity = "warning",
            Summary = "{{ $labels.exported_pod }} holds a GPU and does not use it",
            Runbook = "Does the service run on the CPU provider (label provider on dashboard Reco / Scoring)? Is there traffic at all? An idle GPU costs as much as a busy one: lower reco:replicas or share it (reco:gpuSharing).",
        },
    ];

    private static string Number(double value) => Math.Round(value, 6).ToString(CultureInfo.InvariantCulture);

    private static string Duration(int seconds) => $"{seconds}s";
}
