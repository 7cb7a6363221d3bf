using System.Diagnostics.CodeAnalysis;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;
using Pulumi.Kubernetes.Types.Outputs.Meta.V1;

namespace Pulumi.Kubernetes.ApiExtensions;

/// <summary>An object of a kind that a CustomResourceDefinition adds to the cluster.</summary>
[SuppressMessage("Design", "CA1062", Justification = "The base class checks.")]
public class CustomResource(string name, CustomResourceArgs args, CustomResourceOptions? options = null)
    : KubernetesResource(args.Type, name, args, options)
{
    /// <summary>API version of the kind.</summary>
    [Output("apiVersion")]
    public Output<string> ApiVersion { get; private set; } = null!;

    /// <summary>The kind.</summary>
    [Output("kind")]
    public Output<string> Kind { get; private set; } = null!;

    /// <summary>Name, namespace, labels and what else every object has.</summary>
    [Output("metadata")]
    public Output<ObjectMeta> Metadata { get; private set; } = null!;
}

/// <summary>Arguments of a <see cref="CustomResource"/>. Derive from it, and give the kind's own members <see cref="InputAttribute"/>.</summary>
public abstract class CustomResourceArgs : ResourceArgs
{
    /// <summary>Arguments of one kind.</summary>
    /// <param name="apiVersion">API version, for example <c>serving.kserve.io/v1beta1</c>.</param>
    /// <param name="kind">The kind, for example <c>InferenceService</c>.</param>
    protected CustomResourceArgs(string apiVersion, string kind)
    {
        (ApiVersion, Kind) = (apiVersion, kind);
        Type = $"kubernetes:{apiVersion}:{kind}";
    }

    /// <summary>API version of the kind.</summary>
    [Input("apiVersion")]
    public Input<string> ApiVersion { get; }

    /// <summary>The kind.</summary>
    [Input("kind")]
    public Input<string> Kind { get; }

    /// <summary>Name, namespace, labels and what else every object has.</summary>
    [Input("metadata")]
    public Input<ObjectMetaArgs>? Metadata { get; set; }

    internal string Type { get; }
}
