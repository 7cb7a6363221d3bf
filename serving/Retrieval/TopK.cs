using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Reco.Scoring.Retrieval;

/// <summary>Keeps the k best of a stream of scores without a heap: candidates above a threshold are appended to a buffer, and a
/// full buffer is cut back to its k best by quickselect, which raises the threshold. After the first few blocks nearly every
/// score is dismissed by one vector comparison.</summary>
internal ref struct TopK
{
    private readonly int k;
    private readonly ulong[] buffer;
    private readonly int capacity;
    private int count;

    /// <summary>Starts an empty selection; <see cref="Finish"/> returns the buffer.</summary>
    public TopK(int k)
    {
        this.k = k;
        buffer = ArrayPool<ulong>.Shared.Rent((k * 2) + 256);
        capacity = buffer.Length;
        Threshold = float.NegativeInfinity;
    }

    /// <summary>Scores at or below it are not among the k best, but for ties, which the lower index wins.</summary>
    public float Threshold { get; private set; }

    /// <summary>Offers one score.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int item, float score)
    {
        if (!(score > Threshold))
        {
            return;
        }

        buffer[count++] = Key(item, score);
        if (count == capacity)
        {
            Shrink();
        }
    }

    /// <summary>Offers the scores of neighbouring items.</summary>
    /// <param name="first">Index of the first item; later calls bring higher ones.</param>
    /// <param name="scores">Their scores.</param>
    /// <param name="filter">Asked only of those that are good enough.</param>
    public void AddRange(int first, scoped ReadOnlySpan<float> scores, scoped in ItemFilter filter)
    {
        ref var start = ref MemoryMarshal.GetReference(scores);
        var i = 0;
        for (; i <= scores.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var better = Vector512.GreaterThan(Vector512.LoadUnsafe(ref start, (nuint)i), Vector512.Create(Threshold)).ExtractMostSignificantBits();
            for (; better != 0; better &= better - 1)
            {
                var at = i + System.Numerics.BitOperations.TrailingZeroCount(better);
                if (filter.Passes(first + at))
                {
                    Add(first + at, Unsafe.Add(ref start, at));
                }
            }
        }

        for (; i < scores.Length; i++)
        {
            if (scores[i] > Threshold && filter.Passes(first + i))
            {
                Add(first + i, scores[i]);
            }
        }
    }

    /// <summary>Writes the best, best first, and gives the buffer back.</summary>
    /// <returns>How many there are.</returns>
    public int Finish(Span<Hit> hits)
    {
        if (count > k)
        {
            Select(buffer.AsSpan(0, count), k);
            count = k;
        }

        var best = buffer.AsSpan(0, count);
        best.Sort();
        for (var i = 0; i < best.Length; i++)
        {
            hits[i] = Read(best[^(i + 1)]);
        }

        ArrayPool<ulong>.Shared.Return(buffer);
        return best.Length;
    }

    /// <summary>Cuts the buffer back to the k best.</summary>
    private void Shrink()
    {
        Select(buffer.AsSpan(0, count), k);
        count = k;
        var least = ulong.MaxValue;
        foreach (var key in buffer.AsSpan(0, k))
        {
            least = Math.Min(least, key);
        }

        Threshold = Read(least).Score;
    }

    /// <summary>A number that orders like (score, lower item first).</summary>
    public static ulong Key(int item, float score)
    {
        var bits = BitConverter.SingleToUInt32Bits(score);
        bits ^= (uint)((int)bits >> 31) | 0x8000_0000;
        return ((ulong)bits << 32) | (uint)~item;
    }

    /// <summary>What a <see cref="Key"/> was made of.</summary>
    public static Hit Read(ulong key)
    {
        var bits = (uint)(key >> 32);
        bits ^= (uint)((int)~bits >> 31) | 0x8000_0000;
        return new Hit(~(int)(uint)key, BitConverter.UInt32BitsToSingle(bits));
    }

    /// <summary>Puts the k largest in front, in any order: quickselect with the middle of three as pivot.</summary>
    private static void Select(Span<ulong> keys, int k)
    {
        var (low, high) = (0, keys.Length - 1);
        while (low < high)
        {
            var pivot = Middle(keys[low], keys[(low + high) >>> 1], keys[high]);
            var (i, j) = (low, high);
            while (i <= j)
            {
                while (keys[i] > pivot)
                {
                    i++;
                }

                while (keys[j] < pivot)
                {
                    j--;
                }

                if (i <= j)
                {
                    (keys[i], keys[j]) = (keys[j], keys[i]);
                    i++;
                    j--;
                }
            }

            if (k - 1 <= j)
            {
                high = j;
            }
            else if (k - 1 >= i)
            {
                low = i;
            }
            else
            {
                return;
            }
        }
    }

    private static ulong Middle(ulong a, ulong b, ulong c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
