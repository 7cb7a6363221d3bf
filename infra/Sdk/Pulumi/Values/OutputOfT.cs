using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>
/// A value that becomes known while the program runs, such as a property of a resource. It carries the resources
/// that it comes from, and whether it is secret; <see cref="Apply{TResult}(Func{T, TResult})"/> keeps both.
/// </summary>
/// <typeparam name="T">Type of the value.</typeparam>
public sealed class Output<T> : IOutput
{
    internal Output(Task<OutputData<T>> data)
    {
        DataTask = data;
        // Work that is done cannot fail any more; all other work holds the program open, and its failure is the program's.
        if (!data.IsCompletedSuccessfully)
        {
            Deployment.Current?.Runner.RegisterTask(data);
        }
    }

    internal Output(OutputData<T> data)
        : this(Task.FromResult(data))
    {
    }

    internal Task<OutputData<T>> DataTask { get; }

    /// <summary>An output of a value that is still being computed.</summary>
    [SuppressMessage("Design", "CA1000", Justification = "Official API.")]
    public static Output<T> Create(Task<T> value) => Output.Create(value);

    /// <summary>Runs asynchronous work once the value is known.</summary>
    public Output<ValueTuple> Apply(Func<T, Task> func)
        => Bind(async data =>
        {
            await func(data).ConfigureAwait(false);
            return OutputData.Plain(ValueTuple.Create());
        });

    /// <summary>Transforms the value once it is known.</summary>
    public Output<TResult> Apply<TResult>(Func<T, TResult> func)
        => Bind(value => Task.FromResult(OutputData.Plain(func(value))));

    /// <summary>Transforms the value with asynchronous work once it is known.</summary>
    public Output<TResult> Apply<TResult>(Func<T, Task<TResult>> func)
        => Bind(async value => OutputData.Plain(await func(value).ConfigureAwait(false)));

    /// <summary>Transforms the value into an input, and takes the input's value.</summary>
    public Output<TResult> Apply<TResult>(Func<T, Input<TResult>?> func)
        => Bind(value => func(value).ToOutput().DataTask);

    /// <summary>Transforms the value into another output, and takes that output's value.</summary>
    public Output<TResult> Apply<TResult>(Func<T, Output<TResult>?> func)
        => Bind(value => func(value)?.DataTask ?? Task.FromResult(OutputData.Plain(default(TResult)!)));

    /// <summary>As <see cref="Apply{TResult}(Func{T, Output{TResult}})"/>, for a value of any type.</summary>
    public Output<TResult> UntypedApply<TResult>(Func<object?, Output<TResult>> func) => Apply(value => func(value));

    /// <summary>Explains how to get at the value: an output is no string.</summary>
    /// <exception cref="InvalidOperationException">PULUMI_ERROR_OUTPUT_STRING is 1 or true.</exception>
    public override string ToString()
    {
        const string Help = "An Output<T> has no string form of its own, since its value may not be known yet. "
            + "Use output.Apply(value => $\"...{value}...\") or Output.Format($\"...{output}...\") instead of ToString. "
            + "See https://www.pulumi.com/docs/concepts/inputs-outputs";
        var strict = Environment.GetEnvironmentVariable("PULUMI_ERROR_OUTPUT_STRING");
        if (strict == "1" || string.Equals(strict, "true", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException(Help);
        }
        if (Deployment.Current is not null)
        {
            Log.Warn(Help);
        }
        return Help;
    }

    internal async Task<T> GetValueAsync(T whenUnknown)
    {
        var data = await DataTask.ConfigureAwait(false);
        return data.IsKnown ? data.Value : whenUnknown;
    }

    internal Output<T> WithDependencies(ImmutableHashSet<Resource> resources)
        => Map(data => Task.FromResult(data with { Resources = data.Resources.Union(resources) }));

    internal Output<T> WithIsSecret(Task<bool> isSecret)
        => Map(async data => data with { IsSecret = await isSecret.ConfigureAwait(false) });

    async Task<OutputData<object?>> IOutput.GetDataAsync()
    {
        var data = await DataTask.ConfigureAwait(false);
        return data.With<object?>(data.Value);
    }

    private Output<T> Map(Func<OutputData<T>, Task<OutputData<T>>> change)
    {
        async Task<OutputData<T>> Run() => await change(await DataTask.ConfigureAwait(false)).ConfigureAwait(false);
        return new(Run());
    }

    private Output<TResult> Bind<TResult>(Func<T, Task<OutputData<TResult>>> next)
    {
        async Task<OutputData<TResult>> Run()
        {
            var data = await DataTask.ConfigureAwait(false);
            return data.IsKnown
                ? data.Then(await next(data.Value).ConfigureAwait(false))
                : data.With(default(TResult)!);
        }
        return new(Run());
    }
}
