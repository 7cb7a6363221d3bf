namespace Reco.Training.Evaluation;

/// <summary>The nearest items of each item, by the cosine between their buyers.</summary>
internal sealed class ItemNeighbours
{
    /// <summary>Share of the catalogue from which on it is quicker to look at every item than to sort those that were met.</summary>
    private const double Dense = 0.05;

    private readonly (int Item, float Similarity)[][] lists;

    /// <summary>Finds them.</summary>
    /// <param name="bought">Who bought what.</param>
    /// <param name="settings">How many, and how similar.</param>
    public ItemNeighbours(BoughtItems bought, ItemKnnSettings settings)
    {
        Bought = bought;
        lists = new (int, float)[bought.Items][];
        Parallel.For(0, bought.Items, () => (Common: new int[bought.Items], Met: new List<int>()), (item, _, room) =>
        {
            lists[item] = Nearest(item, settings, room.Common, room.Met);
            return room;
        }, static _ => { });
    }

    /// <summary>Who bought what.</summary>
    public BoughtItems Bought { get; }

    /// <summary>An item's neighbours, nearest first, of equally near ones the lower index first.</summary>
    public ReadOnlySpan<(int Item, float Similarity)> Of(int item) => lists[item];

    /// <param name="item">Whose.</param>
    /// <param name="settings">How many, and how similar.</param>
    /// <param name="common">Room for the number of common buyers by item; zero before and after.</param>
    /// <param name="met">Room for the items with common buyers.</param>
    private (int Item, float Similarity)[] Nearest(int item, ItemKnnSettings settings, int[] common, List<int> met)
    {
        met.Clear();
        var buyers = Bought.Buyers(item);
        foreach (var user in buyers)
        {
            foreach (var (other, _) in Bought.Of(user))
            {
                if (common[other]++ == 0)
                {
                    met.Add(other);
                }
            }
        }

        if (met.Count > Dense * common.Length)
        {
            met.Clear();
            for (var other = 0; other < common.Length; other++)
            {
                if (common[other] > 0)
                {
                    met.Add(other);
                }
            }
        }
        else
        {
            met.Sort();
        }

        var similar = new float[met.Count];
        for (var place = 0; place < similar.Length; place++)
        {
            var other = met[place];
            similar[place] = other == item ? float.NegativeInfinity : common[other] / (MathF.Sqrt((float)buyers.Length * Bought.Buyers(other).Length) + settings.Shrink);
            common[other] = 0;
        }

        // The item itself has been met, too, and stands last.
        return [.. RankingMetrics.Top(similar, Math.Min(settings.Neighbours, Math.Max(0, similar.Length - 1))).Select(place => (met[place], similar[place]))];
    }
}
