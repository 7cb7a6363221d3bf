using System.Globalization;
using Reco.Bundle;
using Reco.Scoring.Inference;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Search;

/// <summary>Search by words and by meaning together: BM25 finds what is called so, the query tower what is mistyped, or bought by those
/// who ask so. Both lists are fused by <see cref="ReciprocalRanks"/>.
/// Filters hold inside both searches.</summary>
internal sealed class HybridSearch(TextIndex words, QueryTower tower, IItemIndex items) : IDisposable
{
    /// <summary>The item vectors that queries are compared with.</summary>
    public IItemIndex Items => items;

    /// <summary>The vector of a text; null where it has no word.</summary>
    public float[]? Embed(string text)
    {
        var vector = new float[tower.Dimension];
        return tower.TryEmbed(text, vector) ? vector : null;
    }

    /// <summary>Finds the items that match best.</summary>
    /// <param name="text">What a person typed.</param>
    /// <param name="filter">Which items may be found.</param>
    /// <param name="hits">Takes the items, best first; a score is a sum of reciprocal ranks.</param>
    /// <returns>How many were found.</returns>
    public int Search(string text, in ItemFilter filter, Span<Hit> hits)
    {
        var list = new Hit[Math.Min(items.Count, Math.Max(ReciprocalRanks.Depth, hits.Length))];
        var scores = new SortedDictionary<int, float>();
        Fuse(list.AsSpan(0, words.Search(text, filter, list)), scores);
        var vector = new float[tower.Dimension];
        if (tower.TryEmbed(text, vector))
        {
            Fuse(list.AsSpan(0, items.Search(vector, filter, list)), scores);
        }

        var best = new TopK(hits.Length);
        foreach (var (item, score) in scores)
        {
            best.Add(item, score);
        }

        return best.Finish(hits);
    }

    /// <summary>Runs a search before traffic does.</summary>
    /// <exception cref="BundleException">The tower gives values that are not finite.</exception>
    public void WarmUp(string folder)
    {
        var vector = new float[tower.Dimension];
        if (tower.TryEmbed("warm up", vector) && vector.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
        {
            throw new BundleException(string.Create(CultureInfo.InvariantCulture, $"{folder}: the query tower gives values that are not finite; train again."));
        }

        items.Search(vector, default, new Hit[Math.Min(ReciprocalRanks.Depth, items.Count)]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        (items as IDisposable)?.Dispose();
        tower.Dispose();
    }

    private static void Fuse(ReadOnlySpan<Hit> list, SortedDictionary<int, float> scores)
    {
        for (var rank = 0; rank < list.Length; rank++)
        {
            scores[list[rank].Item] = scores.GetValueOrDefault(list[rank].Item) + ReciprocalRanks.Weight(rank);
        }
    }
}
