using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>How the engine treats a resource, beside its arguments.</summary>
[SuppressMessage("Usage", "CA2227", Justification = "Official API.")]
[SuppressMessage("Design", "CA1002", Justification = "Official API.")]
public abstract class ResourceOptions
{
    /// <summary>Id of a resource that exists: it is read, not managed.</summary>
    public Input<string>? Id { get; set; }

    /// <summary>The resource that this one belongs to; the stack if none.</summary>
    public Resource? Parent { get; set; }

    /// <summary>Resources that must exist before this one, beside those that its arguments come from.</summary>
    public InputList<Resource> DependsOn { get => field ??= []; set; }

    /// <summary>Whether the engine must refuse to delete the resource.</summary>
    public bool? Protect { get; set; }

    /// <summary>Property paths whose changes are not applied.</summary>
    public List<string> IgnoreChanges { get => field ??= []; set; }

    /// <summary>Version of the provider plugin.</summary>
    public string? Version { get; set; }

    /// <summary>The provider that manages the resource.</summary>
    public ProviderResource? Provider { get; set; }

    /// <summary>How long operations may take.</summary>
    public CustomTimeouts? CustomTimeouts { get; set; }

    /// <summary>Functions that change arguments and options of this resource and its children, inside the program.</summary>
    public List<ResourceTransformation> ResourceTransformations { get => field ??= []; set; }

    /// <summary>Functions that change arguments and options of this resource and its children; the engine calls them.</summary>
    public List<ResourceTransform> ResourceTransforms { get => field ??= []; set; }

    /// <summary>Names that the resource had before.</summary>
    public List<Input<Alias>> Aliases { get; set; } = [];

    /// <summary>URN of a resource that exists in the stack: its state is read from there.</summary>
    public string? Urn { get; set; }

    /// <summary>Property paths whose changes replace the resource.</summary>
    public List<string> ReplaceOnChanges { get => field ??= []; set; }

    /// <summary>Where the provider plugin is downloaded from.</summary>
    [SuppressMessage("Design", "CA1056", Justification = "Official API.")]
    public string? PluginDownloadURL { get; set; }

    /// <summary>Whether a delete only forgets the resource.</summary>
    public bool? RetainOnDelete { get; set; }

    /// <summary>A resource whose deletion deletes this one too, so that it needs no delete of its own.</summary>
    public Resource? DeletedWith { get; set; }

    /// <summary>Resources whose replacement replaces this one too.</summary>
    public InputList<Resource> ReplaceWith { get => field ??= []; set; }

    /// <summary>Property paths whose changes are not shown.</summary>
    public List<string> HideDiffs { get => field ??= []; set; }

    /// <summary>A value whose change replaces the resource.</summary>
    public Input<object>? ReplacementTrigger { get; set; }

    /// <summary>A copy that can be changed without changing this.</summary>
    internal abstract ResourceOptions Clone();

    /// <summary>Adds another's options to these: lists grow, single values are taken if the other has one.</summary>
    private protected void Absorb(ResourceOptions other)
    {
        Id = other.Id ?? Id;
        Parent = other.Parent ?? Parent;
        Protect = other.Protect ?? Protect;
        Version = other.Version ?? Version;
        Provider = other.Provider ?? Provider;
        CustomTimeouts = other.CustomTimeouts?.Clone() ?? CustomTimeouts;
        Urn = other.Urn ?? Urn;
        PluginDownloadURL = other.PluginDownloadURL ?? PluginDownloadURL;
        RetainOnDelete = other.RetainOnDelete ?? RetainOnDelete;
        DeletedWith = other.DeletedWith ?? DeletedWith;
        ReplacementTrigger = other.ReplacementTrigger ?? ReplacementTrigger;
        DependsOn = DependsOn.Concat(other.DependsOn);
        ReplaceWith = ReplaceWith.Concat(other.ReplaceWith);
        IgnoreChanges = [.. IgnoreChanges, .. other.IgnoreChanges];
        ResourceTransformations = [.. ResourceTransformations, .. other.ResourceTransformations];
        ResourceTransforms = [.. ResourceTransforms, .. other.ResourceTransforms];
        Aliases = [.. Aliases, .. other.Aliases];
        ReplaceOnChanges = [.. ReplaceOnChanges, .. other.ReplaceOnChanges];
        HideDiffs = [.. HideDiffs, .. other.HideDiffs];
    }
}
