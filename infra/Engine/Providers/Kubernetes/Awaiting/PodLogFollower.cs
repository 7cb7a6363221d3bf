using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Cluster;
using Reco.Providers.Kubernetes.Objects;
using Reco.Providers.Kubernetes.Operations;

namespace Reco.Providers.Kubernetes.Awaiting;

/// <summary>Shows the log of a Job's newest pod as it is written: this is how a training run reports its progress.</summary>
internal sealed class PodLogFollower(ClusterClient client, ProgressLog log) : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly HashSet<string> followed = new(StringComparer.Ordinal);
    private Task following = Task.CompletedTask;

    /// <summary>The last line seen, or null.</summary>
    public string? LastLine { get; private set; }

    /// <summary>Follows the newest pod that runs, if it is not followed yet.</summary>
    public void Follow(IEnumerable<JsonObject> pods)
    {
        var newest = pods
            .Where(pod => PodReport.Statuses(pod).Any(status => status.At("state", "running") is not null))
            .MaxBy(pod => pod.Text("metadata", "creationTimestamp"), StringComparer.Ordinal);
        if (newest is not null && following.IsCompleted && followed.Add(newest.Text("metadata", "uid") ?? newest.Name()))
        {
            following = ShowAsync(newest);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync().ConfigureAwait(false);
        await following.ConfigureAwait(false);
        stop.Dispose();
    }

    private async Task ShowAsync(JsonObject pod)
    {
        var container = pod.Annotation("kubectl.kubernetes.io/default-container")
            ?? pod.Items("spec", "containers").FirstOrDefault().Text("name") ?? "";
        try
        {
            await foreach (var line in client.LogAsync(pod.Namespace(), pod.Name(), container, null, follow: true, stop.Token).ConfigureAwait(false))
            {
                if (!string.IsNullOrWhiteSpace(line))
                {
                    LastLine = line;
                    await log.StatusAsync(line).ConfigureAwait(false);
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or KubeApiException or HttpRequestException or IOException)
        {
            // The log is a comfort; the Job's own state decides.
        }
    }
}
