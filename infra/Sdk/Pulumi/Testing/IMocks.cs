using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Pulumi.Testing;

/// <summary>Stands for the engine and its providers in tests.</summary>
public interface IMocks
{
    /// <summary>Makes a resource: gives its id and its properties, as a dictionary by wire name.</summary>
    Task<(string? id, object state)> NewResourceAsync(MockResourceArgs args);

    /// <summary>Answers a call of a function or method: gives the properties of the result, as a dictionary by wire name.</summary>
    Task<object> CallAsync(MockCallArgs args);

    /// <summary>Gets the outputs of a component or of the stack.</summary>
    Task RegisterResourceOutputs(MockRegisterResourceOutputsRequest args) => Task.CompletedTask;
}

/// <summary>A resource that a test makes.</summary>
public class MockResourceArgs
{
    /// <summary>Type token.</summary>
    public string? Type { get; set; }

    /// <summary>Name inside the program.</summary>
    public string? Name { get; set; }

    /// <summary>Arguments by wire name; secrets are plain, unknown ones are left out.</summary>
    [SuppressMessage("Usage", "CA2227", Justification = "Official API.")]
    public ImmutableDictionary<string, object> Inputs { get; set; } = null!;

    /// <summary>Reference of the provider.</summary>
    public string? Provider { get; set; }

    /// <summary>Id of a resource that is read or imported.</summary>
    public string? Id { get; set; }
}

/// <summary>A call of a function or method.</summary>
public class MockCallArgs
{
    /// <summary>Token of the function.</summary>
    public string? Token { get; set; }

    /// <summary>Arguments by wire name; secrets are plain, unknown ones are left out.</summary>
    [SuppressMessage("Usage", "CA2227", Justification = "Official API.")]
    public ImmutableDictionary<string, object> Args { get; set; } = null!;

    /// <summary>Reference of the provider.</summary>
    public string? Provider { get; set; }
}

/// <summary>Outputs of a component or of the stack.</summary>
/// <param name="urn">URN of the component.</param>
/// <param name="outputs">Its outputs by wire name.</param>
[SuppressMessage("Design", "CA1051", Justification = "Official API.")]
public class MockRegisterResourceOutputsRequest(string urn, ImmutableDictionary<string, Output<object?>> outputs)
{
    /// <summary>URN of the component.</summary>
    public readonly string Urn = urn;

    /// <summary>Its outputs by wire name.</summary>
    public readonly ImmutableDictionary<string, Output<object?>> Outputs = outputs;
}

/// <summary>How a test runs a program.</summary>
public class TestOptions
{
    /// <summary>Name of the project; "project" if none.</summary>
    public string? ProjectName { get; set; }

    /// <summary>Folder of Pulumi.yaml.</summary>
    public string? RootDirectory { get; set; }

    /// <summary>Name of the stack; "stack" if none.</summary>
    public string? StackName { get; set; }

    /// <summary>Whether the program sees a preview; true if none is given.</summary>
    public bool? IsPreview { get; set; }

    /// <summary>Organization of the stack; "organization" if none.</summary>
    public string? OrganizationName { get; set; }
}

/// <summary>Mocks for tests that need none: resources echo their arguments, functions too.</summary>
public class EmptyMocks : IMocks
{
    /// <inheritdoc/>
    public Task<(string? id, object state)> NewResourceAsync(MockResourceArgs args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return Task.FromResult<(string?, object)>((null, args.Inputs));
    }

    /// <inheritdoc/>
    public Task<object> CallAsync(MockCallArgs args) 
    {
        ArgumentNullException.ThrowIfNull(args);
        return Task.FromResult<object>(args.Args);
    }
}
