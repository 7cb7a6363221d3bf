using Microsoft.ML.OnnxRuntime.Tensors;

namespace Reco.Scoring.Inference;

/// <summary>A tensor of a request or an answer: row-major, little-endian.</summary>
internal sealed class Tensor
{
    /// <summary>Its name in the model.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the element type in the Open Inference Protocol.</summary>
    public required string Datatype { get; init; }

    /// <summary>Its shape.</summary>
    public required long[] Shape { get; init; }

    /// <summary>The elements, but for <c>BYTES</c>.</summary>
    public byte[] Data { get; init; } = [];

    /// <summary>The elements of <c>BYTES</c>.</summary>
    public byte[][] Strings { get; init; } = [];

    /// <summary>ONNX Runtime's element type.</summary>
    public TensorElementType Type => Datatypes.TryGet(Datatype, out var type, out _) ? type : TensorElementType.DataTypeMax;

    /// <summary>Number of elements of a shape; -1 where it is negative or too large.</summary>
    public static long Elements(ReadOnlySpan<long> shape)
    {
        var elements = 1L;
        foreach (var dimension in shape)
        {
            if (dimension < 0 || (dimension > 0 && elements > int.MaxValue / dimension))
            {
                return -1;
            }

            elements *= dimension;
        }

        return elements;
    }
}
