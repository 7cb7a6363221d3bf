namespace Reco.Infra.Configuration;

/// <summary>A controller that a stack can install.</summary>
internal enum ClusterController
{
    /// <summary>Argo Rollouts, which a canary needs.</summary>
    ArgoRollouts,

    /// <summary>Envoy Gateway, with a Gateway of the stack's own.</summary>
    EnvoyGateway,

    /// <summary>Kueue, which a training queue needs.</summary>
    Kueue,
}

/// <summary>What the stack installs for itself because nobody else does on its cluster.</summary>
internal sealed record ControllersConfig
{
    /// <summary><c>reco:controllers</c>: their names, separated by commas. One stack of a cluster installs them.</summary>
    public IReadOnlyList<ClusterController> Installed { get; init; } = [];

    /// <summary><c>reco:gatewayCertificate</c>: the TLS secret, in Envoy Gateway's namespace, that the stack's Gateway shows.</summary>
    public string? GatewayCertificate { get; init; }

    /// <summary>Whether the stack installs a controller.</summary>
    public bool Has(ClusterController controller) => Installed.Contains(controller);
}
