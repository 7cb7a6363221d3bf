using System.Globalization;
using System.Text.RegularExpressions;

namespace Reco.Infra.Configuration;

/// <summary>Checks the settings of what runs on the cluster.</summary>
internal static partial class StackConfigValidator
{
    private static IEnumerable<string> Workloads(StackConfig config) =>
        WorkloadRanges(config)
            .Concat(WorkloadForms(config))
            .Concat(config.Target == Target.Local ? OnlyOnClusters(config) : Combinations(config).Concat(Names(config)).Concat(Controllers(config)))
            .OfType<string>();

    private static IEnumerable<string?> WorkloadRanges(StackConfig config)
    {
        var (training, scoring) = (config.Training, config.Scoring);
        yield return Range("trainingWorkers", training.Workers, 1, 64);
        yield return Range("trainingDeadlineHours", training.DeadlineHours, 1, 24 * 14);
        yield return Range("trainingRetries", training.Retries, 0, 10);
        yield return Range("trainingQuotaCpus", training.Queue.QuotaCpus, 0, 100_000);
        yield return Range("trainingQuotaGpus", training.Queue.QuotaGpus, 0, 10_000);
        yield return Range("canaryPauseSeconds", scoring.Rollout.PauseSeconds, 60, 24 * 60 * 60);
        yield return Range("minSuccessRate", scoring.Rollout.MinSuccessRate, 0.5, 0.99999);
        yield return Range("maxP99Ms", scoring.Rollout.MaxP99Ms, 1, 5_000);
        yield return Range("maxReplicas", scoring.Scaling.MaxReplicas, scoring.Scaling.Mode == Autoscaling.None ? 1 : scoring.Replicas, 1_000);
        yield return Range("scaleQueueDepth", scoring.Scaling.QueueDepth, 1, 10_000);
        yield return Range("scaleGpuPercent", scoring.Scaling.GpuPercent, 10, 95);
        yield return Range("scaleCpuPercent", scoring.Scaling.CpuPercent, 10, 95);
        yield return Range("metricsDays", config.Monitoring.RetentionDays, 1, 400);
        yield return Range("maxModelAgeDays", config.Monitoring.MaxModelAgeDays, 1, 3_650);
        yield return Range("maxDriftPsi", config.Monitoring.MaxDriftPsi, 0.01, 10);
        yield return Range("gpuSlices", config.Gpu.Slices, 2, 48);
        var weights = scoring.Rollout.Weights;
        yield return weights.Zip(weights.Skip(1)).All(pair => pair.First < pair.Second) && weights[0] >= 1 && weights[^1] <= 99
            ? null
            : $"reco:canaryWeights is \"{string.Join(",", weights)}\"; it must be rising per cents from 1 to 99, for example 5,25,50.";
    }

