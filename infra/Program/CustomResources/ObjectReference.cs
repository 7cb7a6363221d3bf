using Pulumi;

namespace Reco.Infra.CustomResources;

/// <summary>Another object of the cluster, by its kind and name.</summary>
internal sealed class ObjectReferenceArgs : ResourceArgs
{
    /// <summary>Its API group.</summary>
    [Input("group", required: true)]
    public required Input<string> Group { get; init; }

    /// <summary>Its kind.</summary>
    [Input("kind", required: true)]
    public required Input<string> Kind { get; init; }

    /// <summary>Its name.</summary>
    [Input("name", required: true)]
    public required Input<string> Name { get; init; }

    /// <summary>Its namespace; left out where that is the referrer's own.</summary>
    [Input("namespace")]
    public Input<string>? Namespace { get; init; }
}
