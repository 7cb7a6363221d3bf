using Microsoft.ML.OnnxRuntime;
using Reco.Bundle;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace Reco.Scoring.Inference;

/// <summary>The query tower of a bundle in ONNX Runtime: <c>tokens</c> INT64 <c>[1, T]</c> to <c>embedding</c> FP32 <c>[1, d]</c>.
/// Runs on several threads at a time.</summary>
internal sealed class QueryTower : IDisposable
{
    private static readonly string[] InputNames = ["tokens"];
    private static readonly string[] OutputNames = ["embedding"];

    private readonly InferenceSession session;
    private readonly BundleSearch search;
    private readonly RunOptions run = new();

    private QueryTower(InferenceSession session, BundleSearch search) => (this.session, this.search) = (session, search);

    /// <summary>Length d of a vector.</summary>
    public int Dimension => search.Dimension;

    /// <summary>Whether a bundle has a query tower whose tokens this service can make.</summary>
    public static bool IsReadable(BundleManifest manifest) => manifest.Search?.Scheme == SearchTokens.Scheme;

    /// <summary>Loads the tower of a bundle; null where the bundle has none, or one whose tokens this service cannot make.</summary>
    /// <exception cref="BundleException">It is not a model, or not one with the tensors that the manifest promises.</exception>
    public static QueryTower? Load(string folder, BundleManifest manifest, SessionOptions options)
    {
        if (!IsReadable(manifest) || manifest.Search is not { } search)
        {
            return null;
        }

        var path = Path.Combine(folder, search.Model);
        return new QueryTower(
            BundleSession.Open(path, options, [new TensorSpec(InputNames[0], "INT64", [-1, search.Tokens])], [new TensorSpec(OutputNames[0], "FP32", [-1, search.Dimension])]),
            search);
    }

    /// <summary>Computes the vector of a query <c>[d]</c>.</summary>
    /// <returns>Whether the text has a word; without one there is no vector.</returns>
    public bool TryEmbed(string text, Memory<float> vector)
    {
        var tokens = new long[search.Tokens];
        if (SearchTokens.Write(text, search.Buckets, tokens) == 0)
        {
            return false;
        }

        using var input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, tokens.AsMemory(), [1, search.Tokens]);
        using var output = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, vector, [1, search.Dimension]);
        session.Run(run, InputNames, [input], OutputNames, [output]);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        session.Dispose();
        run.Dispose();
    }
}
