using Reco.Infra.Components;

namespace Reco.Infra.Configuration;

/// <summary>Checks what the stack installs for itself, and the names that it takes.</summary>
internal static partial class StackConfigValidator
{
    private static readonly string[] OtherReleases = ["loki", "otel-logs", MonitoringValues.CollectorName, "gpu-operator", "ratify"];

    private static IEnumerable<string?> Controllers(StackConfig config)
    {
        var controllers = config.Controllers;
        yield return controllers.Has(ClusterController.ArgoRollouts) && config.Scoring.Rollout.Mode != RolloutMode.Canary
            ? "reco:controllers has argoRollouts, but nothing is rolled out by it; set reco:rollout to canary, or take it from the list."
            : null;
        yield return controllers.Has(ClusterController.Kueue) && !config.Training.Queue.IsOwn
            ? "reco:controllers has kueue, but the stack makes no queue; set reco:trainingQueue and its quotas (trainingQuotaCpus, trainingQuotaMemory, trainingQuotaGpus), or take it from the list."
            : null;
        yield return controllers.Has(ClusterController.EnvoyGateway) && config.Scoring.Gateway.Reference != GatewayController.Reference
            ? $"reco:gateway is \"{config.Scoring.Gateway.Reference}\", but reco:controllers has envoyGateway, which brings a Gateway of the stack's own; remove one of the two."
            : null;
        yield return controllers.Has(ClusterController.EnvoyGateway) && controllers.GatewayCertificate is null
            ? $"reco:controllers has envoyGateway, whose Gateway speaks TLS only; name its certificate, a TLS secret in namespace {GatewayController.NamespaceName}, with reco:gatewayCertificate."
            : null;
        yield return !controllers.Has(ClusterController.EnvoyGateway) && controllers.GatewayCertificate is not null
            ? "reco:gatewayCertificate is set, but the stack has no Gateway of its own; remove the key, or add envoyGateway to reco:controllers."
            : null;
        yield return Form("gatewayCertificate", controllers.GatewayCertificate, DnsLabel(), "a DNS label: the name of a TLS secret");
    }

    /// <summary>Namespaces that are somebody else's, and names that two releases of a chart would have.</summary>
    private static IEnumerable<string?> Names(StackConfig config)
    {
        var (monitoring, makesMonitoring) = (config.Monitoring, MonitoringStack.IsWanted(config.Monitoring));
        var others = new Dictionary<string, bool>(StringComparer.Ordinal)
        {
            ["default"] = true,
            [ImageVerification.NamespaceName] = config.Azure.Signing.Mode != ImageSigning.Off,
            [GpuOperations.NamespaceName] = config.Gpu.Operations == GpuOperationsMode.Operator,
            [RolloutController.NamespaceName] = config.Controllers.Has(ClusterController.ArgoRollouts),
            [GatewayController.NamespaceName] = config.Controllers.Has(ClusterController.EnvoyGateway),
            [QueueController.NamespaceName] = config.Controllers.Has(ClusterController.Kueue),
        };
        foreach (var (key, space, isMade) in new[] { ("namespace", config.Namespace, true), ("monitoringNamespace", monitoring.Namespace, makesMonitoring && monitoring.Mode != MonitoringMode.Existing) })
        {
            yield return isMade && (space.StartsWith("kube-", StringComparison.Ordinal) || others.GetValueOrDefault(space))
                ? $"reco:{key} is {space}, but the stack makes this namespace and deletes it with everything in it; name one that is not there and nobody else's."
                : null;
        }

        yield return config.Namespace == monitoring.Namespace && (makesMonitoring || monitoring.Mode != MonitoringMode.None)
            ? $"reco:namespace and reco:monitoringNamespace are both {config.Namespace}; pods of the one are restricted, those of the other see the nodes: name two."
            : null;
        yield return monitoring.Mode == MonitoringMode.Install && (monitoring.Release.Length > 53 || OtherReleases.Contains(monitoring.Release))
            ? $"reco:prometheusRelease is \"{monitoring.Release}\"; with reco:monitoring install it is the name of a Helm release: at most 53 characters, and none of {string.Join(", ", OtherReleases)}."
            : null;
    }
}
