using Microsoft.ML.OnnxRuntime;
using Reco.Bundle;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace Reco.Scoring.Inference;

/// <summary>The query tower of a bundle in ONNX Runtime: <c>tokens</c> INT64 <c>[1, T]</c> to <c>embedding</c> FP32 <c>[1, d]</c>.
/// Runs on several threads at a time.</summary>
internal sealed class QueryTower : IDisposable
{
    private const string Tokens = "tokens";
    private const string Embedding = "embedding";

    private readonly InferenceSession session;
    private readonly BundleSearch search;
    private readonly RunPool<QueryRun> runs;

    private QueryTower(InferenceSession session, string provider, BundleSearch search)
    {
        (this.session, this.search) = (session, search);
        runs = new RunPool<QueryRun>(queries => new QueryRun(new BoundRun(session, provider), queries, search), 1);
    }

    /// <summary>Length d of a vector.</summary>
    public int Dimension => search.Dimension;

    /// <summary>Whether a bundle has a query tower whose tokens this service can make.</summary>
    public static bool IsReadable(BundleManifest manifest) => manifest.Search?.Scheme == SearchTokens.Scheme;

    /// <summary>Loads the tower of a bundle; null where the bundle has none, or one whose tokens this service cannot make.</summary>
    /// <exception cref="BundleException">It is not a model, or not one with the tensors that the manifest promises.</exception>
    public static QueryTower? Load(string folder, BundleManifest manifest, SessionOptions options, string provider)
    {
        if (!IsReadable(manifest) || manifest.Search is not { } search)
        {
            return null;
        }

        var path = Path.Combine(folder, search.Model);
        return new QueryTower(
            BundleSession.Open(path, options, [new TensorSpec(Tokens, "INT64", [-1, search.Tokens])], [new TensorSpec(Embedding, "FP32", [-1, search.Dimension])]),
            provider,
            search);
    }

    /// <summary>Computes the vector of a query <c>[d]</c>.</summary>
    /// <returns>Whether the text has a word; without one there is no vector.</returns>
    public bool TryEmbed(string text, Memory<float> vector)
    {
        using var lease = runs.Rent(1);
        var run = lease.Run;
        Array.Clear(run.Tokens);
        if (SearchTokens.Write(text, search.Buckets, run.Tokens) == 0)
        {
            return false;
        }

        run.Execute();
        run.Embedding.CopyTo(vector);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        runs.Dispose();
        session.Dispose();
    }

    private sealed class QueryRun(BoundRun bound, int queries, BundleSearch search) : IDisposable
    {
        public long[] Tokens { get; } = bound.Input<long>(QueryTower.Tokens, queries, search.Tokens);

        public float[] Embedding { get; } = bound.Output<float>(QueryTower.Embedding, queries, search.Dimension);

        public void Execute() => bound.Run();

        public void Dispose() => bound.Dispose();
    }
}
