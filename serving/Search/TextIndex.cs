using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Reco.Scoring.Models;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Search;

/// <summary>BM25 over names, categories and attributes of the items (Robertson and Zaragoza, The Probabilistic Relevance
/// Framework, 2009; k1 = 1.2, b = 0.75). Made on first use, or beforehand by <see cref="Warm"/>.</summary>
internal sealed class TextIndex(ItemCatalogue items)
{
    private const float K1 = 1.2f;
    private const float B = 0.75f;
    private const int LongestQuery = 32;

    /// <summary>A word in the name says more than one in an attribute.</summary>
    private const int NameWeight = 2;

    /// <summary>What U+00E0 to U+00FF are without accents.</summary>
    private const string Latin1 = "aaaaaaæceeeeiiiiðnooooo÷ouuuuyþy";

    /// <summary>What U+0100 to U+017F are without accents.</summary>
    private const string LatinExtendedA = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiĳĳjjkkĸllllllllllnnnnnnnŋŋooooooœœrrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

    private readonly Lazy<Postings> postings = new(() => Build(items));

    /// <summary>Makes the index now.</summary>
    public void Warm() => _ = postings.Value;

    /// <summary>Finds the items that match best.</summary>
    /// <param name="query">What a person typed.</param>
    /// <param name="filter">Which items may be found.</param>
    /// <param name="hits">Takes the items, best first.</param>
    /// <returns>How many were found; items without any word of the query never are.</returns>
    public int Search(string query, in ItemFilter filter, Span<Hit> hits)
    {
        var index = postings.Value;
        var scores = new Dictionary<int, float>();
        foreach (var word in Words(query).Distinct(StringComparer.Ordinal).Take(LongestQuery))
        {
            foreach (var (term, weight) in index.Match(word))
            {
                var list = index.Lists[term];
                var rarity = MathF.Log(1 + ((items.Count - list.Count + 0.5f) / (list.Count + 0.5f))) * weight;
                foreach (var (item, count) in list)
                {
                    if (filter.Passes(item))
                    {
                        var length = K1 * (1 - B + (B * index.Lengths[item] / index.MeanLength));
                        CollectionsMarshal.GetValueRefOrAddDefault(scores, item, out _) += rarity * count * (K1 + 1) / (count + length);
                    }
                }
            }
        }

        var best = new TopK(hits.Length);
        foreach (var (item, score) in scores.OrderBy(entry => entry.Key))
        {
            best.Add(item, score);
        }

        return best.Finish(hits);
    }

    /// <summary>Words of a text: runs of letters and digits in lower case, Latin letters without their accents, plurals by their
    /// singular.</summary>
    internal static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                word.Append(Fold(Rune.ToLowerInvariant(rune)).ToString());
            }
            else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark && word.Length > 0)
            {
                yield return Stem(word.ToString());
                word.Clear();
            }
        }

        if (word.Length > 0)
        {
            yield return Stem(word.ToString());
        }
    }

    /// <summary>The letter below an accent. The program runs without ICU, which would know more scripts.</summary>
    private static Rune Fold(Rune rune) => rune.Value switch
    {
        >= 0xE0 and <= 0xFF => new Rune(Latin1[rune.Value - 0xE0]),
        >= 0x100 and <= 0x17F => new Rune(LatinExtendedA[rune.Value - 0x100]),
        _ => rune,
    };

    private static string Stem(string word) => word switch
    {
        { Length: > 4 } when word.EndsWith("ies", StringComparison.Ordinal) => $"{word[..^3]}y",
        { Length: > 3 } when word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal) && !word.EndsWith("us", StringComparison.Ordinal) => word[..^1],
        _ => word,
    };

    private static Postings Build(ItemCatalogue items)
    {
        var index = new Postings(new int[items.Count]);
        var counts = new Dictionary<int, int>();
        for (var item = 0; item < items.Count; item++)
        {
            counts.Clear();
            Count(items.Name(item), NameWeight);
            Count(items.Category(item), 1);
            items.VisitAttributes(item, (_, value) => Count(value, 1));
            foreach (var (term, count) in counts)
            {
                index.Lists[term].Add((item, count));
                index.Lengths[item] += count;
            }
        }

        index.Finish();
        return index;

        void Count(string text, int weight)
        {
            foreach (var word in Words(text))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, index.Term(word), out _) += weight;
            }
        }
    }

    private sealed class Postings(int[] lengths)
    {
        private const int LeastPrefix = 3;
        private const int MostCompletions = 16;

        private readonly Dictionary<string, int> terms = new(StringComparer.Ordinal);
        private string[] sorted = [];

        public List<List<(int Item, int Count)>> Lists { get; } = [];

        public int[] Lengths => lengths;

        public float MeanLength { get; private set; } = 1;

        public int Term(string word)
        {
            if (!terms.TryGetValue(word, out var term))
            {
                term = Lists.Count;
                terms.Add(word, term);
                Lists.Add([]);
            }

            return term;
        }

        public void Finish()
        {
            MeanLength = lengths.Length == 0 ? 1 : Math.Max(1, (float)lengths.Average());
            sorted = [.. terms.Keys.Order(StringComparer.Ordinal)];
        }

        /// <summary>The word itself, or the words that begin with it: a person who types has not finished.</summary>
        public IEnumerable<(int Term, float Weight)> Match(string word)
        {
            if (terms.TryGetValue(word, out var term))
            {
                yield return (term, 1);
                yield break;
            }

            if (word.Length < LeastPrefix)
            {
                yield break;
            }

            var at = Array.BinarySearch(sorted, word, StringComparer.Ordinal);
            for (var i = ~at; i < sorted.Length && i < ~at + MostCompletions && sorted[i].StartsWith(word, StringComparison.Ordinal); i++)
            {
                yield return (terms[sorted[i]], 0.5f);
            }
        }
    }
}
