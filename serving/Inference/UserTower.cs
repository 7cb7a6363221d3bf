using Microsoft.ML.OnnxRuntime;
using Reco.Bundle;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace Reco.Scoring.Inference;

/// <summary>The user tower of a bundle in ONNX Runtime: <c>user</c> INT64 <c>[batch]</c> and <c>history</c> INT64
/// <c>[batch, H]</c> to <c>embedding</c> FP32 <c>[batch, d]</c>. Runs on several threads at a time.</summary>
internal sealed class UserTower : IDisposable
{
    private static readonly string[] InputNames = ["user", "history"];
    private static readonly string[] OutputNames = ["embedding"];

    private readonly RunOptions run = new();

    private UserTower(InferenceSession session, BundleManifest manifest, string provider)
    {
        Session = session;
        Provider = provider;
        History = manifest.MaxHistory;
        Dimension = manifest.Dimension;
        Users = manifest.Users;
        Items = manifest.Items;
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
            foreach (var name in InputNames.Except(session.InputMetadata.Keys).Concat(OutputNames.Except(session.OutputMetadata.Keys)))
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
    public void Embed(Memory<long> users, Memory<long> histories, Memory<float> embeddings)
    {
        var batch = users.Length;
        using var user = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, users, [batch]);
        using var history = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, histories, [batch, History]);
        using var embedding = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, embeddings, [batch, Dimension]);
        Session.Run(run, InputNames, [user, history], OutputNames, [embedding]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Session.Dispose();
        run.Dispose();
    }
}
