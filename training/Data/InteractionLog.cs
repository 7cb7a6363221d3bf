using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Reco.Training.Data.Storage;

namespace Reco.Training.Data;

/// <summary>Interactions ascending by time, then by user and item, in memory or in a mapped file. A part is a view, not a copy.</summary>
[CollectionBuilder(typeof(InteractionLog), nameof(Create))]
internal sealed class InteractionLog(ReadOnlyMemory<Interaction> entries, EventStorage storage) : IReadOnlyList<Interaction>
{
    private readonly Lock making = new();
    private Histories? histories;

    /// <summary>Number of interactions.</summary>
    public int Length => entries.Length;

    /// <inheritdoc/>
    int IReadOnlyCollection<Interaction>.Count => entries.Length;

    /// <summary>All of them.</summary>
    public ReadOnlySpan<Interaction> Span => entries.Span;

    /// <summary>Where more that grows with them is kept.</summary>
    public EventStorage Storage => storage;

    /// <inheritdoc/>
    public Interaction this[int index] => entries.Span[index];

    /// <summary>A log in memory.</summary>
    public static implicit operator InteractionLog(Interaction[] entries) => new(entries, EventStorage.InMemory);

    /// <summary>A log in memory.</summary>
    public static InteractionLog Create(ReadOnlySpan<Interaction> entries) => entries.ToArray();

    /// <summary>A part of the log.</summary>
    public InteractionLog Slice(int start, int length) => new(entries.Slice(start, length), storage);

    /// <summary>Number of interactions before a moment.</summary>
    public int Before(long time)
    {
        var all = Span;
        var (low, high) = (0, all.Length);
        while (low < high)
        {
            var middle = (int)(((long)low + high) / 2);
            (low, high) = all[middle].Time < time ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>What each user bought; made once.</summary>
    public Histories Histories(int users)
    {
        lock (making)
        {
            return histories ??= new Histories(this, users);
        }
    }

    /// <summary>For loops that need no interface.</summary>
    public ReadOnlySpan<Interaction>.Enumerator GetEnumerator() => Span.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator<Interaction> IEnumerable<Interaction>.GetEnumerator() => MemoryMarshal.ToEnumerable(entries).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => MemoryMarshal.ToEnumerable(entries).GetEnumerator();
}
