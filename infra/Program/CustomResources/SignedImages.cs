using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;

namespace Reco.Infra.CustomResources;

/// <summary>The constraint of the stack's own template: pods of some namespaces run signed images only.</summary>
internal sealed class SignedImagesArgs() : CustomResourceArgs("constraints.gatekeeper.sh/v1beta1", SignedImagesArgs.KindName)
{
    /// <summary>The kind, which the template makes.</summary>
    public const string KindName = "RecoSignedImages";

    /// <summary>Where it holds, and what becomes of a violation.</summary>
    [Input("spec", required: true)]
    public required Input<SignedImagesSpecArgs> Spec { get; init; }
}

/// <summary>Where the constraint holds, and what becomes of a violation.</summary>
internal sealed class SignedImagesSpecArgs : ResourceArgs
{
    /// <summary><c>deny</c>, or <c>dryrun</c>: violations stand in its status.</summary>
    [Input("enforcementAction")]
    public Input<string>? EnforcementAction { get; init; }

    /// <summary>Where it holds.</summary>
    [Input("match", required: true)]
    public required Input<ConstraintMatchArgs> Match { get; init; }
}

/// <summary>Where a constraint holds.</summary>
internal sealed class ConstraintMatchArgs : ResourceArgs
{
    /// <summary>Kinds.</summary>
    [Input("kinds")]
    public InputList<ConstraintKindsArgs> Kinds { get; init; } = new();

    /// <summary>Namespaces.</summary>
    [Input("namespaces")]
    public InputList<string> Namespaces { get; init; } = new();
}

/// <summary>Kinds of some API groups.</summary>
internal sealed class ConstraintKindsArgs : ResourceArgs
{
    /// <summary>The groups.</summary>
    [Input("apiGroups")]
    public InputList<string> ApiGroups { get; init; } = new();

    /// <summary>The kinds.</summary>
    [Input("kinds")]
    public InputList<string> Kinds { get; init; } = new();
}
