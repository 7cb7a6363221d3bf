using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>A Job's <c>podFailurePolicy</c>: what a failed pod means, by its exit codes or conditions. The first rule that fits
/// decides.</summary>
internal sealed class JobFailurePolicy(JsonObject job)
{
    private readonly JsonObject[] rules = [.. job.Items("spec", "podFailurePolicy", "rules")];

    /// <summary>Whether the failure counts towards the limit.</summary>
    public bool Counts(JsonObject pod) => Find(pod)?.Rule.Text("action") != "Ignore";

    /// <summary>Whether the failure gives up the pod's index.</summary>
    public bool FailsIndex(JsonObject pod) => Find(pod)?.Rule.Text("action") == "FailIndex";

    /// <summary>Why the failure ends the whole job; null where it does not.</summary>
    public string? FailsJob(JsonObject pod) => Find(pod) is { } found && found.Rule.Text("action") == "FailJob"
        ? $"{found.What} for pod {pod.Space()}/{pod.Name()} matching FailJob rule at index {Array.IndexOf(rules, found.Rule)}"
        : null;

    private (JsonObject Rule, string What)? Find(JsonObject pod)
    {
        foreach (var rule in rules)
        {
            if (ExitCode(rule["onExitCodes"], pod) is { } code)
            {
                return (rule, code);
            }

            var condition = rule.Items("onPodConditions").FirstOrDefault(wanted => pod.Items("status", "conditions")
                .Any(actual => actual.Text("type") == wanted.Text("type") && actual.Text("status") == (wanted.Text("status") ?? "True")));
            if (condition is not null)
            {
                return (rule, $"Pod condition {condition.Text("type")}");
            }
        }

        return null;
    }

    private static string? ExitCode(JsonNode? wanted, JsonObject pod)
    {
        if (wanted is null)
        {
            return null;
        }

        var values = (wanted["values"] as JsonArray)?.Select(value => value.Number()).ToHashSet() ?? [];
        foreach (var status in pod.Items("status", "containerStatuses").Concat(pod.Items("status", "initContainerStatuses")))
        {
            var code = status.Number("state", "terminated", "exitCode");
            if (code is null or 0 || (wanted.Text("containerName") is { } name && name != status.Text("name")))
            {
                continue;
            }

            if (values.Contains(code) == (wanted.Text("operator") != "NotIn"))
            {
                return $"Container {status.Text("name")} failed with exit code {code}";
            }
        }

        return null;
    }
}
