using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Cluster;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Awaiting;

/// <summary>Says what is wrong with pods, in words.</summary>
internal static class PodReport
{
    private const int LogLines = 20;
    private static readonly HashSet<string> Normal = new(StringComparer.Ordinal) { "ContainerCreating", "PodInitializing", "" };

    /// <summary>The pods that an object controls.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="owner">A workload with <c>spec.selector</c>, or a Job.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    public static async Task<IReadOnlyList<JsonObject>> OfAsync(ClusterClient client, JsonObject owner, CancellationToken cancellationToken)
    {
        var labels = (owner.At("spec", "selector", "matchLabels") as JsonObject)?.Select(label => $"{label.Key}={label.Value.Text()}").ToList() ?? [];
        if (labels.Count == 0 && owner.Kind() == "Job")
        {
            labels.Add($"job-name={owner.Name()}");
        }

        var pods = await client.ListAsync(
            ClusterClient.CorePath(owner.Namespace(), "pods"), labels.Count > 0 ? string.Join(',', labels) : null, null, cancellationToken).ConfigureAwait(false);
        return [.. pods.Where(pod => labels.Count > 0 || pod.Items("metadata", "ownerReferences").Any(reference => reference.Text("uid") == owner.Text("metadata", "uid")))];
    }

    /// <summary>What keeps the pods from running, one line each, every line once.</summary>
    public static IReadOnlyList<string> Problems(IEnumerable<JsonObject> pods) => [.. pods.SelectMany(Problems).Distinct()];

    /// <summary>How the containers of a pod ended badly: exit code and the end of the log.</summary>
    public static async Task<IReadOnlyList<string>> FailuresAsync(ClusterClient client, JsonObject pod, CancellationToken cancellationToken)
    {
        var result = new List<string>();
        foreach (var status in Statuses(pod))
        {
            var ended = status.At("state", "terminated") ?? status.At("lastState", "terminated");
            if (ended is null || ended.Number("exitCode") is null or 0)
            {
                continue;
            }

            var container = status.Text("name") ?? "";
            var lines = await TailAsync(client, pod, container, cancellationToken).ConfigureAwait(false);
            var message = ended.Text("message") is { Length: > 0 } text ? $" ({text.Trim()})" : "";
            var reason = ended.Text("reason") is { Length: > 0 } word && word != "Error" ? $" {word}," : "";
            result.Add($"pod {pod.Name()}, container {container}:{reason} exit code {ended.Number("exitCode")}{message}"
                + (lines.Count > 0 ? $"; its last lines:\n    {string.Join("\n    ", lines)}" : "; it wrote nothing"));
        }

        return result;
    }

    /// <summary>The status of every container of a pod, init containers first.</summary>
    public static IEnumerable<JsonObject> Statuses(JsonObject pod) =>
        pod.Items("status", "initContainerStatuses").Concat(pod.Items("status", "containerStatuses"));

    private static IEnumerable<string> Problems(JsonObject pod)
    {
        foreach (var condition in pod.Items("status", "conditions"))
        {
            if (condition.Text("type") == "PodScheduled" && condition.Text("status") == "False")
            {
                yield return $"pod {pod.Name()} is not scheduled: {condition.Text("message") ?? condition.Text("reason")}";
            }
        }

        foreach (var status in Statuses(pod))
        {
            var waiting = status.At("state", "waiting");
            if (waiting is not null && !Normal.Contains(waiting.Text("reason") ?? ""))
            {
                yield return $"pod {pod.Name()}, container {status.Text("name")}: {waiting.Text("reason")}{Suffix(waiting.Text("message"))}";
            }
            else if (status.At("state", "terminated") is { } ended && ended.Number("exitCode") is not (null or 0))
            {
                yield return $"pod {pod.Name()}, container {status.Text("name")} ended with exit code {ended.Number("exitCode")}{Suffix(ended.Text("message"))}";
            }
            else if (status.At("state", "running") is not null && !status.Flag("ready") && status.Number("restartCount") > 0)
            {
                yield return $"pod {pod.Name()}, container {status.Text("name")} is not ready and has been restarted {status.Number("restartCount")} times";
            }
        }

        if (pod.Text("status", "phase") == "Failed" && !Statuses(pod).Any())
        {
            yield return $"pod {pod.Name()} failed: {pod.Text("status", "reason")}{Suffix(pod.Text("status", "message"))}";
        }
    }

    private static string Suffix(string? message) => string.IsNullOrWhiteSpace(message) ? "" : $": {message.Trim()}";

    private static async Task<IReadOnlyList<string>> TailAsync(ClusterClient client, JsonObject pod, string container, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        try
        {
            await foreach (var line in client.LogAsync(pod.Namespace(), pod.Name(), container, LogLines, follow: false, cancellationToken).ConfigureAwait(false))
            {
                lines.Add(line);
            }
        }
        catch (Exception error) when (error is KubeApiException or HttpRequestException or IOException)
        {
            // The pod's log went with the pod; the exit code has to do.
        }

        return [.. lines.TakeLast(LogLines)];
    }
}
