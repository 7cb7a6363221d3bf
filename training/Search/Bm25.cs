using System.Runtime.InteropServices;
using Reco.Bundle;

namespace Reco.Training.Search;

/// <summary>Finds items by a text.</summary>
internal interface ISearcher
{
    /// <summary>Name in tables.</summary>
    string Name { get; }

    /// <summary>Writes the score of every item for a query.</summary>
    void Score(string query, Span<float> scores);
}

/// <summary>BM25 over the catalogue's texts (Robertson and Zaragoza 2009; k1 = 1.2, b = 0.75): what search without a model does.</summary>
internal sealed class Bm25 : ISearcher
{
    private const float K1 = 1.2f;
    private const float B = 0.75f;

    private readonly Dictionary<string, List<(int Item, float Weight)>> postings = new(StringComparer.Ordinal);

    /// <summary>Indexes texts.</summary>
    public Bm25(IReadOnlyList<string> texts)
    {
        var words = texts.Select(text => SearchTokens.Words(text).ToArray()).ToArray();
        var mean = (float)words.Average(list => list.Length);
        for (var item = 0; item < words.Length; item++)
        {
            var length = K1 * (1 - B + (B * words[item].Length / Math.Max(1e-6f, mean)));
            foreach (var (word, count) in words[item].CountBy(word => word, StringComparer.Ordinal))
            {
                (CollectionsMarshal.GetValueRefOrAddDefault(postings, word, out _) ??= []).Add((item, count * (K1 + 1) / (count + length)));
            }
        }

        foreach (var list in postings.Values)
        {
            var rarity = MathF.Log(1 + ((texts.Count - list.Count + 0.5f) / (list.Count + 0.5f)));
            for (var place = 0; place < list.Count; place++)
            {
                list[place] = (list[place].Item, list[place].Weight * rarity);
            }
        }
    }

    /// <inheritdoc/>
    public string Name => "BM25";

    /// <inheritdoc/>
    public void Score(string query, Span<float> scores)
    {
        scores.Clear();
        foreach (var word in SearchTokens.Words(query).Distinct(StringComparer.Ordinal))
        {
            foreach (var (item, weight) in postings.GetValueOrDefault(word) ?? [])
            {
                scores[item] += weight;
            }
        }
    }
}
