using System.Globalization;
using System.Text.Json.Nodes;
using Cronos;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Admission;

/// <summary>Rules of single kinds that their schemas do not say. Every problem of an object is reported, not the first.</summary>
internal sealed class Validation
{
    private const int FirstNodePort = 30_000;
    private const int LastNodePort = 32_767;
    private readonly List<(string Field, string Problem)> problems = [];
    private readonly JsonObject value;

    private Validation(JsonObject value) => this.value = value;

    /// <summary>Refuses an object that breaks a rule.</summary>
    public static void Check(ResourceKind kind, JsonObject value)
    {
        var check = new Validation(value);
        check.Metadata();
        check.Kind(kind.Kind);
        if (check.problems.Count > 0)
        {
            throw ApiException.Invalid(kind.Kind, value.Name(), [.. check.problems]);
        }
    }

    private void Kind(string kind)
    {
        switch (kind)
        {
            case "Pod":
                problems.AddRange(PodRules.Problems(value["spec"], "spec"));
                break;
            case "Deployment" or "ReplicaSet" or "StatefulSet" or "DaemonSet":
                Workload();
                break;
            case "Job":
                Job(value["spec"], "spec");
                break;
            case "CronJob":
                CronJob();
                break;
            case "Service":
                Service();
                break;
            case "PersistentVolumeClaim":
                Require(value.At("spec", "accessModes") is JsonArray { Count: > 0 }, "spec.accessModes", "Required value: at least one access mode is required");
                Require(value.At("spec", "resources", "requests", "storage") is not null, "spec.resources[storage]", "Required value");
                break;
            case "HorizontalPodAutoscaler":
                Require((value.Number("spec", "minReplicas") ?? 1) <= (value.Number("spec", "maxReplicas") ?? 0), "spec.maxReplicas", "Invalid value: must be greater than or equal to `minReplicas`");
                break;
            case "PodDisruptionBudget":
                Require(value.At("spec", "minAvailable") is null || value.At("spec", "maxUnavailable") is null, "spec", "Invalid value: minAvailable and maxUnavailable cannot be both set");
                break;
            case "ConfigMap" or "Secret":
                Keys();
                break;
            case "CustomResourceDefinition":
                Definition();
                break;
        }
    }

    private void Require(bool holds, string field, string problem)
    {
        if (!holds)
        {
            problems.Add((field, problem));
        }
    }

    private void Metadata()
    {
        foreach (var (key, text) in value.Map("metadata", "labels"))
        {
            Require(Labels.IsKey(key), "metadata.labels", $"Invalid value: \"{key}\": a label's name has at most 63 letters, digits, '-', '_' and '.', after an optional DNS subdomain and '/'");
            Require(Labels.IsValue(text), "metadata.labels", $"Invalid value: \"{text}\": a label's value has at most 63 letters, digits, '-', '_' and '.', first and last a letter or digit");
        }

        Require(value.Map("metadata", "annotations").Sum(entry => entry.Key.Length + entry.Value.Length) <= 256 * 1024, "metadata.annotations", "Too long: may not be more than 262144 bytes");
        foreach (var owner in value.Items("metadata", "ownerReferences"))
        {
            Require(new[] { "apiVersion", "kind", "name", "uid" }.All(field => owner.Text(field) is { Length: > 0 }), "metadata.ownerReferences", "Required value: apiVersion, kind, name and uid");
        }

        Require(value.Items("metadata", "ownerReferences").Count(owner => owner.Flag("controller")) <= 1, "metadata.ownerReferences", "Invalid value: only one reference can have controller set to true");
    }

    private void Workload()
    {
        var selector = LabelSelector.Parse(value.At("spec", "selector"));
        Require(!selector.IsEmpty, "spec.selector", "Required value: an empty selector is invalid");
        Require(selector.Matches(value.Map("spec", "template", "metadata", "labels")), "spec.template.metadata.labels", "Invalid value: `selector` does not match template `labels`");
        Require(value.Number("spec", "replicas") is not < 0, "spec.replicas", "Invalid value: must be greater than or equal to 0");
        Require((value.Text("spec", "template", "spec", "restartPolicy") ?? "Always") == "Always", "spec.template.spec.restartPolicy", "Unsupported value: supported values: \"Always\"");
        if (value.Text("spec", "strategy", "type") == "Recreate")
        {
            Require(value.At("spec", "strategy", "rollingUpdate") is null, "spec.strategy.rollingUpdate", "Forbidden: may not be specified when strategy `type` is 'Recreate'");
        }

        problems.AddRange(PodRules.Problems(value.At("spec", "template", "spec"), "spec.template.spec", value.Items("spec", "volumeClaimTemplates").Select(claim => claim.Name())));
    }

