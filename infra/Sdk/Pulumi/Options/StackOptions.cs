using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>Options of a stack.</summary>
[SuppressMessage("Usage", "CA2227", Justification = "Official API.")]
[SuppressMessage("Design", "CA1002", Justification = "Official API.")]
public class StackOptions
{
    /// <summary>Functions that change arguments and options of every resource, inside the program.</summary>
    public List<ResourceTransformation> ResourceTransformations { get => field ??= []; set; }

    /// <summary>Functions that change arguments and options of every resource; the engine calls them.</summary>
    public List<ResourceTransform> ResourceTransforms { get => field ??= []; set; }
}
