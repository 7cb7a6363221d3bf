using System.Buffers;
using Reco.Scoring.Inference;

namespace Reco.Scoring.Batching;

/// <summary>Runs the user tower once for the rows of several jobs.</summary>
internal static class TowerBatch
{
    /// <summary>Computes the vectors.</summary>
    public static void Execute(UserTower tower, ReadOnlySpan<EmbedJob> jobs)
    {
        if (jobs is [var only])
        {
            tower.Embed(only.Users, only.Histories, only.Embeddings);
            return;
        }

        var rows = 0;
        foreach (var job in jobs)
        {
            rows += job.Rows;
        }

        var users = ArrayPool<long>.Shared.Rent(rows);
        var histories = ArrayPool<long>.Shared.Rent(rows * tower.History);
        var embeddings = ArrayPool<float>.Shared.Rent(rows * tower.Dimension);
        try
        {
            var row = 0;
            foreach (var job in jobs)
            {
                job.Users.CopyTo(users.AsMemory(row));
                job.Histories.CopyTo(histories.AsMemory(row * tower.History));
                row += job.Rows;
            }

            tower.Embed(users.AsMemory(0, rows), histories.AsMemory(0, rows * tower.History), embeddings.AsMemory(0, rows * tower.Dimension));
            row = 0;
            foreach (var job in jobs)
            {
                embeddings.AsSpan(row * tower.Dimension, job.Rows * tower.Dimension).CopyTo(job.Embeddings.Span);
                row += job.Rows;
            }
        }
        finally
        {
            ArrayPool<long>.Shared.Return(users);
            ArrayPool<long>.Shared.Return(histories);
            ArrayPool<float>.Shared.Return(embeddings);
        }
    }
}
