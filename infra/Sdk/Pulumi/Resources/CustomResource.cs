using Pulumi.Serialization;

namespace Pulumi;

/// <summary>A resource that a provider creates, reads, updates and deletes.</summary>
public class CustomResource : Resource
{
    /// <summary>Registers the resource, or reads it if the options have an id.</summary>
    public CustomResource(
        string type, string name, ResourceArgs? args,
        CustomResourceOptions? options = null, RegisterPackageRequest? registerPackageRequest = null)
        : base(type, name, custom: true, args ?? ResourceArgs.Empty, options ?? new(), remote: false, registerPackageRequest)
    {
    }

    /// <summary>Registers the resource, or reads it if the options have an id.</summary>
    public CustomResource(string type, string name, ResourceArgs? args, CustomResourceOptions? options = null)
        : this(type, name, args, options, registerPackageRequest: null)
    {
    }

    private protected CustomResource(string type)
        : base(type, name: "")
    {
    }

    /// <summary>The provider's id of the resource; unknown until it is created.</summary>
    [Output(Constants.Id)]
    public Output<string> Id { get; private protected set; } = null!;
}
