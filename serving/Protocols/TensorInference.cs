using System.Diagnostics;
using System.Runtime.InteropServices;
using Reco.Scoring.Batching;
using Reco.Scoring.Inference;
using Reco.Scoring.Models;
using Reco.Scoring.Telemetry;

namespace Reco.Scoring.Protocols;

/// <summary>Runs a model on tensors for every protocol. Rows for the user tower share runs with other requests; tensors of other
/// models run on their own.</summary>
internal sealed class TensorInference(ScoringMetrics metrics)
{
    /// <summary>Runs the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">The inputs, each once.</param>
    /// <param name="outputs">Names of the outputs that are wanted; empty for all.</param>
    /// <param name="limits">What the call may take.</param>
    /// <exception cref="Hosting.ApiException">The tensors do not fit the model, or it is too late.</exception>
    public async Task<IReadOnlyList<Tensor>> RunAsync(ServedModel model, IReadOnlyList<Tensor> inputs, IReadOnlyList<string> outputs, CallLimits limits)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            TensorRunner.Check(model.Tower, inputs, outputs);
            var answer = model.Tower.Session.InputMetadata.Count == 2 && model.Tower.Session.OutputMetadata.Count == 1
                ? await EmbedAsync(model, inputs, limits).ConfigureAwait(false)
                : TensorRunner.Run(model.Tower, inputs, outputs);
            metrics.Answered(model, true, Stopwatch.GetElapsedTime(start));
            return answer;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            metrics.Answered(model, false, Stopwatch.GetElapsedTime(start));
            throw;
        }
    }

    private static async Task<IReadOnlyList<Tensor>> EmbedAsync(ServedModel model, IReadOnlyList<Tensor> inputs, CallLimits limits)
    {
        var users = Longs(inputs, "user");
        var embeddings = new float[users.Length * model.Tower.Dimension];
        await model.Batcher.RunAsync(new EmbedJob { Users = users, Histories = Longs(inputs, "history"), Embeddings = embeddings, Limits = limits }).ConfigureAwait(false);
        return [new Tensor { Name = "embedding", Datatype = "FP32", Shape = [users.Length, model.Tower.Dimension], Data = MemoryMarshal.AsBytes(embeddings.AsSpan()).ToArray() }];
    }

    private static long[] Longs(IReadOnlyList<Tensor> inputs, string name) => MemoryMarshal.Cast<byte, long>(inputs.First(input => input.Name == name).Data).ToArray();
}
