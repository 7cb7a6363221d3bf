using Reco.Training.Data;

namespace Reco.Training.Evaluation;

/// <summary>Item-kNN (Sarwar et al. 2001; Deshpande and Karypis 2004): cosine between the users of two items; the score of an
/// item is the sum of its similarities to what the user bought. An item is its own neighbour with similarity 1, so that
/// repeat purchases count: without that the baseline would be weak in a grocery shop.</summary>
internal sealed class ItemKnnRanker : IRanker
{
    private static readonly int[] Sizes = [20, 100, 400];
    private static readonly float[] Shrinkages = [0, 10, 50];

    private readonly ItemNeighbours neighbours;

    private ItemKnnRanker(ItemNeighbours neighbours, ItemKnnSettings settings)
    {
        this.neighbours = neighbours;
        Settings = settings;
    }

    /// <summary>Finds each item's nearest neighbours.</summary>
    /// <param name="train">Training interactions.</param>
    /// <param name="users">Number of users.</param>
    /// <param name="items">Number of items.</param>
    /// <param name="settings">Size of the neighbourhood and shrinkage of similarities by few common users.</param>
    public ItemKnnRanker(InteractionLog train, int users, int items, ItemKnnSettings settings)
        : this(new ItemNeighbours(new BoughtItems(train, users, items), settings), settings)
    {
    }

    /// <summary>The settings it was made with.</summary>
    public ItemKnnSettings Settings { get; }

    /// <inheritdoc/>
    public string Name => "item-kNN";

    /// <inheritdoc/>
    public int Items => neighbours.Bought.Items;

    /// <summary>Tries a grid of settings and keeps the one that is best on a validation period.</summary>
    public static ItemKnnSettings Tune(InteractionLog train, IReadOnlyDictionary<int, int[]> held, int users, int items, CancellationToken cancellation)
    {
        var bought = new BoughtItems(train, users, items);
        var found = new Dictionary<ItemKnnSettings, double>();
        foreach (var shrink in Shrinkages)
        {
            // The nearest few are the first of the nearest many.
            var widest = new ItemNeighbours(bought, new ItemKnnSettings(Sizes[^1], shrink));
            foreach (var settings in Sizes.Select(size => new ItemKnnSettings(size, shrink)))
            {
                cancellation.ThrowIfCancellationRequested();
                found[settings] = RankingMetrics.Evaluate(new ItemKnnRanker(widest, settings), held, [10]).Of("ndcg@10").Average();
            }
        }

        return Sizes.SelectMany(size => Shrinkages.Select(shrink => new ItemKnnSettings(size, shrink))).MaxBy(settings => found[settings])!;
    }

    /// <inheritdoc/>
    public void Score(int user, Span<float> scores)
    {
        neighbours.Bought.WriteTieBreaks(scores);
        foreach (var (item, weight) in neighbours.Bought.Of(user))
        {
            scores[item] += weight;
            var near = neighbours.Of(item);
            foreach (var (neighbour, similarity) in near[..Math.Min(near.Length, Settings.Neighbours)])
            {
                scores[neighbour] += weight * similarity;
            }
        }
    }
}

/// <summary>Settings of item-kNN.</summary>
/// <param name="Neighbours">Neighbours kept for each item.</param>
/// <param name="Shrink">Added to the cosine's denominator.</param>
internal sealed record ItemKnnSettings(int Neighbours, float Shrink);
