using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;

namespace Reco.Infra.CustomResources;

/// <summary>Identity of a scaler: https://keda.sh/docs/latest/concepts/authentication/.</summary>
internal sealed class TriggerAuthenticationArgs() : CustomResourceArgs("keda.sh/v1alpha1", "TriggerAuthentication")
{
    /// <summary>The identity.</summary>
    [Input("spec", required: true)]
    public required Input<TriggerAuthenticationSpecArgs> Spec { get; init; }
}

/// <summary>The identity.</summary>
internal sealed class TriggerAuthenticationSpecArgs : ResourceArgs
{
    /// <summary>An identity of the cloud.</summary>
    [Input("podIdentity", required: true)]
    public required Input<PodIdentityArgs> PodIdentity { get; init; }
}

/// <summary>An identity of the cloud.</summary>
internal sealed class PodIdentityArgs : ResourceArgs
{
    /// <summary><c>azure-workload</c>.</summary>
    [Input("provider", required: true)]
    public required Input<string> Provider { get; init; }

    /// <summary>Client ID; the operator's own where there is none.</summary>
    [Input("identityId")]
    public Input<string>? IdentityId { get; init; }
}
