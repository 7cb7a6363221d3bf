using System.Collections.Immutable;

namespace Pulumi;

/// <summary>Another stack, for its outputs.</summary>
public class StackReference : CustomResource
{
    /// <summary>Reads the outputs of a stack.</summary>
    /// <param name="name">Name of the reference; also the stack's name, as organization/project/stack, unless args have one.</param>
    /// <param name="args">The stack's name.</param>
    /// <param name="options">Options.</param>
    public StackReference(string name, StackReferenceArgs? args = null, CustomResourceOptions? options = null)
        : base(
            "pulumi:pulumi:StackReference", name, new StackReferenceArgs { Name = args?.Name ?? name },
            CustomResourceOptions.Merge(options, new CustomResourceOptions { Id = args?.Name ?? name }))
    {
    }

    /// <summary>The stack's name.</summary>
    [Output("name")]
    public Output<string> Name { get; private set; } = null!;

    /// <summary>All outputs of the stack.</summary>
    [Output("outputs")]
    public Output<ImmutableDictionary<string, object>> Outputs { get; private set; } = null!;

    /// <summary>Names of the outputs that are secret.</summary>
    [Output("secretOutputNames")]
    public Output<ImmutableArray<string>> SecretOutputNames { get; private set; } = null!;

    /// <summary>One output; null if the stack has none of that name.</summary>
    public Output<object?> GetOutput(Input<string> name)
        => Output.Tuple(name.ToOutput(), Outputs)
            .Apply(read => read.Item2.TryGetValue(read.Item1, out var value) ? value : null)
            .WithIsSecret(IsSecretAsync(name));

    /// <summary>One output. The program fails with a <see cref="KeyNotFoundException"/> if the stack has none of that name.</summary>
    public Output<object> RequireOutput(Input<string> name)
        => Output.Tuple(name.ToOutput(), Name, Outputs)
            .Apply(read => read.Item3.TryGetValue(read.Item1, out var value)
                ? value
                : throw new KeyNotFoundException($"Stack '{read.Item2}' has no output '{read.Item1}'; it has: {string.Join(", ", read.Item3.Keys.Order())}."))
            .WithIsSecret(IsSecretAsync(name));

    /// <summary>One output's value now, and whether it is secret.</summary>
    public async Task<StackReferenceOutputDetails> GetOutputDetailsAsync(string name)
    {
        var data = await GetOutput(name).DataTask.ConfigureAwait(false);
        return data.IsSecret ? new() { SecretValue = data.Value } : new() { Value = data.Value };
    }

    /// <summary>One output's value now; null if the stack has none of that name.</summary>
    /// <exception cref="InvalidOperationException">The output is secret.</exception>
    public Task<object?> GetValueAsync(Input<string> name) => ReadPublicAsync(GetOutput(name), nameof(GetOutput));

    /// <summary>One output's value now.</summary>
    /// <exception cref="KeyNotFoundException">The stack has no output of that name.</exception>
    /// <exception cref="InvalidOperationException">The output is secret.</exception>
    public Task<object> RequireValueAsync(Input<string> name) => ReadPublicAsync(RequireOutput(name), nameof(RequireOutput));

    private static async Task<T> ReadPublicAsync<T>(Output<T> output, string instead)
    {
        var data = await output.DataTask.ConfigureAwait(false);
        return data.IsSecret
            ? throw new InvalidOperationException($"The output is secret, so its plain value cannot be read. Use {instead}.")
            : data.Value;
    }

    private async Task<bool> IsSecretAsync(Input<string> name)
    {
        var wanted = await name.ToOutput().DataTask.ConfigureAwait(false);
        var secrets = await SecretOutputNames.DataTask.ConfigureAwait(false);
        if (!wanted.IsKnown || !secrets.IsKnown)
        {
            return (await Outputs.DataTask.ConfigureAwait(false)).IsSecret;
        }
        return !secrets.Value.IsDefault && secrets.Value.Contains(wanted.Value);
    }
}

/// <summary>Arguments of a <see cref="StackReference"/>.</summary>
public class StackReferenceArgs : ResourceArgs
{
    /// <summary>The stack's name, as organization/project/stack.</summary>
    [Input("name", required: true)]
    public Input<string>? Name { get; set; }
}

/// <summary>An output of another stack: one of the two has the value.</summary>
public sealed class StackReferenceOutputDetails
{
    /// <summary>The value of an output that is no secret.</summary>
    public object? Value { get; set; }

    /// <summary>The value of a secret output.</summary>
    public object? SecretValue { get; set; }
}
