using Pulumi;
using Pulumi.Kubernetes.ApiExtensions;

namespace Reco.Infra.CustomResources;

/// <summary>A rule of Gatekeeper, from which constraints are made:
/// https://open-policy-agent.github.io/gatekeeper/website/docs/constrainttemplates.</summary>
internal sealed class ConstraintTemplateArgs() : CustomResourceArgs("templates.gatekeeper.sh/v1", "ConstraintTemplate")
{
    /// <summary>Kind of the constraints, and the rule.</summary>
    [Input("spec", required: true)]
    public required Input<ConstraintTemplateSpecArgs> Spec { get; init; }
}

/// <summary>Kind of the constraints, and the rule.</summary>
internal sealed class ConstraintTemplateSpecArgs : ResourceArgs
{
    /// <summary>Kind of the constraints.</summary>
    [Input("crd", required: true)]
    public required Input<ConstraintCrdArgs> Crd { get; init; }

    /// <summary>The rule.</summary>
    [Input("targets", required: true)]
    public InputList<ConstraintTargetArgs> Targets { get; init; } = new();
}

/// <summary>The kind that Gatekeeper adds to the cluster.</summary>
internal sealed class ConstraintCrdArgs : ResourceArgs
{
    /// <summary>What it is.</summary>
    [Input("spec", required: true)]
    public required Input<ConstraintCrdSpecArgs> Spec { get; init; }
}

/// <summary>What the kind is.</summary>
internal sealed class ConstraintCrdSpecArgs : ResourceArgs
{
    /// <summary>Its name.</summary>
    [Input("names", required: true)]
    public required Input<ConstraintNamesArgs> Names { get; init; }
}

/// <summary>The kind's name.</summary>
internal sealed class ConstraintNamesArgs : ResourceArgs
{
    /// <summary>The name; the template's own is the same in lower case.</summary>
    [Input("kind", required: true)]
    public required Input<string> Kind { get; init; }
}

/// <summary>A rule in Rego.</summary>
internal sealed class ConstraintTargetArgs : ResourceArgs
{
    /// <summary><c>admission.k8s.gatekeeper.sh</c>.</summary>
    [Input("target", required: true)]
    public required Input<string> Target { get; init; }

    /// <summary>The rule.</summary>
    [Input("rego")]
    public Input<string>? Rego { get; init; }
}
