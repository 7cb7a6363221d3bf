using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>A list argument: each element, and the list as a whole, may be a plain value or an output.</summary>
/// <typeparam name="T">Type of an element.</typeparam>
[SuppressMessage("Naming", "CA1710", Justification = "Official API.")]
[SuppressMessage("Design", "CA1010", Justification = "Enumerable only for collection initialisers.")]
public sealed class InputList<T> : Input<ImmutableArray<T>>, IEnumerable, IAsyncEnumerable<Input<T>>
{
    private Output<ImmutableArray<Input<T>>> _elements;
    private Output<ImmutableArray<T>>? _joined;

    /// <summary>An empty list, for a collection initialiser.</summary>
    public InputList()
        : this(Output.Create(ImmutableArray<Input<T>>.Empty))
    {
    }

    private InputList(Output<ImmutableArray<Input<T>>> elements)
    {
        _elements = elements;
    }

    private protected override object Unwrapped => _elements;

    /// <summary>Appends elements.</summary>
    public void Add(params Input<T>[] inputs) => AddRange(inputs);

    /// <summary>Appends all elements of another list.</summary>
    public void Add(InputList<T> inputs) => AddRange(inputs);

    /// <summary>Appends all elements of another list.</summary>
    public void AddRange(InputList<T> inputs)
    {
        _elements = Join(_elements, inputs._elements);
        _joined = null;
    }

    /// <summary>A new list of these elements, then those of another list.</summary>
    public InputList<T> Concat(InputList<T> other) => new(Join(_elements, other._elements));

    /// <summary>Not supported: elements may not be known yet.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    IEnumerator IEnumerable.GetEnumerator()
        => throw new NotSupportedException($"An InputList<{typeof(T).Name}> may hold values that are not known yet. Use 'await foreach' or Apply.");

    /// <summary>Waits for the list and enumerates its elements; none if it is unknown.</summary>
    public async IAsyncEnumerator<Input<T>> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        var values = await AsOutput().GetValueAsync(whenUnknown: []).WaitAsync(cancellationToken).ConfigureAwait(false);
        foreach (var value in values.IsDefault ? [] : values)
        {
            yield return value;
        }
    }

    /// <summary>A list of one value.</summary>
    public static implicit operator InputList<T>(T value) => Of([value]);

    /// <summary>A list of one output.</summary>
    public static implicit operator InputList<T>(Output<T> value) => Of([value]);

    /// <summary>A list of one input.</summary>
    public static implicit operator InputList<T>(Input<T> value) => Of([value]);

    /// <summary>A list of values.</summary>
    public static implicit operator InputList<T>(T[] values) => Of([.. values.Select(v => (Input<T>)v)]);

    /// <summary>A list of outputs.</summary>
    public static implicit operator InputList<T>(Output<T>[] values) => Of([.. values.Select(v => (Input<T>)v)]);

    /// <summary>A list of inputs.</summary>
    public static implicit operator InputList<T>(Input<T>[] values) => Of([.. values]);

    /// <summary>A list of values.</summary>
    public static implicit operator InputList<T>(List<T> values) => Of([.. values.Select(v => (Input<T>)v)]);

    /// <summary>A list of outputs.</summary>
    public static implicit operator InputList<T>(List<Output<T>> values) => Of([.. values.Select(v => (Input<T>)v)]);

    /// <summary>A list of inputs.</summary>
    public static implicit operator InputList<T>(List<Input<T>> values) => Of([.. values]);

    /// <summary>A list of values.</summary>
    public static implicit operator InputList<T>(ImmutableArray<T> values) => Of(Wrap(values));

    /// <summary>A list of outputs.</summary>
    public static implicit operator InputList<T>(ImmutableArray<Output<T>> values)
        => Of(values.IsDefault ? default : [.. values.Select(v => (Input<T>)v)]);

    /// <summary>A list of inputs.</summary>
    public static implicit operator InputList<T>(ImmutableArray<Input<T>> values) => Of(values);

    /// <summary>A list that becomes known as a whole.</summary>
    public static implicit operator InputList<T>(Output<T[]> values) => values.Apply(v => v.ToImmutableArray());

    /// <summary>A list that becomes known as a whole.</summary>
    public static implicit operator InputList<T>(Output<List<T>> values) => values.Apply(v => v.ToImmutableArray());

    /// <summary>A list that becomes known as a whole.</summary>
    public static implicit operator InputList<T>(Output<IEnumerable<T>> values) => values.Apply(v => v.ToImmutableArray());

    /// <summary>A list that becomes known as a whole.</summary>
    public static implicit operator InputList<T>(Output<ImmutableArray<T>> values) => new(values.Apply(Wrap));

    internal InputList<T> Clone() => new(_elements);

    internal override Output<ImmutableArray<T>> AsOutput()
        => _joined ??= _elements.Apply(elements => elements.IsDefault ? Output.Create(default(ImmutableArray<T>)) : Output.All(elements));

    private static InputList<T> Of(ImmutableArray<Input<T>> elements) => new(Output.Create(elements));

    private static ImmutableArray<Input<T>> Wrap(ImmutableArray<T> values)
        => values.IsDefault ? default : [.. values.Select(v => (Input<T>)v)];

    private static Output<ImmutableArray<Input<T>>> Join(Output<ImmutableArray<Input<T>>> first, Output<ImmutableArray<Input<T>>> second)
        => Output.Tuple(first, second).Apply(lists =>
            lists.Item1.IsDefault ? lists.Item2 : lists.Item2.IsDefault ? lists.Item1 : lists.Item1.AddRange(lists.Item2));
}
