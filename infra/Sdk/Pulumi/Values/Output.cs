using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Pulumi;

/// <summary>Creates and combines outputs.</summary>
public static partial class Output
{
    /// <summary>An output of a value that is known now.</summary>
    public static Output<T> Create<T>(T value) => new(OutputData.Plain(value));

    /// <summary>An output of a value that is still being computed.</summary>
    public static Output<T> Create<T>(Task<T> value) => FromTask(value, isSecret: false);

    /// <summary>A secret output of a value that is known now.</summary>
    public static Output<T> CreateSecret<T>(T value) => new(OutputData.Plain(value) with { IsSecret = true });

    /// <summary>A secret output of a value that is still being computed.</summary>
    public static Output<T> CreateSecret<T>(Task<T> value) => FromTask(value, isSecret: true);

    /// <summary>The same output, marked secret.</summary>
    public static Output<T> CreateSecret<T>(Output<T> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.WithIsSecret(Task.FromResult(true));
    }

    /// <summary>The same output, no longer secret.</summary>
    public static Output<T> Unsecret<T>(Output<T> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return output.WithIsSecret(Task.FromResult(false));
    }

    /// <summary>Whether an output is secret.</summary>
    public static async Task<bool> IsSecretAsync<T>(Output<T> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return (await output.DataTask.ConfigureAwait(false)).IsSecret;
    }

    /// <summary>One output of all values, in order.</summary>
    public static Output<ImmutableArray<T>> All<T>(params Input<T>[] inputs) => All(inputs.AsEnumerable());

    /// <summary>One output of all values, in order.</summary>
    public static Output<ImmutableArray<T>> All<T>(IEnumerable<Input<T>> inputs) => All(inputs.Select(i => i.ToOutput()));

    /// <summary>One output of all values, in order.</summary>
    public static Output<ImmutableArray<T>> All<T>(params Output<T>[] outputs) => All(outputs.AsEnumerable());

    /// <summary>One output of all values, in order.</summary>
    public static Output<ImmutableArray<T>> All<T>(IEnumerable<Output<T>> outputs)
    {
        var parts = outputs.ToImmutableArray();
        async Task<OutputData<ImmutableArray<T>>> Run()
        {
            var facts = OutputData.Plain(default(T)!);
            var values = ImmutableArray.CreateBuilder<T>(parts.Length);
            foreach (var part in parts)
            {
                facts = facts.Then(await part.DataTask.ConfigureAwait(false));
                values.Add(facts.Value);
            }
            return facts.With(values.MoveToImmutable());
        }
        return new(Run());
    }

    /// <summary>An interpolated string whose holes may be inputs and outputs. Numbers are formatted as in every culture's invariant form.</summary>
    public static Output<string> Format(FormattableString formattableString)
    {
        ArgumentNullException.ThrowIfNull(formattableString);
        return All(formattableString.GetArguments().Select(Untyped)).Apply(values =>
            string.Format(CultureInfo.InvariantCulture, formattableString.Format, values.ToArray()));
    }

    /// <summary>The value as JSON; outputs inside it are awaited, and make the result secret or unknown if they are.</summary>
    public static Output<string> JsonSerialize<T>(Output<T> value, JsonSerializerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(OutputJson.SerializeAsync(value, options));
    }

    /// <summary>The value that a JSON text stands for.</summary>
    public static Output<T> JsonDeserialize<T>(Output<string> json, JsonSerializerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        return new(OutputJson.DeserializeAsync<T>(json, options));
    }

    /// <summary>Any object as an output: inputs and outputs are unwrapped.</summary>
    internal static Output<object?> Untyped(object? value)
        => value switch
        {
            IInput input => new(input.ToOutput().GetDataAsync()),
            IOutput output => new(output.GetDataAsync()),
            _ => Create(value),
        };

    private static Output<T> FromTask<T>(Task<T> value, bool isSecret)
    {
        ArgumentNullException.ThrowIfNull(value);
        async Task<OutputData<T>> Run() => OutputData.Plain(await value.ConfigureAwait(false)) with { IsSecret = isSecret };
        return new(Run());
    }
}
