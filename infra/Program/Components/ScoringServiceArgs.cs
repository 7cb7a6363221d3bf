using Pulumi;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components;

/// <summary>Arguments of <see cref="ScoringService"/>.</summary>
internal sealed class ScoringServiceArgs : ResourceArgs
{
    /// <summary>Namespace of the service.</summary>
    public required Input<string> Namespace { get; init; }

    /// <summary>Where the stack lives: decides how the service is reached.</summary>
    public required Target Target { get; init; }

    /// <summary>Image of the scoring service.</summary>
    public required string Image { get; init; }

    /// <summary>Replicas, precision, rollout, scaling, gateway.</summary>
    public required ScoringConfig Scoring { get; init; }

    /// <summary>Where Prometheus and the collector of traces are.</summary>
    public required MonitoringConfig Monitoring { get; init; }

    /// <summary>Volume claim that holds the bundles.</summary>
    public required Input<string> StoreClaim { get; init; }

    /// <summary>Client ID of the Azure identity that mounts the bundles; null: none.</summary>
    public Input<string>? ClientId { get; init; }

    /// <summary>Name of the model.</summary>
    public required string ModelName { get; init; }

    /// <summary>Folder of the bundle to serve, relative to the store. A new one rolls the service over.</summary>
    public required Input<string> BundlePath { get; init; }

    /// <summary>Secret with the service's keys.</summary>
    public required Input<string> KeysSecret { get; init; }

    /// <summary>What brings Argo Rollouts to the cluster; null where it is there.</summary>
    public RolloutController? Rollouts { get; init; }

    /// <summary>What brings the Gateway to the cluster; null where it is there.</summary>
    public GatewayController? Gateway { get; init; }
}
