using System.Buffers;
using Reco.Scoring.Models;

namespace Reco.Scoring.Search;

/// <summary>Which items have which words, how often: an inverted index in flat arrays.</summary>
internal sealed class Postings
{
    /// <summary>A word in the name says more than one in an attribute.</summary>
    private const int NameWeight = 2;

    private const int LeastPrefix = 3;
    private const int MostCompletions = 16;

    private readonly StringTable terms;
    private readonly int[] sorted;
    private readonly int[] starts;
    private readonly (int Item, int Count)[] entries;

    private Postings(StringTable terms, int[] starts, (int Item, int Count)[] entries, int[] lengths)
    {
        (this.terms, this.starts, this.entries, Lengths) = (terms, starts, entries, lengths);
        sorted = terms.Sort();
        MeanLength = lengths.Length == 0 ? 1 : Math.Max(1, (float)lengths.Average());
    }

    /// <summary>Weighted number of words of each item.</summary>
    public int[] Lengths { get; }

    /// <summary>Mean of <see cref="Lengths"/>, at least 1.</summary>
    public float MeanLength { get; }

    /// <summary>The items that have a term, ascending, with the term's weighted number in each.</summary>
    public ReadOnlySpan<(int Item, int Count)> this[int term] => entries.AsSpan(starts[term]..starts[term + 1]);

    /// <summary>Reads the words of every item.</summary>
    public static Postings Build(ItemCatalogue items)
    {
        var terms = new StringTable();
        var lengths = new int[items.Count];
        var ends = new int[items.Count];
        var found = new List<(int Term, int Count)>(items.Count * 4);
        var places = new List<int>();
        var (first, buffer) = (0, new char[256]);
        for (var item = 0; item < items.Count; item++)
        {
            first = found.Count;
            Count(items.Name(item), NameWeight);
            Count(items.Category(item), 1);
            items.VisitAttributes(item, (_, value) => Count(value, 1));
            ends[item] = found.Count;
            for (var i = first; i < found.Count; i++)
            {
                lengths[item] += found[i].Count;
            }
        }

        return new Postings(terms, Turn(found, ends, terms.Count, out var entries), entries, lengths);

        void Count(string text, int weight)
        {
            if (buffer.Length < text.Length)
            {
                buffer = new char[text.Length * 2];
            }

            var words = new WordReader(text);
            while (words.TryRead(buffer, out var word))
            {
                var term = terms.Add(word);
                if (term == places.Count)
                {
                    places.Add(-1);
                }

                if (places[term] < first)
                {
                    places[term] = found.Count;
                    found.Add((term, 0));
                }

                found[places[term]] = (term, found[places[term]].Count + weight);
            }
        }
    }

    /// <summary>The term itself, or those that begin with it: a person who types has not finished.</summary>
    public IEnumerable<(int Term, float Weight)> Match(string word)
    {
        if (terms.TryFind(word, out var term))
        {
            yield return (term, 1);
            yield break;
        }

        if (word.Length < LeastPrefix)
        {
            yield break;
        }

        var start = FirstFrom(word);
        for (var i = start; i < sorted.Length && i < start + MostCompletions && terms[sorted[i]].StartsWith(word); i++)
        {
            yield return (sorted[i], 0.5f);
        }
    }

    /// <summary>Where in the order of terms a word would be.</summary>
    private int FirstFrom(string word)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (terms[sorted[middle]].SequenceCompareTo(word) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>From terms by item to items by term.</summary>
    private static int[] Turn(List<(int Term, int Count)> found, int[] ends, int terms, out (int Item, int Count)[] entries)
    {
        var starts = new int[terms + 1];
        foreach (var (term, _) in found)
        {
            starts[term + 1]++;
        }

        for (var term = 0; term < terms; term++)
        {
            starts[term + 1] += starts[term];
        }

        entries = new (int Item, int Count)[found.Count];
        var next = ArrayPool<int>.Shared.Rent(terms);
        starts.AsSpan(0, terms).CopyTo(next);
        for (var (item, i) = (0, 0); item < ends.Length; item++)
        {
            for (; i < ends[item]; i++)
            {
                entries[next[found[i].Term]++] = (item, found[i].Count);
            }
        }

        ArrayPool<int>.Shared.Return(next);
        return starts;
    }
}