    private static IEnumerable<string?> WorkloadForms(StackConfig config)
    {
        var training = config.Training;
        yield return training.RetrainSchedule is null ? null : CronProblem(training.RetrainSchedule);
        yield return TimeZone().IsMatch(training.RetrainTimeZone) && IsKnownTimeZone(training.RetrainTimeZone)
            ? null
            : $"reco:retrainTimeZone is \"{training.RetrainTimeZone}\"; it must be an IANA time zone such as Europe/Berlin or Etc/UTC.";
        yield return Form("trainingQueue", training.Queue.Name, DnsLabel(), "a DNS label: the name of a Kueue LocalQueue");
        yield return Form("trainingQuotaMemory", training.Queue.QuotaMemory, Quantity(), "a Kubernetes quantity such as 64Gi");
        yield return Form("trainingTriggerQueue", training.Trigger.Queue, QueueName(), "the name of a storage queue: 3 to 63 lower-case letters and digits, and single dashes between them");
        yield return Form("trainingTriggerAccount", training.Trigger.Account, StorageAccount(), "the name of a storage account: 3 to 24 lower-case letters and digits");
        yield return Form("trainingClientId", training.ClientId, ClientId(), "the client ID (a GUID) of an Azure identity");
        yield return Form("remoteWriteClientId", config.Monitoring.RemoteWriteClientId, ClientId(), "the client ID (a GUID) of an Azure identity");
        yield return Form("modelImage", config.Scoring.ModelImage, ImageByDigest(), "an image by digest (repository@sha256:...)");
        yield return Form("gateway", config.Scoring.Gateway.Reference, GatewayReference(), "NAMESPACE/NAME of a Gateway");
        yield return Form("gatewayHost", config.Scoring.Gateway.Host, HostName(), "a host name such as reco.example.org");
        yield return Form("monitoringNamespace", config.Monitoring.Namespace, DnsLabel(), "a DNS label");
        yield return Form("prometheusRelease", config.Monitoring.Release, DnsLabel(), "a DNS label: the value of label release that Prometheus selects");
        yield return Form("remoteWriteUrl", config.Monitoring.RemoteWriteUrl, HttpsUrl(), "an https:// address");
        yield return Form("tracesEndpoint", config.Monitoring.TracesEndpoint, HostAndPort(), "HOST:PORT of an OTLP/gRPC receiver, the port at most 65535");
        yield return Form("migProfile", config.Gpu.MigProfile, MigProfile(), "a layout of NVIDIA's MIG manager such as all-1g.10gb, all-balanced or all-disabled");
        yield return Form("signingCertificate", config.Azure.Signing.Certificate, CertificateName(), "the name of a certificate: letters, digits and dashes, a letter first");
        yield return Form("signingSubject", config.Azure.Signing.Subject, CertificateSubject(), "a subject with at least C, ST and O, for example \"C=NL, ST=Utrecht, O=Shop, CN=image-signing\"");
        yield return Form("signingRepository", config.Azure.Signing.Repository, Repository(), "OWNER/NAME of a GitHub repository");
        foreach (var space in config.Scoring.CallerNamespaces)
        {
            yield return Form("callerNamespaces", space, DnsLabel(), "DNS labels separated by commas");
        }
    }

    /// <summary>Keys that need what the local cluster does not have.</summary>
    private static IEnumerable<string?> OnlyOnClusters(StackConfig config)
    {
        var (training, scoring) = (config.Training, config.Scoring);
        foreach (var (key, isSet) in new[]
        {
            ("trainingWorkers", training.Workers > 1),
            ("trainingSpot", training.Spot),
            ("trainingQueue", training.Queue.Name is not null),
            ("trainingTriggerQueue", training.Trigger.Queue is not null),
            ("trainingClientId", training.ClientId is not null),
            ("modelImage", scoring.ModelImage is not null),
            ("rollout", scoring.Rollout.Mode != RolloutMode.Rolling),
            ("autoscaling", scoring.Scaling.Mode != Autoscaling.None),
            ("gateway", scoring.Gateway.Reference is not null),
            ("monitoring", config.Monitoring.Mode != MonitoringMode.None),
            ("logs", config.Monitoring.Logs != LogStore.None),
            ("traces", config.Monitoring.Traces),
            ("gpuOperations", config.Gpu.Operations != GpuOperationsMode.None),
            ("controllers", config.Controllers.Installed.Count > 0),
            ("gatewayCertificate", config.Controllers.GatewayCertificate is not null),
        })
        {
            yield return isSet ? $"reco:{key} is set, but target local does not have it; remove it, or set reco:target to a cluster's." : null;
        }
    }

