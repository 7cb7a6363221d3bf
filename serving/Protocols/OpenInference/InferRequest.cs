using Reco.Scoring.Inference;

namespace Reco.Scoring.Protocols.OpenInference;

/// <summary>A request to run a model.</summary>
internal sealed record InferRequest
{
    /// <summary>The caller's ID of the request, which the answer repeats.</summary>
    public string? Id { get; init; }

    /// <summary>The inputs.</summary>
    public required IReadOnlyList<Tensor> Inputs { get; init; }

    /// <summary>The outputs that are wanted; empty for all.</summary>
    public IReadOnlyList<RequestedOutput> Outputs { get; init; } = [];

    /// <summary>Whether outputs that say nothing else come in binary form.</summary>
    public bool BinaryOutput { get; init; }
}

/// <summary>An output that is wanted.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Binary">Whether in binary form; null for the request's default.</param>
internal sealed record RequestedOutput(string Name, bool? Binary);
