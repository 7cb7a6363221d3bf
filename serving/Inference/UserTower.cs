using Microsoft.ML.OnnxRuntime;
using Reco.Bundle;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace Reco.Scoring.Inference;

/// <summary>The user tower of a bundle in ONNX Runtime: <c>user</c> INT64 <c>[batch]</c> and <c>history</c> INT64
/// <c>[batch, H]</c> to <c>embedding</c> FP32 <c>[batch, d]</c>. Runs on several threads at a time.</summary>
internal sealed class UserTower : IDisposable
{
    private const string User = "user";
    private const string Recent = "history";
    private const string Embedding = "embedding";

    /// <summary>Rows of a run up to which its buffers are kept.</summary>
    private const int KeptRows = 64;

    private readonly RunPool<TowerRun> runs;

    private UserTower(InferenceSession session, BundleManifest manifest, string provider)
    {
        Session = session;
        Provider = provider;
        History = manifest.MaxHistory;
        Dimension = manifest.Dimension;
        Users = manifest.Users;
        Items = manifest.Items;
        runs = new RunPool<TowerRun>(rows => new TowerRun(this, rows), KeptRows);
    }

    /// <summary>The session, for callers that bring tensors of their own.</summary>
    public InferenceSession Session { get; }

    /// <summary>The execution provider that runs the model.</summary>
    public string Provider { get; }

    /// <summary>Length H of a history.</summary>
    public int History { get; }

    /// <summary>Length d of a vector.</summary>
    public int Dimension { get; }

    /// <summary>Known users; input <c>user</c> is an index plus one, 0 for somebody unknown.</summary>
    public int Users { get; }

    /// <summary>Items; an entry of input <c>history</c> is an index plus one, 0 for none.</summary>
    public int Items { get; }

    /// <summary>Loads the tower of a bundle.</summary>
    /// <exception cref="BundleException">It is not a model, or not one with the inputs and outputs of the manifest.</exception>
    public static UserTower Load(string path, BundleManifest manifest, SessionOptions options, string provider)
    {
        var session = BundleSession.Open(path, options, manifest.Inputs, manifest.Outputs);
        try
        {
            foreach (var name in new[] { User, Recent }.Except(session.InputMetadata.Keys).Concat(new[] { Embedding }.Except(session.OutputMetadata.Keys)))
            {
                throw new BundleException($"{path} has no tensor {name}; a user tower has user, history and embedding.");
            }

            return new UserTower(session, manifest, provider);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Computes the vectors of a batch.</summary>
    /// <param name="users">Users <c>[batch]</c>.</param>
    /// <param name="histories">Histories <c>[batch, H]</c>.</param>
    /// <param name="embeddings">Takes the vectors <c>[batch, d]</c>.</param>
    public void Embed(ReadOnlySpan<long> users, ReadOnlySpan<long> histories, Span<float> embeddings)
    {
        using var lease = Rent(users.Length);
        users.CopyTo(lease.Run.Users);
        histories.CopyTo(lease.Run.Histories);
        lease.Run.Execute();
        lease.Run.Embeddings.CopyTo(embeddings);
    }

    /// <summary>Buffers for a batch, to be filled and run.</summary>
    /// <param name="rows">Rows of the batch.</param>
    public RunPool<TowerRun>.Lease Rent(int rows) => runs.Rent(rows);

    /// <inheritdoc/>
    public void Dispose()
    {
        runs.Dispose();
        Session.Dispose();
    }

    /// <summary>A batch of a size with its buffers.</summary>
    internal sealed class TowerRun : IDisposable
    {
        private readonly BoundRun bound;

        /// <summary>Makes one.</summary>
        public TowerRun(UserTower tower, int rows)
        {
            bound = new BoundRun(tower.Session, tower.Provider);
            Users = bound.Input<long>(User, rows);
            Histories = bound.Input<long>(Recent, rows, tower.History);
            Embeddings = bound.Output<float>(Embedding, rows, tower.Dimension);
        }

        /// <summary>Users <c>[batch]</c>, to be filled.</summary>
        public long[] Users { get; }

        /// <summary>Histories <c>[batch, H]</c>, to be filled.</summary>
        public long[] Histories { get; }

        /// <summary>Vectors <c>[batch, d]</c>.</summary>
        public float[] Embeddings { get; }

        /// <summary>Computes the vectors.</summary>
        public void Execute() => bound.Run();

        /// <inheritdoc/>
        public void Dispose() => bound.Dispose();
    }
}