    private static IEnumerable<string?> Combinations(StackConfig config)
    {
        var (training, scoring, monitoring) = (config.Training, config.Scoring, config.Monitoring);
        var measured = monitoring.Mode != MonitoringMode.None;
        yield return scoring.Rollout.Mode == RolloutMode.Canary && !measured
            ? "reco:rollout is canary, which judges by Prometheus' measurements; set reco:monitoring to existing or install."
            : null;
        yield return scoring.Rollout.Mode == RolloutMode.Canary && scoring.Gateway.Reference is null
            ? "reco:rollout is canary, which moves traffic by a Gateway's weights; set reco:gateway to NAMESPACE/NAME of a Gateway, or add envoyGateway to reco:controllers."
            : null;
        yield return scoring.Scaling.Mode == Autoscaling.Load && !measured
            ? "reco:autoscaling is load, which goes by Prometheus' measurements; set reco:monitoring to existing or install, or reco:autoscaling to cpu."
            : null;
        yield return training.Queue is { Name: null, QuotaCpus: > 0 } or { Name: null, QuotaGpus: > 0 }
            ? "reco:trainingQuotaCpus or reco:trainingQuotaGpus is set, but no queue that has the quota; name it with reco:trainingQueue."
            : null;
        yield return training.Queue is { IsOwn: true } queue && queue.QuotaGpus < training.Gpus * training.Workers
            ? $"reco:trainingQuotaGpus is {queue.QuotaGpus}, but a training job asks for {training.Gpus * training.Workers} (trainingGpus times trainingWorkers) and would wait for ever; raise it."
            : null;
        yield return training.Queue.IsOwn && (training.Queue.QuotaCpus < training.Cpus * training.Workers || GibibytesOf(training.Queue.QuotaMemory) < training.MemoryGi * training.Workers)
            ? $"reco:trainingQuotaCpus is {training.Queue.QuotaCpus} and reco:trainingQuotaMemory {training.Queue.QuotaMemory}, but a training job asks for {training.Cpus * training.Workers} CPUs and {training.MemoryGi * training.Workers}Gi and would wait for ever; raise them."
            : null;
        yield return training.Trigger.Queue is not null && config.Target == Target.Kubernetes && (training.Trigger.Account is null || training.ClientId is null)
            ? "reco:trainingTriggerQueue is set; on target kubernetes reco:trainingTriggerAccount and reco:trainingClientId must name the queue's storage account and an identity that may read it and take its messages (Storage Queue Data Message Processor)."
            : null;
        yield return training.Trigger.Account is not null && config.Target == Target.Azure
            ? "reco:trainingTriggerAccount is set, but target azure makes the queue in the model store's account; remove the key."
            : null;
        yield return (monitoring.RemoteWriteUrl is null) != (monitoring.RemoteWriteClientId is null)
            ? "reco:remoteWriteUrl and reco:remoteWriteClientId come together: set both or none."
            : null;
        yield return monitoring is { TracesEndpoint: not null, Traces: false }
            ? "reco:tracesEndpoint is set, but nobody sends traces there; set reco:traces to true, or remove the key."
            : null;
        yield return scoring.Gateway is { Host: not null, Reference: null }
            ? "reco:gatewayHost is set, but there is no gateway that has the host; set reco:gateway to NAMESPACE/NAME of a Gateway, or remove the key."
            : null;
        yield return monitoring.AlertWebhook is not null && monitoring.Mode != MonitoringMode.Install
            ? "reco:alertWebhook is set, but Alertmanager is not the stack's own; set reco:monitoring to install, or remove the key and let the cluster's operators route the alerts."
            : null;
        yield return monitoring.Logs == LogStore.Loki && monitoring.Mode != MonitoringMode.Install
            ? "reco:logs is loki, which is installed beside Prometheus; set reco:monitoring to install, or reco:logs to none or logAnalytics."
            : null;
        yield return config.Azure.Signing.Mode != ImageSigning.Off && config.Target != Target.Azure
            ? "reco:imageSigning is set, but the vault that holds the certificate is one of target azure; remove it, and let the cluster's operators check signatures."
            : null;
        yield return config.Gpu is { Sharing: not GpuSharing.None, Operations: GpuOperationsMode.None }
            ? "reco:gpuSharing is set, but nobody applies it; set reco:gpuOperations to operator."
            : null;
    }