    private void Job(JsonNode? spec, string path)
    {
        var policy = spec.Text("template", "spec", "restartPolicy");
        Require(policy is "OnFailure" or "Never", $"{path}.template.spec.restartPolicy", "Required value: valid values: \"OnFailure\", \"Never\"");
        Require(spec.Text("completionMode") != "Indexed" || spec.Number("completions") is not null, $"{path}.completions", "Required value: when completion mode is Indexed");
        Require(spec.At("podFailurePolicy") is null || policy == "Never", $"{path}.template.spec.restartPolicy", "Invalid value: only \"Never\" is supported when podFailurePolicy is specified");
        Require(spec.At("backoffLimitPerIndex") is null || spec.Text("completionMode") == "Indexed", $"{path}.backoffLimitPerIndex", "Invalid value: requires indexed completion mode");
        foreach (var field in new[] { "parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished" })
        {
            Require(spec.Number(field) is not < 0, $"{path}.{field}", "Invalid value: must be greater than or equal to 0");
        }

        problems.AddRange(PodRules.Problems(spec.At("template", "spec"), $"{path}.template.spec"));
    }

    private void CronJob()
    {
        var schedule = value.Text("spec", "schedule") ?? "";
        Require(!schedule.Contains("TZ", StringComparison.Ordinal), "spec.schedule", "Invalid value: cannot use TZ or CRON_TZ in schedule, use timeZone instead");
        try
        {
            CronExpression.Parse(schedule);
        }
        catch (CronFormatException error)
        {
            problems.Add(("spec.schedule", $"Invalid value: \"{schedule}\": {error.Message}"));
        }

        var zone = value.Text("spec", "timeZone");
        Require(zone is null || TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _), "spec.timeZone", $"Invalid value: \"{zone}\": unknown time zone {zone}");
        Require(value.Name().Length <= 52, "metadata.name", "Invalid value: must be no more than 52 characters");
        Job(value.At("spec", "jobTemplate", "spec"), "spec.jobTemplate.spec");
    }

    private void Service()
    {
        var ports = value.Items("spec", "ports").ToArray();
        var type = value.Text("spec", "type");
        Require(ports.Length > 0 || type == "ExternalName" || value.Text("spec", "clusterIP") == "None", "spec.ports", "Required value");
        Require(type != "ExternalName" || value.Text("spec", "externalName") is { Length: > 0 }, "spec.externalName", "Required value");
        Require(ports.Length < 2 || ports.All(port => port.Text("name") is { Length: > 0 }), "spec.ports.name", "Required value");
        Require(ports.DistinctBy(port => (port.Number("port"), port.Text("protocol"))).Count() == ports.Length, "spec.ports", "Duplicate value");
        foreach (var port in ports)
        {
            Require(port.Number("port") is >= 1 and <= 65_535, "spec.ports.port", "Invalid value: must be between 1 and 65535, inclusive");
            Require(port.Number("nodePort") is null or (>= FirstNodePort and <= LastNodePort), "spec.ports.nodePort",
                $"Invalid value: {port.Number("nodePort")?.ToString(CultureInfo.InvariantCulture)}: provided port is not in the valid range. The range of valid ports is {FirstNodePort}-{LastNodePort}");
            Require(port.Number("nodePort") is null || type is "NodePort" or "LoadBalancer", "spec.ports.nodePort", "Forbidden: may not be used when `type` is 'ClusterIP'");
        }
    }

    private void Keys()
    {
        foreach (var key in value.Map("data").Keys.Concat(value.Map("binaryData").Keys))
        {
            Require(key.Length is > 0 and <= 253 && key is not ("." or "..") && key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'),
                "data", $"Invalid value: \"{key}\": a valid config key must consist of alphanumeric characters, '-', '_' or '.'");
        }
    }

    private void Definition()
    {
        var (group, plural) = (value.Text("spec", "group") ?? "", value.Text("spec", "names", "plural") ?? "");
        Require(value.Name() == $"{plural}.{group}", "metadata.name", $"Invalid value: \"{value.Name()}\": must be spec.names.plural+\".\"+spec.group");
        Require(value.Text("spec", "scope") is "Namespaced" or "Cluster", "spec.scope", "Unsupported value: supported values: \"Cluster\", \"Namespaced\"");
        Require(value.Items("spec", "versions").Count(version => version.Flag("storage")) == 1, "spec.versions", "Invalid value: must have exactly one version marked as storage version");
        Require(value.Items("spec", "versions").All(version => version.At("schema", "openAPIV3Schema") is not null), "spec.versions[0].schema.openAPIV3Schema", "Required value: schemas are required");
        Require(ResourceKinds.All.All(kind => kind.Group != group || kind.Plural != plural), "spec.group", $"Invalid value: {group} has {plural} of its own");
    }
}
