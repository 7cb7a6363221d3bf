using System.Diagnostics;
using Reco.Bundle;
using Reco.Scoring.Configuration;
using Reco.Scoring.Hosting;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Models;

/// <summary>Builds approximate indices behind the first requests, on a thread that gives way to them.</summary>
internal sealed partial class IndexGrower(ScoringOptions settings, ILogger<IndexGrower> log)
{
    private readonly RetrievalOptions options = settings.Retrieval;

    /// <summary>Whether a catalogue of that size is searched approximately.</summary>
    public bool Applies(int items) => options.Index is not ("exact" or "device") && options.ApproximateFrom > 0 && items >= options.ApproximateFrom;

    /// <summary>Starts.</summary>
    /// <param name="index">Answers exactly as yet.</param>
    /// <param name="matrix">Its vectors.</param>
    /// <param name="task">What to build from, and what to measure with.</param>
    /// <returns>Ends when it is done.</returns>
    public Task Start(GrowingIndex index, MatrixSource matrix, GrowthTask task) => QuietThread.RunAsync(() =>
    {
        Grow(index, matrix, task);
        return true;
    });

    private void Grow(GrowingIndex index, MatrixSource matrix, GrowthTask task)
    {
        try
        {
            matrix.Visit(new Builder(this, index, task));
            if (index.IsPartlyExact)
            {
                index.Settle(ExactIndices.Make(matrix.Read(), settings.HalfPrecisionItems));
            }
        }
        catch (OperationCanceledException)
        {
            // The version was unloaded meanwhile.
        }
        catch (Exception error)
        {
            LogFailed(error, task.Model, task.Version, task.What);
        }
    }

    private void Grow<TRows>(GrowingIndex index, TRows rows, GrowthTask task)
        where TRows : struct, IVectorRows
    {
        var start = Stopwatch.GetTimestamp();
        var queries = task.Queries();
        var codes = new Lazy<PqCodes>(() => PqCodes.Make(rows, threads: 1, index.Gone));
        if (task.Weights is { } weights)
        {
            Offer(index, new PqIndex<TRows>(rows, codes.Value), task.WeightedQueries(), task, start, weights());
        }

        if (options.Index != "hnsw")
        {
            Offer(index, new PqIndex<TRows>(rows, codes.Value), queries, task, start);
        }

        if (options.Index == "hnsw" || (options.Index == "auto" && task.Graph is not null))
        {
            Offer(index, Graph(rows, task, index.Gone), queries, task, start);
        }
    }

    private HnswIndex<TRows> Graph<TRows>(TRows rows, GrowthTask task, CancellationToken cancellation)
        where TRows : struct, IVectorRows
    {
        if (task.Graph is { } path)
        {
            try
            {
                return HnswIndex<TRows>.Read(rows, path);
            }
            catch (BundleException error)
            {
                LogNotRead(task.Model, task.Version, error.Message);
            }
        }
        else
        {
            LogNoGraph(task.Model, task.Version, task.What);
        }

        return HnswIndex<TRows>.Build(rows, cancellation);
    }

    private void Offer(GrowingIndex index, ITunableIndex offered, float[][] queries, GrowthTask task, long start, float[]? weights = null)
    {
        var what = weights is null ? task.What : "likeness";
        var (recall, tookOver) = index.Offer(offered, queries, options.Recall, weights);
        if (tookOver)
        {
            LogGrown(task.Model, task.Version, what, offered.Kind, recall, offered.Effort, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        else
        {
            LogNotGrown(task.Model, task.Version, what, offered.Kind, recall, options.Recall);
        }
    }

    private sealed class Builder(IndexGrower grower, GrowingIndex index, GrowthTask task) : IRowVisitor<bool>
    {
        public bool Visit<TRows>(TRows rows)
            where TRows : struct, IVectorRows
        {
            grower.Grow(index, rows, task);
            return true;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model} {Version}, {What}: searched by {Index} now: recall {Recall:F4} of the exact top 100 with effort {Effort}, {Seconds:F1} s after the start")]
    private partial void LogGrown(string model, string version, string what, string index, double recall, int effort, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Model} {Version}, {What}: {Index} found {Recall:F4} of the exact top 100, Retrieval:Recall asks for {Least}; it is not used")]
    private partial void LogNotGrown(string model, string version, string what, string index, double recall, double least);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Model} {Version}, {What}: the bundle has no graph; it is built now, which takes minutes for a million items (verb index writes it to the bundle)")]
    private partial void LogNoGraph(string model, string version, string what);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Model} {Version}: the bundle's graph is not used, another is built: {Reason}")]
    private partial void LogNotRead(string model, string version, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Model} {Version}, {What} stays exact: no index could be built")]
    private partial void LogFailed(Exception error, string model, string version, string what);
}

/// <summary>What approximate indices are built from and measured with. Made on the thread that builds.</summary>
internal sealed record GrowthTask
{
    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Version of the model.</summary>
    public required string Version { get; init; }

    /// <summary>What is searched, for people.</summary>
    public required string What { get; init; }

    /// <summary>Queries as callers will send them.</summary>
    public required Func<float[][]> Queries { get; init; }

    /// <summary>Factors by item that callers search with, too; null: none.</summary>
    public Func<float[]>? Weights { get; init; }

    /// <summary>Queries as callers will send with those.</summary>
    public Func<float[][]> WeightedQueries { get; init; } = static () => [];

    /// <summary>File of the graph in the bundle; null: none.</summary>
    public string? Graph { get; init; }
}
