using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using Reco.Bundle;

namespace Reco.Benchmarks.Serving;

/// <summary>The floor: what the bundle's models cost in a loop on <see cref="InferenceSession"/> in this process, one request a run and one
/// thread a core, with inputs that are there already and outputs that nobody reads.</summary>
internal sealed class BareLoop : IDisposable
{
    private readonly BundleManifest manifest;
    private readonly InferenceSession tower;
    private readonly InferenceSession? ranker;
    private readonly long[][] histories;

    public BareLoop(string bundle, BundleManifest manifest, string precision, IReadOnlyList<BundleUser> users)
    {
        this.manifest = manifest;
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, ExecutionMode = ExecutionMode.ORT_SEQUENTIAL };
        tower = new InferenceSession(Path.Combine(bundle, manifest.Variants[precision].Model), options);
        ranker = manifest.Variants[precision].Ranker is { } file ? new InferenceSession(Path.Combine(bundle, file), options) : null;
        histories = [.. users.Select(user => (long[])[.. user.History.Select(item => item + 1L), .. new long[manifest.MaxHistory - user.History.Length]])];
    }

    /// <summary>Runs a second.</summary>
    /// <param name="seconds">How long.</param>
    /// <param name="rows">Rows of a run of the tower.</param>
    /// <returns>Requests a second, where each row is a request.</returns>
    public double Run(int seconds, int rows)
    {
        var clock = Stopwatch.StartNew();
        var counts = new long[Environment.ProcessorCount];
        var threads = Enumerable.Range(0, counts.Length).Select(number => new Thread(() => counts[number] = Loop(number, rows, clock, seconds))).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }

    public void Dispose()
    {
        tower.Dispose();
        ranker?.Dispose();
    }

    private long Loop(int seed, int rows, Stopwatch clock, int seconds)
    {
        var (users, history, embedding) = (new long[rows], new long[rows * manifest.MaxHistory], new float[rows * manifest.Dimension]);
        using var run = new RunOptions();
        using var userTensor = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, users.AsMemory(), [rows]);
        using var historyTensor = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, history.AsMemory(), [rows, manifest.MaxHistory]);
        using var embeddingTensor = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, embedding.AsMemory(), [rows, manifest.Dimension]);

        // Candidates of the second stage, as many as a request brings.
        var count = (manifest.Ranker?.Candidates ?? 0) + (manifest.Ranker?.IncludeHistory == true ? manifest.MaxHistory / 2 : 0);
        var candidates = Enumerable.Range(0, count).Select(item => (item % manifest.Items) + 1L).ToArray();
        var (scores, ranking, first) = (new float[count], new float[count], new long[manifest.MaxHistory]);
        using var firstTensor = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, first.AsMemory(), [1, manifest.MaxHistory]);
        using var candidateTensor = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, candidates.AsMemory(), [1, count]);
        using var scoreTensor = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, scores.AsMemory(), [1, count]);
        using var rankingTensor = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, ranking.AsMemory(), [1, count]);
        var at = seed * 31;
        long done = 0;
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            for (var row = 0; row < rows; row++)
            {
                var user = at++ % histories.Length;
                users[row] = user + 1;
                histories[user].CopyTo(history, row * manifest.MaxHistory);
            }

            tower.Run(run, ["user", "history"], [userTensor, historyTensor], ["embedding"], [embeddingTensor]);
            for (var row = 0; row < rows && ranker is not null; row++)
            {
                history.AsSpan(row * manifest.MaxHistory, manifest.MaxHistory).CopyTo(first);
                ranker.Run(run, ["history", "candidates", "scores"], [firstTensor, candidateTensor, scoreTensor], ["ranking"], [rankingTensor]);
            }

            done += rows;
        }

        return done;
    }
}
