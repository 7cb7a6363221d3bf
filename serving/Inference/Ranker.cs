using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using Reco.Bundle;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace Reco.Scoring.Inference;

/// <summary>The second stage of a bundle in ONNX Runtime (<see cref="BundleRanker"/>): puts candidates of the towers in their final
/// order. Runs on several threads at a time.</summary>
internal sealed class Ranker : IDisposable
{
    /// <summary>Candidates of a run up to which its buffers are kept.</summary>
    private const int KeptCandidates = 1_024;

    private readonly InferenceSession session;
    private readonly RunPool<RankerRun> runs;

    private Ranker(InferenceSession session, string provider, int history, BundleRanker description)
    {
        this.session = session;
        runs = new RunPool<RankerRun>(candidates => new RankerRun(new BoundRun(session, provider), history, candidates), KeptCandidates);
        Candidates = description.Candidates;
        IncludeHistory = description.IncludeHistory;
    }

    /// <summary>Best items of the towers that it is handed.</summary>
    public int Candidates { get; }

    /// <summary>Whether it is handed the items of the history, too.</summary>
    public bool IncludeHistory { get; }

    /// <summary>Loads the second stage of a variant; null where the bundle has none.</summary>
    /// <exception cref="BundleException">It is not a model, or not one with the tensors of a ranker.</exception>
    public static Ranker? Load(string folder, BundleManifest manifest, string precision, SessionOptions options, string provider)
    {
        if (manifest.Ranker is not { } description)
        {
            return null;
        }

        if (manifest.Variants[precision].Ranker is not { } file || description.Candidates < 1)
        {
            throw new BundleException($"{Path.Combine(folder, BundleFiles.Manifest)} has a ranker, but no file of it for variant {precision}, or no candidates; package the bundle again.");
        }

        var path = Path.Combine(folder, file);
        ImmutableArray<TensorSpec> inputs = [new("history", "INT64", [-1, manifest.MaxHistory]), new("candidates", "INT64", [-1, -1]), new("scores", "FP32", [-1, -1])];
        return new Ranker(BundleSession.Open(path, options, inputs, [new("ranking", "FP32", [-1, -1])]), provider, manifest.MaxHistory, description);
    }

    /// <summary>Scores the candidates of one user.</summary>
    /// <param name="history">History <c>[H]</c> as the tower takes it.</param>
    /// <param name="candidates">Item indices plus one <c>[K]</c>.</param>
    /// <param name="scores">Their dot products with the user's vector <c>[K]</c>.</param>
    /// <param name="ranking">Takes their final scores <c>[K]</c>.</param>
    public void Rank(ReadOnlySpan<long> history, ReadOnlySpan<long> candidates, ReadOnlySpan<float> scores, Span<float> ranking)
    {
        using var lease = runs.Rent(candidates.Length);
        var run = lease.Run;
        history.CopyTo(run.History);
        candidates.CopyTo(run.Candidates);
        scores.CopyTo(run.Scores);
        run.Execute();
        run.Ranking.CopyTo(ranking);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        runs.Dispose();
        session.Dispose();
    }

    private sealed class RankerRun(BoundRun bound, int history, int candidates) : IDisposable
    {
        public long[] History { get; } = bound.Input<long>("history", 1, history);

        public long[] Candidates { get; } = bound.Input<long>("candidates", 1, candidates);

        public float[] Scores { get; } = bound.Input<float>("scores", 1, candidates);

        public float[] Ranking { get; } = bound.Output<float>("ranking", 1, candidates);

        public void Execute() => bound.Run();

        public void Dispose() => bound.Dispose();
    }
}
