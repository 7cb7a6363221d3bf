using Microsoft.ML.OnnxRuntime;
using Reco.Training.Model;

namespace Reco.Training.Compression;

/// <summary>Runs a user tower in ONNX Runtime, as the scoring service does.</summary>
internal sealed class OnnxTower : IDisposable
{
    private readonly InferenceSession session;
    private readonly SessionOptions options = new() { IntraOpNumThreads = 1 };
    private readonly RunOptions run = new();
    private readonly TwoTowerShape shape;

    /// <summary>Loads a model.</summary>
    public OnnxTower(byte[] model, TwoTowerShape shape)
    {
        this.shape = shape;
        session = new InferenceSession(model, options);
    }

    /// <summary>Vectors of some users <c>[batch, d]</c>.</summary>
    /// <param name="users">User indices + 1 <c>[batch]</c>.</param>
    /// <param name="history">Item indices + 1 <c>[batch, H]</c>.</param>
    public float[] Embed(long[] users, long[] history)
    {
        using var user = OrtValue.CreateTensorValueFromMemory(users, [users.Length]);
        using var recent = OrtValue.CreateTensorValueFromMemory(history, [users.Length, shape.History]);
        using var results = session.Run(run, ["user", "history"], [user, recent], ["embedding"]);
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
