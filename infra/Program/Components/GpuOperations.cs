using Pulumi;
using Reco.Infra.Configuration;
using static Reco.Infra.Components.HelmValues;

namespace Reco.Infra.Components;

/// <summary>Arguments of <see cref="GpuOperations"/>.</summary>
internal sealed class GpuOperationsArgs : ResourceArgs
{
    /// <summary>Drivers and sharing.</summary>
    public required GpuConfig Gpu { get; init; }

    /// <summary>Most GPUs that a pod of the stack asks for.</summary>
    public required int GpusOfAPod { get; init; }

    /// <summary>Where the stack lives.</summary>
    public required Target Target { get; init; }

    /// <summary>Who reads the GPUs' metrics.</summary>
    public required MonitoringConfig Monitoring { get; init; }

    /// <summary>What brings kind ServiceMonitor to the cluster; null where it is there.</summary>
    public MonitoringStack? Stack { get; init; }
}

/// <summary>Makes GPUs known to Kubernetes: NVIDIA's operator with node feature discovery, device plugin, MIG manager and
/// DCGM exporter, in a namespace of its own.</summary>
internal sealed class GpuOperations : ComponentResource
{
    /// <summary>The namespace.</summary>
    public const string NamespaceName = "gpu-operations";

    private const string SharingConfig = "shared";

    /// <summary>Installs the operator.</summary>
    public GpuOperations(string name, GpuOperationsArgs args, ComponentResourceOptions? options = null)
        : base("reco:gpu:Operations", name, options)
    {
        var space = OperationsNamespace.Make(NamespaceName, "gpu", OperationsNamespace.Privileged, new CustomResourceOptions { Parent = this });
        var release = HelmCharts.Install("gpu-operator", HelmCharts.GpuOperator, space, Values(args),
            new CustomResourceOptions { Parent = this, DependsOn = Dependencies.On(args.Stack) });
        RegisterOutputs(new Dictionary<string, object?> { ["namespace"] = space, ["version"] = release.Version });
    }

    /// <summary>Values of the chart.</summary>
    private static InputMap<object> Values(GpuOperationsArgs args)
    {
        var gpu = args.Gpu;
        var values = new Dictionary<string, object>
        {
            // On AKS the nodes' image has the driver and the container toolkit.
            ["driver"] = Map(("enabled", gpu.InstallDriver)),
            ["toolkit"] = Map(("enabled", gpu.InstallDriver)),
            ["nfd"] = Map(("enabled", true)),
            ["gfd"] = Map(("enabled", true)),
            ["daemonsets"] = Map(("tolerations", Tolerations())),
            ["node-feature-discovery"] = Map(("worker", Map(("tolerations", Tolerations())))),
            ["migManager"] = Map(
                ("enabled", gpu.Sharing == GpuSharing.Mig),
                ("config", Map(("default", gpu.Sharing == GpuSharing.Mig ? gpu.MigProfile : "all-disabled")))),
            // Single: partitions are asked for as nvidia.com/gpu, like whole GPUs.
            ["mig"] = Map(("strategy", "single")),
            ["dcgmExporter"] = Map(
                ("enabled", true),
                ("serviceMonitor", Map(
                    ("enabled", args.Monitoring.Mode != MonitoringMode.None),
                    // The pod that holds the GPU is then exported_pod, exported_namespace, exported_container.
                    ("honorLabels", false),
                    ("additionalLabels", Map((ModelMonitoring.SelectorLabel, args.Monitoring.Release)))))),
        };
        if (args.Target == Target.Azure && !gpu.InstallDriver)
        {
            // What the runtime of AKS's nodes calls the one for GPUs; the operator looks for "nvidia".
            values["operator"] = Map(("runtimeClass", "nvidia-container-runtime"));
        }

        if (gpu.Sharing == GpuSharing.TimeSlicing)
        {
            values["devicePlugin"] = Map(("enabled", true), ("config", Map(
                ("create", true),
                ("name", "device-plugin-config"),
                ("default", SharingConfig),
                ("data", Map((SharingConfig, TimeSlicing(gpu.Slices, args.GpusOfAPod)))))));
        }
        else
        {
            values["devicePlugin"] = Map(("enabled", true));
        }

        return values;
    }

    /// <summary>Configuration of the device plugin: a GPU counts as several. Two of these are no more than one, so that a pod which asks
    /// for more is refused, unless the stack itself has such pods: then they must start.</summary>
    private static string TimeSlicing(int slices, int gpusOfAPod) => $"""
        version: v1
        sharing:
          timeSlicing:
            failRequestsGreaterThanOne: {(gpusOfAPod > 1 ? "false" : "true")}
            resources:
              - name: nvidia.com/gpu
                replicas: {slices}

        """;

    /// <summary>GPU nodes carry taints; the operator's pods must be on them.</summary>
    private static List<object> Tolerations() =>
    [
        Map(("key", "sku"), ("operator", "Equal"), ("value", "gpu"), ("effect", "NoSchedule")),
        Map(("key", "nvidia.com/gpu"), ("operator", "Exists"), ("effect", "NoSchedule")),
        Map(("key", PodDefaults.SpotLabel), ("operator", "Equal"), ("value", "spot"), ("effect", "NoSchedule")),
    ];
}
