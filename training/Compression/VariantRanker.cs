using System.Numerics.Tensors;
using Reco.Bundle;
using Reco.Training.Data;
using Reco.Training.Evaluation;
using Reco.Training.Model;

namespace Reco.Training.Compression;

/// <summary>Ranks with a packaged variant: its ONNX user tower and its item matrix, so that its quality is measured on what
/// will be served and not on what was trained.</summary>
internal sealed class VariantRanker : IRanker
{
    private readonly float[] items;
    private readonly float[] users;
    private readonly Dictionary<int, int> rows;
    private readonly int dimension;

    /// <summary>Embeds the users to be ranked for, and takes the item matrix as FP32 values.</summary>
    public VariantRanker(string name, OnnxTower tower, ItemMatrix matrix, TwoTowerShape shape, Histories histories, IEnumerable<int> heldUsers)
    {
        Name = name;
        Items = matrix.Items;
        dimension = matrix.Dimension;
        items = new float[Items * dimension];
        for (var item = 0; item < Items; item++)
        {
            matrix.CopyRow(item, items.AsSpan(item * dimension, dimension));
        }

        var wanted = heldUsers.Order().ToArray();
        rows = wanted.Select((user, row) => (user, row)).ToDictionary(pair => pair.user, pair => pair.row);
        users = new float[wanted.Length * dimension];
        foreach (var chunk in wanted.Chunk(256))
        {
            var history = new long[chunk.Length * shape.History];
            for (var row = 0; row < chunk.Length; row++)
            {
                histories.Write(chunk[row], long.MaxValue, history.AsSpan(row * shape.History, shape.History));
            }

            tower.Embed([.. chunk.Select(user => user + 1L)], history).CopyTo(users, rows[chunk[0]] * dimension);
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int Items { get; }

    /// <summary>Vectors of the users that it embedded, users ascending <c>[users, d]</c>.</summary>
    public ReadOnlySpan<float> UserVectors => users;

    /// <summary>Vector of a user that it embedded <c>[d]</c>.</summary>
    public ReadOnlySpan<float> Vector(int user) => users.AsSpan(rows[user] * dimension, dimension);

    /// <inheritdoc/>
    public void Score(int user, Span<float> scores)
    {
        var vector = Vector(user);
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = TensorPrimitives.Dot(vector, items.AsSpan(item * dimension, dimension));
        }
    }
}
