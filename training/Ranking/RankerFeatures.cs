using System.Runtime.InteropServices;
using Reco.Training.Data;

namespace Reco.Training.Ranking;

/// <summary>What the ranker knows of items, and the features it makes of a user's history and a candidate. Everything is a
/// function of history, candidate and tower score, so that the same computation can live inside the ONNX model and a service
/// needs no feature store.</summary>
internal sealed record RankerFeatures
{
    /// <summary>Features of an item that do not depend on the user: popularity, trend, repeat rate.</summary>
    public const int Statics = 3;

    private const int FromHistory = 5;

    /// <summary>Items.</summary>
    public required int Items { get; init; }

    /// <summary>Categorical columns.</summary>
    public required int Columns { get; init; }

    /// <summary>Values by item <c>[items, columns]</c>; 0 for none.</summary>
    public required int[] Categories { get; init; }

    /// <summary>Static features <c>[items, 3]</c>: log popularity, log of the last days' share over the share before, smoothed
    /// share of buyers who bought again.</summary>
    public required float[] Static { get; init; }

    /// <summary>Weights of positions for the latest purchase <c>[history]</c>.</summary>
    public required float[] Latest { get; init; }

    /// <summary>Weights of positions for the decayed count <c>[history]</c>.</summary>
    public required float[] Decay { get; init; }

    /// <summary>Length of a history.</summary>
    public int History => Latest.Length;

    /// <summary>Number of features.</summary>
    public int Count => FromHistory + Columns + Statics;

    /// <summary>Makes the tables from what is known at a moment.</summary>
    /// <param name="train">Interactions before the moment.</param>
    /// <param name="users">Number of users.</param>
    /// <param name="categories">Values by item and column, 0 for none.</param>
    /// <param name="history">Length of a history.</param>
    /// <param name="days">Length of the recent period for the trend.</param>
    public static RankerFeatures From(InteractionLog train, int users, long[,] categories, int history, int days)
    {
        var (items, columns) = (categories.GetLength(0), categories.GetLength(1));
        var (total, recent, buyers, again) = (new float[items], new float[items], new float[items], new float[items]);
        var start = train[^1].Time - (days * 86_400L);
        foreach (var entry in train)
        {
            total[entry.Item]++;
            recent[entry.Item] += entry.Time > start ? 1 : 0;
        }

        var histories = train.Histories(users);
        for (var user = 0; user < users; user++)
        {
            foreach (var (item, count) in histories.All(user).CountBy(static item => item))
            {
                buyers[item]++;
                again[item] += count > 1 ? 1 : 0;
            }
        }

        var (recentSum, meanAgain) = (recent.Sum(), again.Sum() / Math.Max(1, buyers.Sum()));
        var values = new float[items * Statics];
        for (var item = 0; item < items; item++)
        {
            values[item * Statics] = MathF.Log(1 + total[item]);
            values[(item * Statics) + 1] = MathF.Log((recent[item] + 1) / ((total[item] * recentSum / train.Length) + 1));
            values[(item * Statics) + 2] = (again[item] + (5 * meanAgain)) / (buyers[item] + 5);
        }

        return new RankerFeatures
        {
            Items = items,
            Columns = columns,
            Categories = [.. MemoryMarshal.CreateReadOnlySpan(ref categories[0, 0], categories.Length).ToArray().Select(value => (int)value)],
            Static = values,
            Latest = [.. Enumerable.Range(0, history).Select(position => 1f / (1 + position))],
            Decay = [.. Enumerable.Range(0, history).Select(position => MathF.Exp(-position / 20f))],
        };
    }

    /// <summary>Features of candidates <c>[candidates, Count]</c>.</summary>
    /// <param name="recent">Item indices + 1, most recent first, 0 for padding.</param>
    /// <param name="candidates">Item indices.</param>
    /// <param name="scores">Tower scores of the candidates.</param>
    /// <param name="destination">Receives the features.</param>
    public void Write(ReadOnlySpan<long> recent, ReadOnlySpan<int> candidates, ReadOnlySpan<float> scores, Span<float> destination)
    {
        var length = 0;
        while (length < recent.Length && recent[length] > 0)
        {
            length++;
        }

        var mean = 0f;
        foreach (var score in scores)
        {
            mean += score / scores.Length;
        }

        var variance = 0f;
        foreach (var score in scores)
        {
            variance += (score - mean) * (score - mean) / scores.Length;
        }

        var deviation = MathF.Sqrt(variance) + 1e-6f;
        for (var place = 0; place < candidates.Length; place++)
        {
            var row = destination.Slice(place * Count, Count);
            var item = candidates[place];
            row.Clear();
            var own = 0f;
            for (var p = 0; p < length; p++)
            {
                var other = (int)recent[p] - 1;
                if (other == item)
                {
                    own++;
                    row[2] = Math.Max(row[2], Latest[p]);
                    row[3] += Decay[p];
                }

                for (var column = 0; column < Columns; column++)
                {
                    var value = Categories[(item * Columns) + column];
                    row[FromHistory + column] += value != 0 && value == Categories[(other * Columns) + column] ? 1f : 0f;
                }
            }

            row[0] = (scores[place] - mean) / deviation;
            row[1] = MathF.Log(1 + own);
            row[4] = MathF.Log(1 + length);
            for (var column = 0; column < Columns; column++)
            {
                row[FromHistory + column] /= Math.Max(1, length);
            }

            Static.AsSpan(item * Statics, Statics).CopyTo(row[(FromHistory + Columns)..]);
        }
    }
}
