using Pulumi.Serialization;

namespace Pulumi;

/// <summary>A provider with its own configuration.</summary>
public class ProviderResource : CustomResource
{
    private const string TypePrefix = "pulumi:providers:";

    /// <summary>Registers the provider of a package.</summary>
    public ProviderResource(string package, string name, ResourceArgs args, CustomResourceOptions? options = null)
        : base(TypePrefix + package, name, args, options)
    {
    }

    /// <summary>Registers the provider of a package.</summary>
    public ProviderResource(
        string package, string name, ResourceArgs args,
        CustomResourceOptions? options = null, RegisterPackageRequest? registerPackageRequest = null)
        : base(TypePrefix + package, name, args, options, registerPackageRequest)
    {
    }

    private protected ProviderResource(string package)
        : base(TypePrefix + package)
    {
    }

    /// <summary>Name of the package that the provider serves.</summary>
    internal string Package => GetResourceType()[TypePrefix.Length..];

    /// <summary>The reference that requests to the engine name the provider by: URN::ID.</summary>
    internal async Task<string> GetReferenceAsync()
    {
        var urn = await Urn.GetValueAsync(whenUnknown: "").ConfigureAwait(false);
        var id = await Id.GetValueAsync(whenUnknown: "").ConfigureAwait(false);
        return $"{urn}::{(string.IsNullOrEmpty(id) ? Constants.UnknownValue : id)}";
    }
}
