using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Pulumi.Serialization;

namespace Pulumi;

/// <summary>Anything that the engine tracks: a resource of a provider, or a component of other resources.</summary>
public class Resource
{
    private readonly string _type;
    private readonly string _name;
    private readonly bool? _protect;
    private readonly ImmutableArray<ResourceTransformation> _transformations = [];
    private readonly ImmutableDictionary<string, ProviderResource> _providers = ImmutableDictionary<string, ProviderResource>.Empty;
    private readonly HashSet<Resource> _children = [];

    /// <summary>A stand-in for a resource that only its URN is known of; nothing is registered.</summary>
    private protected Resource(string type, string name)
    {
        (_type, _name) = (type, name);
        OutputSlots = ImmutableDictionary<string, OutputSlot>.Empty;
    }

    private protected Resource(
        string type, string name, bool custom, ResourceArgs args, ResourceOptions options,
        bool remote = false, RegisterPackageRequest? registerPackageRequest = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var deployment = Deployment.Instance.Inner;
        (_type, _name, IsRemote) = (type, name, remote);
        OutputSlots = OutputSlot.Attach(this, remote || options.Urn is not null);

        var parent = options.Parent;
        if (parent is null && type != Constants.StackType && options.Urn is null)
        {
            // The stack is the parent of all that have none, but passes only its transformations on.
            _transformations = [.. options.ResourceTransformations, .. deployment.Stack._transformations];
        }
        else
        {
            _transformations = [.. options.ResourceTransformations, .. parent?._transformations ?? []];
        }
        (args, options) = Transform(args, options, parent);
        options = options.Clone();
        var providers = (options as ComponentResourceOptions)?.Providers ?? [];
        if (options.Provider is not null && providers.Count > 0)
        {
            throw new ResourceException(
                $"Component '{name}' has both the option 'Provider' and 'Providers'. Put all providers into 'Providers'.", parent, hideStack: true);
        }
        if (parent is not null)
        {
            parent.AddChild(this);
            options.Protect ??= parent._protect;
            _providers = parent._providers;
        }
        if (custom)
        {
            if (options.Provider is { } own)
            {
                if (PackageOf(type) is { } package)
                {
                    _providers = _providers.SetItem(package, own);
                }
            }
            else
            {
                options.Provider = parent?.ProviderFor(type);
            }
            Provider = options.Provider;
        }
        else
        {
            foreach (var provider in options.Provider is { } single ? [single] : providers)
            {
                _providers = _providers.SetItem(provider.Package, provider);
            }
        }
        _protect = options.Protect;
        Version = options.Version;
        PluginDownloadUrl = options.PluginDownloadURL;
        Aliases = [.. options.Aliases];
        Parent = options.Parent;
        deployment.Registrar.Start(this, args, options, registerPackageRequest);
    }

    /// <summary>The resource's name across all stacks, given by the engine.</summary>
    [Output(Constants.Urn)]
    [SuppressMessage("Naming", "CA1721", Justification = "Official API.")]
    public Output<string> Urn { get; private protected set; } = null!;

    /// <summary>Whether another process, a component provider, makes the component's children.</summary>
    internal bool IsRemote { get; }

    /// <summary>The provider that was given or inherited, of a custom resource.</summary>
    internal ProviderResource? Provider { get; }

    /// <summary>The plugin version that was asked for.</summary>
    internal string? Version { get; }

    /// <summary>Where the provider plugin is downloaded from, if that was given.</summary>
    internal string? PluginDownloadUrl { get; }

    /// <summary>Former names, which children inherit.</summary>
    internal ImmutableArray<Input<Alias>> Aliases { get; } = [];

    /// <summary>The parent that was given.</summary>
    internal Resource? Parent { get; }

    /// <summary>Output properties by their name on the wire, waiting for the engine.</summary>
    internal ImmutableDictionary<string, OutputSlot> OutputSlots { get; }

    /// <summary>Resources that have this one as their parent.</summary>
    internal ImmutableArray<Resource> Children
    {
        get
        {
            lock (_children)
            {
                return [.. _children];
            }
        }
    }

    /// <summary>The type token, as package:module:Type.</summary>
    public string GetResourceType() => _type;

    /// <summary>The name inside the program.</summary>
    public string GetResourceName() => _name;

    /// <summary>The provider that children of this type and functions of this token use.</summary>
    internal ProviderResource? ProviderFor(string token)
        => PackageOf(token) is { } package ? _providers.GetValueOrDefault(package) : null;

    private static string? PackageOf(string token)
    {
        var parts = token.Split(':');
        return parts.Length == 3 ? parts[0] : null;
    }

    private (ResourceArgs Args, ResourceOptions Options) Transform(ResourceArgs args, ResourceOptions options, Resource? parent)
    {
        foreach (var transformation in _transformations)
        {
            if (transformation(new ResourceTransformationArgs(this, args, options)) is not { } changed)
            {
                continue;
            }
            if (changed.Options.Parent != parent)
            {
                throw new ArgumentException($"A transformation changed the parent of resource '{_name}' ({_type}); transformations cannot do that.");
            }
            (args, options) = (changed.Args, changed.Options);
        }
        return (args, options);
    }

    private void AddChild(Resource child)
    {
        lock (_children)
        {
            _children.Add(child);
        }
    }
}
