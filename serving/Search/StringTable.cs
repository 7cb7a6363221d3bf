using System.Numerics;
using System.Runtime.InteropServices;

namespace Reco.Scoring.Search;

/// <summary>Numbers different strings in the order of their first appearance. A million of them are four arrays, not a million objects:
/// a collection, for which requests must wait, has nothing to look at and nothing to move.</summary>
internal sealed class StringTable
{
    private readonly List<char> text = [];
    private readonly List<int> ends = [];
    private readonly List<int> hashes = [];

    /// <summary>Open addressing: a string's number plus one; 0 is free.</summary>
    private int[] buckets = new int[16];

    /// <summary>Number of strings.</summary>
    public int Count => ends.Count;

    /// <summary>The string of a number.</summary>
    public ReadOnlySpan<char> this[int number]
    {
        get
        {
            var start = number == 0 ? 0 : ends[number - 1];
            return CollectionsMarshal.AsSpan(text)[start..ends[number]];
        }
    }

    /// <summary>The number of a string, which is added where it is new.</summary>
    public int Add(ReadOnlySpan<char> value)
    {
        var hash = string.GetHashCode(value);
        var bucket = Find(value, hash);
        if (buckets[bucket] != 0)
        {
            return buckets[bucket] - 1;
        }

        text.AddRange(value);
        ends.Add(text.Count);
        hashes.Add(hash);
        buckets[bucket] = Count;
        if (Count * 2 > buckets.Length)
        {
            Grow();
        }

        return Count - 1;
    }

    /// <summary>Finds the number of a string.</summary>
    public bool TryFind(ReadOnlySpan<char> value, out int number)
    {
        number = buckets[Find(value, string.GetHashCode(value))] - 1;
        return number >= 0;
    }

    /// <summary>The numbers in the order of their strings (by UTF-16 code units).</summary>
    public int[] Sort()
    {
        var numbers = new int[Count];
        for (var number = 0; number < numbers.Length; number++)
        {
            numbers[number] = number;
        }

        numbers.AsSpan().Sort((a, b) => this[a].SequenceCompareTo(this[b]));
        return numbers;
    }

    private int Find(ReadOnlySpan<char> value, int hash)
    {
        var bucket = hash & (buckets.Length - 1);
        while (buckets[bucket] is var taken and not 0 && !(hashes[taken - 1] == hash && this[taken - 1].SequenceEqual(value)))
        {
            bucket = (bucket + 1) & (buckets.Length - 1);
        }

        return bucket;
    }

    private void Grow()
    {
        buckets = new int[BitOperations.RoundUpToPowerOf2((uint)Count * 4)];
        for (var number = 0; number < Count; number++)
        {
            var bucket = hashes[number] & (buckets.Length - 1);
            while (buckets[bucket] != 0)
            {
                bucket = (bucket + 1) & (buckets.Length - 1);
            }

            buckets[bucket] = number + 1;
        }
    }
}
