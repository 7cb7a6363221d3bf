using TorchSharp;
using static TorchSharp.torch;

namespace Reco.Training.Model.Direct;

/// <summary>Rows of a contiguous FP32 tensor in this machine's memory, as spans: what several threads write to at once, without a call into
/// libtorch for each row. The tensor is the caller's.</summary>
internal sealed unsafe class Block
{
    private readonly float* start;

    /// <summary>Looks at a tensor.</summary>
    /// <param name="values">Matrix, or vector of one column.</param>
    public Block(Tensor values)
    {
        if (values.dtype != ScalarType.Float32 || values.device_type != DeviceType.CPU || !values.is_contiguous())
        {
            throw new ArgumentException("A block is a contiguous FP32 tensor in this machine's memory.", nameof(values));
        }

        Values = values;
        Rows = values.shape[0];
        Width = values.dim() == 1 ? 1 : (int)values.shape[1];
        if (Rows == 0)
        {
            return;
        }

        // The first row alone, for a span of bytes ends at 2 GiB and a table may not.
        using var off = no_grad();
        using var first = values.detach();
        using var row = first.slice(0, 0, 1, 1);
        fixed (byte* bytes = row.bytes)
        {
            // Native memory: it stays where it is.
            start = (float*)bytes;
        }
    }

    /// <summary>The tensor.</summary>
    public Tensor Values { get; }

    /// <summary>Number of rows.</summary>
    public long Rows { get; }

    /// <summary>Length of a row.</summary>
    public int Width { get; }

    /// <summary>A row.</summary>
    public Span<float> this[long row] => new(start + (row * Width), Width);

    /// <summary>A part of a row.</summary>
    public Span<float> Part(long row, int from, int length) => new(start + (row * Width) + from, length);
}
