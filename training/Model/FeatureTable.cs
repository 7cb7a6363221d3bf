using Reco.Training.Data;

namespace Reco.Training.Model;

/// <summary>Categorical features of items as integers: each value of each column has its own id, 0 means none.</summary>
internal sealed record FeatureTable(long[,] Ids, int Values)
{
    /// <summary>Numbers the features of a catalogue.</summary>
    public static FeatureTable From(IReadOnlyList<Item> items, int columns)
    {
        var ids = new Dictionary<(int, string), long>();
        // A catalogue without features has one column of nothing, so that every shape holds.
        var table = new long[items.Count, Math.Max(1, columns)];
        for (var item = 0; item < items.Count; item++)
        {
            for (var column = 0; column < columns; column++)
            {
                var value = items[item].Features[column];
                if (value.Length > 0)
                {
                    if (!ids.TryGetValue((column, value), out var id))
                    {
                        ids.Add((column, value), id = ids.Count + 1);
                    }

                    table[item, column] = id;
                }
            }
        }

        return new FeatureTable(table, ids.Count + 1);
    }
}
