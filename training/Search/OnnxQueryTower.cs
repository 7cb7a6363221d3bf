using Microsoft.ML.OnnxRuntime;
using Reco.Bundle;

namespace Reco.Training.Search;

/// <summary>Runs a query tower in ONNX Runtime, as a service does.</summary>
internal sealed class OnnxQueryTower(byte[] model) : IDisposable
{
    /// <summary>Bound of the difference between ONNX Runtime and the trained tower.</summary>
    public const double Tolerance = 1e-4;

    private readonly InferenceSession session = new(model);
    private readonly RunOptions run = new();

    /// <summary>Vector of a query <c>[d]</c>.</summary>
    public float[] Embed(string query, int buckets)
    {
        var tokens = new long[SearchWeights.MostTokens];
        SearchTokens.Write(query, buckets, tokens);
        using var input = OrtValue.CreateTensorValueFromMemory(tokens, [1, tokens.Length]);
        using var results = session.Run(run, ["tokens"], [input], ["embedding"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>Checks the exported tower on queries.</summary>
    /// <exception cref="TrainingException">It does not compute what was trained.</exception>
    public void Check(SearchWeights weights, IEnumerable<string> queries)
    {
        var (tokens, expected) = (new long[SearchWeights.MostTokens], new float[weights.Dimension]);
        foreach (var query in queries)
        {
            var count = SearchTokens.Write(query, weights.Buckets, tokens);
            weights.Embed(tokens.AsSpan(0, count), expected);
            var difference = expected.Zip(Embed(query, weights.Buckets), (left, right) => Math.Abs(left - right)).Max();
            if (!(difference <= Tolerance))
            {
                throw new TrainingException($"The ONNX query tower differs from the trained one by {difference:G3} on \"{query}\" (allowed: {Tolerance:G3}); it is not packaged.");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        session.Dispose();
        run.Dispose();
    }
}