    /// <summary>Whether a text is an address that is called by TLS.</summary>
    public static bool IsHttpsUrl(string text) => HttpsUrl().IsMatch(text);

    private static bool IsKnownTimeZone(string zone) =>
        // Where the machine has no list of time zones, Kubernetes will say.
        TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _) || !TimeZoneInfo.TryFindSystemTimeZoneById("Europe/Berlin", out _);

    private static double GibibytesOf(string quantity) =>
        double.TryParse(quantity[..^2], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? quantity[^2..] switch { "Mi" => number / 1024, "Ti" => number * 1024, _ => number } : double.MaxValue;

    private static string? Form(string key, string? value, Regex form, string allowed) =>
        value is null || form.IsMatch(value) ? null : $"reco:{key} is \"{value}\"; it must be {allowed}.";

    /// <summary>Five fields, each a list of numbers, ranges and steps inside the field's bounds.</summary>
    private static string? CronProblem(string expression)
    {
        (string Name, int Least, int Most)[] fields = [("minute", 0, 59), ("hour", 0, 23), ("day of the month", 1, 31), ("month", 1, 12), ("day of the week", 0, 6)];
        var parts = expression.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != fields.Length)
        {
            return $"reco:retrainSchedule is \"{expression}\"; it must be a cron expression of five fields (minute, hour, day of the month, month, day of the week), for example \"0 3 * * 1\" for Mondays at three.";
        }

        var wrong = parts.Zip(fields).FirstOrDefault(pair => !pair.First.Split(',').All(item => IsCronItem(item, pair.Second.Least, pair.Second.Most)));
        return wrong.First is null
            ? null
            : $"reco:retrainSchedule is \"{expression}\"; its {wrong.Second.Name} is \"{wrong.First}\", but must be numbers from {wrong.Second.Least} to {wrong.Second.Most}, ranges (1-5), steps (*/10) or lists of these.";
    }

    private static bool IsCronItem(string item, int least, int most)
    {
        var match = CronItem().Match(item);
        if (!match.Success)
        {
            return false;
        }

        var low = Value("low", least);
        var high = Value("high", match.Groups["low"].Success ? low : most);
        return low >= least && high <= most && low <= high && Value("step", 1) >= 1;

        int Value(string group, int fallback) =>
            match.Groups[group] is { Success: true, Value: var text } ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;
    }

    [GeneratedRegex("^(\\*|(?<low>[0-9]{1,2})(-(?<high>[0-9]{1,2}))?)(/(?<step>[0-9]{1,2}))?$")]
    private static partial Regex CronItem();

    [GeneratedRegex("^[A-Za-z]+(/[A-Za-z0-9_+-]+){1,2}$")]
    private static partial Regex TimeZone();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9-]{0,126}$")]
    private static partial Regex CertificateName();

    [GeneratedRegex("^(?=.*\\bC=[^,]+)(?=.*\\bST=[^,]+)(?=.*\\bO=[^,]+)[A-Z]+=[^,=]+(, ?[A-Z]+=[^,=]+)*$")]
    private static partial Regex CertificateSubject();

    [GeneratedRegex("^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$")]
    private static partial Regex Repository();

    [GeneratedRegex("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex QueueName();

    [GeneratedRegex("^[a-z0-9]{3,24}$")]
    private static partial Regex StorageAccount();

    [GeneratedRegex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
    private static partial Regex ClientId();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex GatewayReference();

    [GeneratedRegex("^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$")]
    private static partial Regex HostName();

    [GeneratedRegex("^https://[^\\s/]+(/\\S*)?$")]
    private static partial Regex HttpsUrl();

    [GeneratedRegex("^[A-Za-z0-9.-]+:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$")]
    private static partial Regex HostAndPort();

    [GeneratedRegex("^all-(disabled|enabled|balanced|[1-7]g\\.[0-9]{1,3}gb(\\.me|\\+me)?)$")]
    private static partial Regex MigProfile();
}
