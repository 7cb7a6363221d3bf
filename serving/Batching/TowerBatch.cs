using Reco.Scoring.Inference;

namespace Reco.Scoring.Batching;

/// <summary>Runs the user tower once for the rows of several jobs.</summary>
internal static class TowerBatch
{
    /// <summary>Computes the vectors.</summary>
    public static void Execute(UserTower tower, ReadOnlySpan<EmbedJob> jobs)
    {
        var rows = 0;
        foreach (var job in jobs)
        {
            rows += job.Rows;
        }

        using var lease = tower.Rent(rows);
        var run = lease.Run;
        var row = 0;
        foreach (var job in jobs)
        {
            job.Users.Span.CopyTo(run.Users.AsSpan(row));
            job.Histories.Span.CopyTo(run.Histories.AsSpan(row * tower.History));
            row += job.Rows;
        }

        run.Execute();
        row = 0;
        foreach (var job in jobs)
        {
            run.Embeddings.AsSpan(row * tower.Dimension, job.Rows * tower.Dimension).CopyTo(job.Embeddings.Span);
            row += job.Rows;
        }
    }
}
