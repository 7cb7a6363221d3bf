using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>Marks a property of a resource that the engine fills in, or of a stack that it exports.</summary>
/// <param name="name">Name on the wire; the property's own if none.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OutputAttribute(string? name = null) : Attribute
{
    /// <summary>Name on the wire; the property's own if none.</summary>
    public string? Name { get; } = name;
}

/// <summary>Marks an argument.</summary>
/// <param name="name">Name on the wire.</param>
/// <param name="required">Whether it must have a value.</param>
/// <param name="json">Whether it travels as JSON text.</param>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
[SuppressMessage("Design", "CA1019", Justification = "Official API.")]
public sealed class InputAttribute(string name, bool required = false, bool json = false) : Attribute
{
    internal string Name { get; } = name;

    internal bool IsRequired { get; } = required;

    internal bool Json { get; } = json;
}

/// <summary>Marks a class of values that come from the engine; they are made by its <see cref="OutputConstructorAttribute"/> constructor.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OutputTypeAttribute : Attribute;

/// <summary>Marks the constructor of an <see cref="OutputTypeAttribute"/> class that takes its properties.</summary>
[AttributeUsage(AttributeTargets.Constructor)]
public sealed class OutputConstructorAttribute : Attribute;

/// <summary>Names a constructor parameter on the wire, where that is no C# name.</summary>
/// <param name="name">Name on the wire.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class OutputConstructorParameterAttribute(string name) : Attribute
{
    /// <summary>Name on the wire.</summary>
    public string Name { get; } = name;
}

/// <summary>Marks an enumeration of strings or numbers: a struct with a constructor from, and an explicit conversion to, its value.</summary>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class EnumTypeAttribute : Attribute;

/// <summary>Marks a union of object types that one property tells apart.</summary>
/// <param name="propertyName">Name of that property on the wire.</param>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class DiscriminatedUnionDiscriminatorAttribute(string propertyName) : Attribute
{
    /// <summary>Name of the property that tells the cases apart.</summary>
    public string PropertyName { get; } = propertyName;
}

/// <summary>One case of a union of object types.</summary>
/// <param name="tag">Value of the property that tells the cases apart.</param>
/// <param name="type">Class of the case.</param>
[AttributeUsage(AttributeTargets.Interface, AllowMultiple = true)]
public sealed class DiscriminatedUnionCaseAttribute(string tag, Type type) : Attribute
{
    /// <summary>Value of the property that tells the cases apart.</summary>
    public string Tag { get; } = tag;

    /// <summary>Class of the case.</summary>
    public Type Type { get; } = type;
}

/// <summary>Names the resource type of a class, so that references to such resources become objects of the class.</summary>
/// <param name="type">Type token, as package:module:Type.</param>
/// <param name="version">Version of the package.</param>
[AttributeUsage(AttributeTargets.Class)]
[SuppressMessage("Performance", "CA1813", Justification = "Generated SDKs derive from it.")]
public class ResourceTypeAttribute(string type, string? version) : Attribute
{
    /// <summary>Type token, as package:module:Type.</summary>
    public string Type { get; } = type;

    /// <summary>Version of the package.</summary>
    public string? Version { get; } = version;
}
