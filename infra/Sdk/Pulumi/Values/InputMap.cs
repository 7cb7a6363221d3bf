using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>A map argument with string keys: each value, and the map as a whole, may be a plain value or an output.</summary>
/// <typeparam name="TValue">Type of a value.</typeparam>
[SuppressMessage("Naming", "CA1710", Justification = "Official API.")]
[SuppressMessage("Design", "CA1010", Justification = "Enumerable only for collection initialisers.")]
public sealed class InputMap<TValue>
    : Input<ImmutableDictionary<string, TValue>>, IEnumerable, IAsyncEnumerable<Input<KeyValuePair<string, TValue>>>
{
    private Output<ImmutableDictionary<string, Input<TValue>>> _entries;
    private Output<ImmutableDictionary<string, TValue>>? _joined;

    /// <summary>An empty map, for a collection initialiser.</summary>
    public InputMap()
        : this(Output.Create(ImmutableDictionary<string, Input<TValue>>.Empty))
    {
    }

    private InputMap(Output<ImmutableDictionary<string, Input<TValue>>> entries)
    {
        _entries = entries;
    }

    private protected override object Unwrapped => _entries;

    /// <summary>Adds an entry. A key may come twice only with the same value; else the program fails with an <see cref="ArgumentException"/>.</summary>
    [SuppressMessage("Design", "CA1044", Justification = "Official API.")]
    public Input<TValue> this[string key]
    {
        set => Add(key, value);
    }

    /// <summary>Adds an entry. A key may come twice only with the same value; else the program fails with an <see cref="ArgumentException"/>.</summary>
    public void Add(string key, Input<TValue> value)
        => Change(_entries.Apply(entries => entries.TryGetValue(key, out var present)
            ? entries.SetItem(key, Output.Tuple(present, value).Apply(both => Same(key, both.Item1, both.Item2)))
            : entries.Add(key, value)));

    /// <summary>Adds all entries of another map.</summary>
    public void Add(InputMap<TValue> values) => AddRange(values);

    /// <summary>Adds all entries of another map.</summary>
    public void AddRange(InputMap<TValue> values)
        => Change(Output.Tuple(_entries, values._entries).Apply(maps => maps.Item1.AddRange(maps.Item2)));

    /// <summary>A new map of both maps' entries; on the same key the second's value counts.</summary>
    [SuppressMessage("Design", "CA1000", Justification = "Official API.")]
    public static InputMap<TValue> Merge(InputMap<TValue> first, InputMap<TValue> second)
        => new(Output.Tuple(first._entries, second._entries).Apply(maps => maps.Item1.SetItems(maps.Item2)));

    /// <summary>Not supported: values may not be known yet.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    IEnumerator IEnumerable.GetEnumerator()
        => throw new NotSupportedException($"An InputMap<{typeof(TValue).Name}> may hold values that are not known yet. Use 'await foreach' or Apply.");

    /// <summary>Waits for the map and enumerates its entries; none if it is unknown.</summary>
    public async IAsyncEnumerator<Input<KeyValuePair<string, TValue>>> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        var values = await AsOutput().GetValueAsync(whenUnknown: ImmutableDictionary<string, TValue>.Empty)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        foreach (var value in values)
        {
            yield return value;
        }
    }

    /// <summary>A map of values.</summary>
    public static implicit operator InputMap<TValue>(Dictionary<string, TValue> values)
        => new(Output.Create(Wrap(values)));

    /// <summary>A map of values.</summary>
    public static implicit operator InputMap<TValue>(ImmutableDictionary<string, TValue> values)
        => new(Output.Create(Wrap(values)));

    /// <summary>A map that becomes known as a whole.</summary>
    public static implicit operator InputMap<TValue>(Output<Dictionary<string, TValue>> values) => new(values.Apply(Wrap));

    /// <summary>A map that becomes known as a whole.</summary>
    public static implicit operator InputMap<TValue>(Output<IDictionary<string, TValue>> values) => new(values.Apply(Wrap));

    /// <summary>A map that becomes known as a whole.</summary>
    public static implicit operator InputMap<TValue>(Output<ImmutableDictionary<string, TValue>> values) => new(values.Apply(Wrap));

    internal override Output<ImmutableDictionary<string, TValue>> AsOutput() => _joined ??= Join(_entries);

    private static Output<ImmutableDictionary<string, TValue>> Join(Output<ImmutableDictionary<string, Input<TValue>>> entries)
        => entries.Apply(map => map is null
            ? Output.Create((ImmutableDictionary<string, TValue>)null!)
            : Output.All(map.Select(entry => entry.Value.Apply(value => KeyValuePair.Create(entry.Key, value))))
                .Apply(pairs => pairs.ToImmutableDictionary()));

    // A missing map stays missing: it must not turn into an empty one on the wire.
    private static ImmutableDictionary<string, Input<TValue>> Wrap(IEnumerable<KeyValuePair<string, TValue>>? values)
        => values?.ToImmutableDictionary(entry => entry.Key, entry => (Input<TValue>)entry.Value)!;

    private static TValue Same(string key, TValue first, TValue second)
        => EqualityComparer<TValue>.Default.Equals(first, second)
            ? first
            : throw new ArgumentException($"Key '{key}' is in the map twice, with different values. Use InputMap.Merge to override a value.");

    private void Change(Output<ImmutableDictionary<string, Input<TValue>>> entries)
    {
        _entries = entries;
        _joined = null;
    }
}
