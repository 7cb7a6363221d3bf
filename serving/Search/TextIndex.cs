using System.Collections.Concurrent;
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

    private readonly Lazy<Postings> postings = new(() => Postings.Build(items));

    /// <summary>Scores by item, all 0, of searches that are over.</summary>
    private readonly ConcurrentBag<float[]> boards = [];

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
        var scores = boards.TryTake(out var board) ? board : new float[items.Count];
        var touched = new List<int>();
        foreach (var word in Words(query).Distinct(StringComparer.Ordinal).Take(LongestQuery))
        {
            foreach (var (term, weight) in index.Match(word))
            {
                var list = index[term];
                var rarity = MathF.Log(1 + ((items.Count - list.Length + 0.5f) / (list.Length + 0.5f))) * weight;
                foreach (var (item, count) in list)
                {
                    if (filter.Passes(item))
                    {
                        if (scores[item] == 0)
                        {
                            touched.Add(item);
                        }

                        var length = K1 * (1 - B + (B * index.Lengths[item] / index.MeanLength));
                        scores[item] += rarity * count * (K1 + 1) / (count + length);
                    }
                }
            }
        }

        // In the order of items: of two with the same score the first is kept.
        touched.Sort();
        var best = new TopK(hits.Length);
        foreach (var item in touched)
        {
            best.Add(item, scores[item]);
            scores[item] = 0;
        }

        boards.Add(scores);
        return best.Finish(hits);
    }

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var buffer = new char[text.Length];
        var reader = new WordReader(text);
        while (reader.TryRead(buffer, out var word))
        {
            words.Add(word.ToString());
        }

        return words;
    }
}
