using Microsoft.ML.OnnxRuntime;

namespace Reco.Training.Compression;

/// <summary>Runs a ranker in ONNX Runtime, as the scoring service does.</summary>
internal sealed class OnnxRanker : IDisposable
{
    private readonly InferenceSession session;
    private readonly SessionOptions options = new() { IntraOpNumThreads = 1 };
    private readonly RunOptions run = new();

    /// <summary>Loads a model.</summary>
    public OnnxRanker(byte[] model) => session = new InferenceSession(model, options);

    /// <summary>Scores the candidates of one user.</summary>
    /// <param name="recent">Item indices + 1 <c>[H]</c>.</param>
    /// <param name="candidates">Item indices <c>[K]</c>.</param>
    /// <param name="scores">Tower scores <c>[K]</c>.</param>
    public float[] Score(long[] recent, int[] candidates, float[] scores)
    {
        using var history = OrtValue.CreateTensorValueFromMemory(recent, [1, recent.Length]);
        using var items = OrtValue.CreateTensorValueFromMemory(candidates.Select(item => item + 1L).ToArray(), [1, candidates.Length]);
        using var first = OrtValue.CreateTensorValueFromMemory(scores, [1, scores.Length]);
        using var results = session.Run(run, ["history", "candidates", "scores"], [history, items, first], ["ranking"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        session.Dispose();
        run.Dispose();
        options.Dispose();
    }
}
