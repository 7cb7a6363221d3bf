namespace Pulumi.Kubernetes;

/// <summary>An object of the Kubernetes API.</summary>
public abstract class KubernetesResource : CustomResource
{
    internal KubernetesResource(string type, string name, ResourceArgs? args, CustomResourceOptions? options = null)
        : base(type, name, args, options)
    {
    }
}

/// <summary>Names the type token of a resource class of this package.</summary>
/// <param name="type">The type token.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class KubernetesResourceTypeAttribute(string type) : ResourceTypeAttribute(type, PackageDefaults.Version);
