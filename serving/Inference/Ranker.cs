using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using Reco.Bundle;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace Reco.Scoring.Inference;

/// <summary>The second stage of a bundle in ONNX Runtime (<see cref="BundleRanker"/>): puts candidates of the towers in their final
/// order. Runs on several threads at a time.</summary>
internal sealed class Ranker : IDisposable
{
    private static readonly string[] InputNames = ["history", "candidates", "scores"];
    private static readonly string[] OutputNames = ["ranking"];

    private readonly RunOptions run = new();
    private readonly InferenceSession session;

    private Ranker(InferenceSession session, BundleRanker description)
    {
        this.session = session;
        Candidates = description.Candidates;
        IncludeHistory = description.IncludeHistory;
    }

    /// <summary>Best items of the towers that it is handed.</summary>
    public int Candidates { get; }

    /// <summary>Whether it is handed the items of the history, too.</summary>
    public bool IncludeHistory { get; }

    /// <summary>Loads the second stage of a variant; null where the bundle has none.</summary>
    /// <exception cref="BundleException">It is not a model, or not one with the tensors of a ranker.</exception>
    public static Ranker? Load(string folder, BundleManifest manifest, string precision, SessionOptions options)
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
        return new Ranker(BundleSession.Open(path, options, inputs, [new("ranking", "FP32", [-1, -1])]), description);
    }

    /// <summary>Scores the candidates of one user.</summary>
    /// <param name="history">History <c>[H]</c> as the tower takes it.</param>
    /// <param name="candidates">Item indices plus one <c>[K]</c>.</param>
    /// <param name="scores">Their dot products with the user's vector <c>[K]</c>.</param>
    /// <param name="ranking">Takes their final scores <c>[K]</c>.</param>
    public void Rank(Memory<long> history, Memory<long> candidates, Memory<float> scores, Memory<float> ranking)
    {
        using var recent = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, history, [1, history.Length]);
        using var items = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, candidates, [1, candidates.Length]);
        using var first = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, scores, [1, scores.Length]);
        using var second = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, ranking, [1, ranking.Length]);
        session.Run(run, InputNames, [recent, items, first], OutputNames, [second]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        session.Dispose();
        run.Dispose();
    }
}
