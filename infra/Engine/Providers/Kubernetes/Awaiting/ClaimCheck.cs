using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Awaiting;

/// <summary>A PersistentVolumeClaim is ready when it is bound, or when its class binds only once a pod uses it.</summary>
internal sealed class ClaimCheck(AwaitContext context) : IReadinessCheck
{
    private bool? waitsForPod;

    /// <inheritdoc/>
    public async Task<ReadyReport> LookAsync(JsonObject live, CancellationToken cancellationToken)
    {
        var phase = live.Text("status", "phase");
        if (phase == "Bound")
        {
            return ReadyReport.Ready;
        }

        if (phase == "Lost")
        {
            return ReadyReport.Failed($"claim {live.Name()} has lost its volume {live.Text("spec", "volumeName")}");
        }

        var name = live.Text("spec", "storageClassName");
        if (waitsForPod is null && !string.IsNullOrEmpty(name))
        {
            var storage = await context.Client.GetAsync($"apis/storage.k8s.io/v1/storageclasses/{Uri.EscapeDataString(name)}", cancellationToken).ConfigureAwait(false);
            waitsForPod = storage.Text("volumeBindingMode") == "WaitForFirstConsumer";
        }

        return waitsForPod == true && phase == "Pending"
            ? ReadyReport.Ready
            : ReadyReport.Waiting($"claim is {phase ?? "new"}", $"claim {live.Name()} is not bound to a volume (storage class {name ?? "not set"}); its events say why: kubectl describe pvc {live.Name()} -n {live.Namespace()}");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
