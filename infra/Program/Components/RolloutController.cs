using Pulumi;
using Reco.Infra.Configuration;
using static Reco.Infra.Components.HelmValues;

namespace Reco.Infra.Components;

/// <summary>Arguments of what installs a controller.</summary>
internal sealed class ControllerArgs : ResourceArgs
{
    /// <summary>Who reads the controller's metrics.</summary>
    public required MonitoringConfig Monitoring { get; init; }

    /// <summary>What brings kind ServiceMonitor to the cluster; null where it is there.</summary>
    public MonitoringStack? Stack { get; init; }
}

/// <summary>Argo Rollouts, with the plugin that moves the weights of a Gateway's routes: what a canary needs.</summary>
internal sealed class RolloutController : ComponentResource
{
    /// <summary>The namespace.</summary>
    public const string NamespaceName = "argo-rollouts";

    private const string PluginImage = "ghcr.io/argoproj-labs/rollouts-plugin-trafficrouter-gatewayapi:v0.15.0";
    private const string PluginFile = "rollouts-plugin-trafficrouter-gatewayapi";
    private const string PluginVolume = "gateway-plugin";
    private const string PluginFolder = "/gateway-plugin";

    /// <summary>Providers of traffic that are not used here; the controller gets no rights for them.</summary>
    private static readonly string[] OtherProviders = ["istio", "smi", "ambassador", "awsLoadBalancerController", "awsAppMesh", "traefik", "apisix", "contour", "glooPlatform"];

    /// <summary>Installs the controller.</summary>
    public RolloutController(string name, ControllerArgs args, ComponentResourceOptions? options = null)
        : base("reco:cluster:RolloutController", name, options)
    {
        var space = OperationsNamespace.Make(NamespaceName, "rollouts", OperationsNamespace.Restricted, new CustomResourceOptions { Parent = this });
        var release = HelmCharts.Install("argo-rollouts", HelmCharts.ArgoRollouts, space, Values(args),
            new CustomResourceOptions { Parent = this, DependsOn = Dependencies.On(args.Stack) });
        RegisterOutputs(new Dictionary<string, object?> { ["namespace"] = space, ["version"] = release.Version });
    }

    /// <summary>Values of the chart.</summary>
    private static InputMap<object> Values(ControllerArgs args) => new Dictionary<string, object>
    {
        // A Rollout that loses its kind loses its pods: the kinds stay when the chart goes.
        ["keepCRDs"] = true,
        ["providerRBAC"] = Map(("providers", OtherProviders.ToDictionary(provider => provider, object (_) => false))),
        ["notifications"] = Map(("configmap", Map(("create", false)))),
        ["controller"] = Map(
            ("replicas", 2),
            ("pdb", Map(("enabled", true), ("maxUnavailable", 1))),
            ("resources", Resources("50m", "128Mi", "512Mi")),
            ("trafficRouterPlugins", new List<object> { Map(("name", CanaryRollout.TrafficPlugin), ("location", $"file://{PluginFolder}/{PluginFile}")) }),
            ("volumes", new List<object> { Map(("name", PluginVolume), ("emptyDir", new Dictionary<string, object>())) }),
            ("volumeMounts", new List<object> { Map(("name", PluginVolume), ("mountPath", PluginFolder), ("readOnly", true)) }),
            ("initContainers", new List<object> { PluginCopy() }),
            ("metrics", Map(
                ("enabled", args.Monitoring.Mode != MonitoringMode.None),
                ("serviceMonitor", Map(
                    ("enabled", args.Monitoring.Mode != MonitoringMode.None),
                    ("additionalLabels", Map((ModelMonitoring.SelectorLabel, args.Monitoring.Release)))))))),
    };

    /// <summary>Brings the plugin as an image, so that no pod loads a program from the network.</summary>
    private static Dictionary<string, object> PluginCopy() => Map(
        ("name", "copy-gateway-plugin"),
        ("image", PluginImage),
        ("command", new List<object> { "cp", $"/bin/{PluginFile}", $"{PluginFolder}/{PluginFile}" }),
        ("resources", Resources("10m", "32Mi", "64Mi")),
        ("volumeMounts", new List<object> { Map(("name", PluginVolume), ("mountPath", PluginFolder)) }),
        ("securityContext", Map(
            ("runAsNonRoot", true),
            ("runAsUser", 999),
            ("allowPrivilegeEscalation", false),
            ("readOnlyRootFilesystem", true),
            ("capabilities", Map(("drop", new List<object> { "ALL" }))),
            ("seccompProfile", Map(("type", "RuntimeDefault"))))));
}
