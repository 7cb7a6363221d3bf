using System.Collections.Immutable;

namespace Pulumi;

/// <summary>Changes arguments and options of a resource inside the program, before it is registered. Null changes nothing.</summary>
public delegate ResourceTransformationResult? ResourceTransformation(ResourceTransformationArgs args);

/// <summary>Changes arguments and options of a resource when the engine registers it; children of remote components too. Null changes nothing.</summary>
public delegate Task<ResourceTransformResult?> ResourceTransform(ResourceTransformArgs args, CancellationToken cancellationToken = default);

/// <summary>Changes arguments and options of a function call when the engine makes it. Null changes nothing.</summary>
public delegate Task<InvokeTransformResult?> InvokeTransform(InvokeTransformArgs args, CancellationToken cancellationToken = default);

/// <summary>What a <see cref="ResourceTransformation"/> gets.</summary>
/// <param name="resource">The resource; its outputs are not there yet.</param>
/// <param name="args">Its arguments.</param>
/// <param name="options">Its options.</param>
public readonly struct ResourceTransformationArgs(Resource resource, ResourceArgs args, ResourceOptions options)
{
    /// <summary>The resource; its outputs are not there yet.</summary>
    public Resource Resource { get; } = resource;

    /// <summary>Its arguments.</summary>
    public ResourceArgs Args { get; } = args;

    /// <summary>Its options.</summary>
    public ResourceOptions Options { get; } = options;
}

/// <summary>What a <see cref="ResourceTransformation"/> gives.</summary>
/// <param name="args">New arguments.</param>
/// <param name="options">New options; the parent cannot change.</param>
public readonly struct ResourceTransformationResult(ResourceArgs args, ResourceOptions options)
{
    /// <summary>New arguments.</summary>
    public ResourceArgs Args { get; } = args;

    /// <summary>New options.</summary>
    public ResourceOptions Options { get; } = options;
}

/// <summary>What a <see cref="ResourceTransform"/> gets.</summary>
/// <param name="name">Name of the resource.</param>
/// <param name="type">Its type token.</param>
/// <param name="custom">Whether a provider manages it.</param>
/// <param name="args">Its arguments by name; unknown, secret and dependent ones are outputs.</param>
/// <param name="options">Its options.</param>
public readonly struct ResourceTransformArgs(
    string name, string type, bool custom, ImmutableDictionary<string, object?> args, ResourceOptions options)
{
    /// <summary>Name of the resource.</summary>
    public string Name { get; } = name;

    /// <summary>Its type token.</summary>
    public string Type { get; } = type;

    /// <summary>Whether a provider manages it.</summary>
    public bool Custom { get; } = custom;

    /// <summary>Its arguments by name.</summary>
    public ImmutableDictionary<string, object?> Args { get; } = args;

    /// <summary>Its options.</summary>
    public ResourceOptions Options { get; } = options;
}

/// <summary>What a <see cref="ResourceTransform"/> gives.</summary>
/// <param name="args">New arguments by name.</param>
/// <param name="options">New options.</param>
public readonly struct ResourceTransformResult(ImmutableDictionary<string, object?> args, ResourceOptions options)
{
    /// <summary>New arguments by name.</summary>
    public ImmutableDictionary<string, object?> Args { get; } = args;

    /// <summary>New options.</summary>
    public ResourceOptions Options { get; } = options;
}

/// <summary>What an <see cref="InvokeTransform"/> gets.</summary>
/// <param name="token">Token of the function.</param>
/// <param name="args">Its arguments by name.</param>
/// <param name="options">Its options.</param>
public readonly struct InvokeTransformArgs(string token, ImmutableDictionary<string, object?> args, InvokeOptions options)
{
    /// <summary>Token of the function.</summary>
    public string Token { get; } = token;

    /// <summary>Its arguments by name.</summary>
    public ImmutableDictionary<string, object?> Args { get; } = args;

    /// <summary>Its options.</summary>
    public InvokeOptions Options { get; } = options;
}

/// <summary>What an <see cref="InvokeTransform"/> gives.</summary>
/// <param name="args">New arguments by name.</param>
/// <param name="options">New options.</param>
public readonly struct InvokeTransformResult(ImmutableDictionary<string, object?> args, InvokeOptions options)
{
    /// <summary>New arguments by name.</summary>
    public ImmutableDictionary<string, object?> Args { get; } = args;

    /// <summary>New options.</summary>
    public InvokeOptions Options { get; } = options;
}
