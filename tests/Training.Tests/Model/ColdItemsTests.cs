using System.Numerics.Tensors;
using Reco.Training.Data;
using Reco.Training.Model;

namespace Reco.Training.Tests.Model;

public sealed class ColdItemsTests
{
    [Fact]
    public void WordVectors_WordsOfThingsBoughtTogether_AreNearAlsoWhereNoItemHasBoth()
    {
        var words = Words();

        // Items 0 and 1 (tea, honey) go into the same baskets and share no word; so do 2 and 3 (soap, sponge).
        Assert.True(Cosine(words, 0, 1) > Cosine(words, 0, 2) + 0.2, $"{Cosine(words, 0, 1)} against {Cosine(words, 0, 2)}");
        Assert.True(Cosine(words, 2, 3) > Cosine(words, 3, 1) + 0.2, $"{Cosine(words, 2, 3)} against {Cosine(words, 3, 1)}");
        Assert.Equal(Text(words, 1), Text(Words(), 1));
    }

    [Fact]
    public void Fill_ItemThatNobodyBought_GetsVectorLengthAndBiasOfItsLikes()
    {
        var weights = Weights();
        var filled = new ColdItems(Words(), Log()).Fill(weights, new ColdFill(1, 0));

        // Item 4 is a tea: of all tea vectors, which point one way, and not of soap's, which point another.
        var row = filled.Items.AsSpan(4 * 3, 3).ToArray();
        Assert.True(row[0] > 4 * Math.Abs(row[1]), string.Join(' ', row));
        Assert.InRange(TensorPrimitives.Norm(row), 1.5f, 2.5f);
        Assert.InRange(filled.ItemBias[4], 0.5f, 1.1f);

        // What was bought stays as it was learned, and so does an item without a word.
        Assert.Equal(weights.Items[..12], filled.Items[..12]);
        Assert.Equal(weights.ItemBias[..4], filled.ItemBias[..4]);
        Assert.Equal(weights.Items[15..], filled.Items[15..]);
        Assert.Equal(filled.ItemBias[4] + 2, new ColdItems(Words(), Log()).Fill(weights, new ColdFill(1, 2)).ItemBias[4], 1e-5f);
        Assert.Same(weights, new ColdItems(Words(), Log()).Fill(weights, default));
    }

    [Fact]
    public void Fill_LinearTowers_FillsBothTables()
    {
        var weights = Weights() with { HistoryItems = [.. Weights().Items.Select(value => -value)] };
        var filled = new ColdItems(Words(), Log()).Fill(weights, new ColdFill(0.5f, 0));
        Assert.False(filled.IsNeural);
        Assert.True(filled.Items[12] > 0);
        Assert.True(filled.HistoryItems[12] < 0);
    }

    private static float Cosine(WordVectors words, int left, int right) => TensorPrimitives.Dot(Text(words, left), Text(words, right));

    private static float[] Text(WordVectors words, int item)
    {
        var text = new float[WordVectors.Width];
        words.Item(item, text);
        return text;
    }

    private static TowerWeights Weights() => new()
    {
        Shape = new TwoTowerShape(40, 6, 1, 4, 4),
        Items = [2, 0, 0, 2, 0.1f, 0, 0, 2, 0, 0, 2, 0.1f, 0, 0, 0, 0, 0, 0.5f],
        ItemBias = [1, 1, 0, 0, -5, -5],
        Users = new float[41 * 3],
        History = new float[9],
        Recency = new float[4],
    };

    /// <summary>Items: tea, honey, soap, sponge; a new tea; and a new thing without a word. Each word is of two items.</summary>
    private static WordVectors Words()
    {
        var (ids, values) = (new long[6, 2], new float[6, 2]);
        foreach (var (item, slot, word) in new[] { (0, 0, 1), (0, 1, 2), (1, 0, 3), (1, 1, 4), (2, 0, 5), (2, 1, 6), (3, 0, 7), (3, 1, 8), (4, 0, 1), (4, 1, 2) })
        {
            (ids[item, slot], values[item, slot]) = (word, 1);
        }

        return new WordVectors(new ItemContent(ids, values, 9), Log(), 40, seed: 1);
    }

    private static Interaction[] Log() =>
        [.. from step in Enumerable.Range(0, 30) from user in Enumerable.Range(0, 40) select new Interaction(user, (2 * (user % 2)) + ((step + user) % 2), step)];
}
