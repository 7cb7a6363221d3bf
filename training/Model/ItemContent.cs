using Reco.Bundle;
using Reco.Training.Data;

namespace Reco.Training.Model;

/// <summary>What the catalogue says of each item, as integers for an embedding bag: the values of its categorical columns, each with
/// weight 1, and the words of its name and of those columns, which together weigh as much as one value. Words are what an item
/// that was never bought shares with those that were, where its brand or category is new as well.</summary>
/// <param name="Ids">Entries of the vocabulary <c>[items, slots]</c>, 0 for none.</param>
/// <param name="Weights">Their weights <c>[items, slots]</c>.</param>
/// <param name="Values">Size of the vocabulary, and 0 for none.</param>
internal sealed record ItemContent(long[,] Ids, float[,] Weights, int Values)
{
    private const int MostWords = 12;

    /// <summary>Describes a catalogue.</summary>
    /// <param name="items">Items.</param>
    /// <param name="features">Their categorical columns.</param>
    public static ItemContent From(IReadOnlyList<Item> items, FeatureTable features)
    {
        var words = items.Select(item => Text(item).Distinct(StringComparer.Ordinal).Take(MostWords).ToArray()).ToArray();

        // A word of one item only says nothing that the item's own embedding does not.
        var shared = words.SelectMany(list => list).CountBy(word => word, StringComparer.Ordinal).Where(word => word.Value > 1).Select(word => word.Key).Order(StringComparer.Ordinal).ToArray();
        var vocabulary = shared.Select((word, index) => (word, index)).ToDictionary(pair => pair.word, pair => (long)features.Values + pair.index, StringComparer.Ordinal);
        var columns = features.Ids.GetLength(1);
        var ids = new long[items.Count, columns + MostWords];
        var weights = new float[items.Count, columns + MostWords];
        for (var item = 0; item < items.Count; item++)
        {
            for (var column = 0; column < columns; column++)
            {
                ids[item, column] = features.Ids[item, column];
                weights[item, column] = ids[item, column] == 0 ? 0 : 1;
            }

            var known = words[item].Where(vocabulary.ContainsKey).ToArray();
            for (var word = 0; word < known.Length; word++)
            {
                ids[item, columns + word] = vocabulary[known[word]];
                weights[item, columns + word] = 1 / MathF.Sqrt(known.Length);
            }
        }

        return new ItemContent(ids, weights, features.Values + shared.Length);
    }

    /// <summary>A column's value of one word is in the vocabulary as that value.</summary>
    private static IEnumerable<string> Text(Item item) =>
        [.. SearchTokens.Words(item.Name), .. item.Features.Select(value => SearchTokens.Words(value).ToArray()).Where(words => words.Length > 1).SelectMany(words => words)];
}
