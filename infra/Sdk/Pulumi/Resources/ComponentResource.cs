using System.Reflection;

namespace Pulumi;

/// <summary>A group of resources that belong together and are made from code.</summary>
public class ComponentResource : Resource
{
    /// <summary>Registers a component; resources that have it as their parent are its children.</summary>
    public ComponentResource(string type, string name, ComponentResourceOptions? options = null)
        : this(type, name, ResourceArgs.Empty, options, remote: false, registerPackageRequest: null)
    {
    }

    /// <summary>Registers a component with arguments; a remote one is made by its provider.</summary>
    public ComponentResource(
        string type, string name, ResourceArgs? args, ComponentResourceOptions? options = null, bool remote = false)
        : this(type, name, args, options, remote, registerPackageRequest: null)
    {
    }

    /// <summary>Registers a component of a package; a remote one is made by its provider.</summary>
    public ComponentResource(
        string type, string name, ResourceArgs? args, ComponentResourceOptions? options, bool remote,
        RegisterPackageRequest? registerPackageRequest = null)
        : base(type, name, custom: false, args ?? ResourceArgs.Empty, options ?? new(), remote, registerPackageRequest)
    {
    }

    /// <summary>Reports that the component is complete; its outputs are its <see cref="OutputAttribute"/> properties.</summary>
    protected void RegisterOutputs()
        => RegisterOutputs(GetType().GetProperties()
            .Select(property => (Property: property, Output: property.GetCustomAttribute<OutputAttribute>()))
            .Where(member => member.Output is not null && member.Property.Name != nameof(Urn))
            .ToDictionary(
                member => string.IsNullOrWhiteSpace(member.Output!.Name) ? member.Property.Name : member.Output.Name,
                member => member.Property.GetValue(this)));

    /// <summary>Reports that the component is complete, and its outputs.</summary>
    protected void RegisterOutputs(IDictionary<string, object?> outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        RegisterOutputs(Output.Create(outputs));
    }

    /// <summary>Reports that the component is complete, and its outputs.</summary>
    protected void RegisterOutputs(Task<IDictionary<string, object?>> outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        RegisterOutputs(Output.Create(outputs));
    }

    /// <summary>Reports that the component is complete, and its outputs.</summary>
    protected void RegisterOutputs(Output<IDictionary<string, object?>> outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        Deployment.Instance.Inner.Registrar.StartOutputs(this, outputs);
    }
}
