using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>An argument of a resource: a plain value, or an <see cref="Output{T}"/> of another resource.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
public class Input<T> : IInput
{
    private readonly Output<T>? _output;

    /// <exception cref="ArgumentNullException">There is no output. A property that is to be left out is set to null itself.</exception>
    private protected Input(Output<T> output)
    {
        _output = output ?? throw new ArgumentNullException(nameof(output));
    }

    /// <summary>For inputs that are made of parts, which <see cref="AsOutput"/> joins.</summary>
    private protected Input()
    {
    }

    object IInput.Unwrapped => Unwrapped;

    private protected virtual object Unwrapped => AsOutput();

    /// <summary>Wraps a plain value.</summary>
    public static implicit operator Input<T>([AllowNull] T value) => Output.Create(value!);

    /// <summary>Wraps an output.</summary>
    public static implicit operator Input<T>(Output<T> value) => new(value);

    /// <summary>The input as an output.</summary>
    public static implicit operator Output<T>(Input<T> input) => input.AsOutput();

    IOutput IInput.ToOutput() => AsOutput();

    internal virtual Output<T> AsOutput() => _output!;
}

/// <summary>Work with inputs as with outputs.</summary>
public static class InputExtensions
{
    /// <summary>Transforms the value once it is known.</summary>
    public static Output<TResult> Apply<T, TResult>(this Input<T>? input, Func<T, TResult> func) => input.ToOutput().Apply(func);

    /// <summary>Transforms the value with asynchronous work once it is known.</summary>
    public static Output<TResult> Apply<T, TResult>(this Input<T>? input, Func<T, Task<TResult>> func) => input.ToOutput().Apply(func);

    /// <summary>Transforms the value into an input, and takes the input's value.</summary>
    public static Output<TResult> Apply<T, TResult>(this Input<T>? input, Func<T, Input<TResult>?> func) => input.ToOutput().Apply(func);

    /// <summary>Transforms the value into another output, and takes that output's value.</summary>
    public static Output<TResult> Apply<T, TResult>(this Input<T>? input, Func<T, Output<TResult>?> func) => input.ToOutput().Apply(func);

    /// <summary>The input as an output; nothing becomes the type's default.</summary>
    public static Output<T> ToOutput<T>(this Input<T>? input) => input?.AsOutput() ?? Output.Create(default(T)!);
}

/// <summary>Adds either case of a union to a list of unions.</summary>
public static class InputListExtensions
{
    /// <summary>Adds a value of the first case.</summary>
    public static void Add<T0, T1>(this InputList<Union<T0, T1>> list, Input<T0> value)
        => list.Add(value.Apply(Union<T0, T1>.FromT0));

    /// <summary>Adds a value of the second case.</summary>
    public static void Add<T0, T1>(this InputList<Union<T0, T1>> list, Input<T1> value)
        => list.Add(value.Apply(Union<T0, T1>.FromT1));
}

/// <summary>Adds either case of a union to a map of unions.</summary>
public static class InputMapExtensions
{
    /// <summary>Adds a value of the first case.</summary>
    public static void Add<T0, T1>(this InputMap<Union<T0, T1>> map, string key, Input<T0> value)
        => map.Add(key, value.Apply(Union<T0, T1>.FromT0));

    /// <summary>Adds a value of the second case.</summary>
    public static void Add<T0, T1>(this InputMap<Union<T0, T1>> map, string key, Input<T1> value)
        => map.Add(key, value.Apply(Union<T0, T1>.FromT1));
}
