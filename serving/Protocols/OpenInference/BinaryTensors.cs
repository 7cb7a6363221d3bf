using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Reco.Scoring.Hosting;
using Reco.Scoring.Inference;

namespace Reco.Scoring.Protocols.OpenInference;

/// <summary>Tensor data as bytes: little-endian, row-major; an element of <c>BYTES</c> is its length in four bytes, then
/// itself. Used by the binary tensor extension and by gRPC's raw contents.</summary>
internal static class BinaryTensors
{
    /// <summary>Reads a tensor.</summary>
    /// <exception cref="ApiException">The bytes do not fit type and shape.</exception>
    public static Tensor Read(string name, string datatype, long[] shape, ReadOnlySpan<byte> bytes)
    {
        if (!Datatypes.TryGet(datatype, out _, out var size))
        {
            throw Bad($"input \"{name}\" has datatype \"{datatype}\"; known: {string.Join(", ", Datatypes.Names)}");
        }

        var elements = Tensor.Elements(shape);
        if (elements < 0)
        {
            throw Bad($"input \"{name}\" has shape [{string.Join(", ", shape)}], which is negative or too large");
        }

        if (size == 0)
        {
            return new Tensor { Name = name, Datatype = datatype, Shape = shape, Strings = ReadStrings(name, bytes, elements) };
        }

        if (bytes.Length != elements * size)
        {
            throw Bad($"input \"{name}\" has {bytes.Length} bytes; {datatype} [{string.Join(", ", shape)}] needs {elements * size}");
        }

        return IsFinite(datatype, bytes)
            ? new Tensor { Name = name, Datatype = datatype, Shape = shape, Data = bytes.ToArray() }
            : throw Bad($"input \"{name}\" has values that are not finite");
    }

    /// <summary>Number of bytes of a tensor.</summary>
    public static int Length(Tensor tensor) => tensor.Datatype == "BYTES" ? tensor.Strings.Sum(text => 4 + text.Length) : tensor.Data.Length;

    /// <summary>Writes a tensor.</summary>
    public static byte[] Write(Tensor tensor)
    {
        if (tensor.Datatype != "BYTES")
        {
            return tensor.Data;
        }

        var bytes = new byte[Length(tensor)];
        var at = 0;
        foreach (var text in tensor.Strings)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), text.Length);
            text.CopyTo(bytes, at + 4);
            at += 4 + text.Length;
        }

        return bytes;
    }

    private static byte[][] ReadStrings(string name, ReadOnlySpan<byte> bytes, long elements)
    {
        var strings = new List<byte[]>();
        while (!bytes.IsEmpty)
        {
            var length = bytes.Length < 4 ? uint.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            if (length > bytes.Length - 4)
            {
                throw Bad($"element {strings.Count} of input \"{name}\" is longer than what is left of its bytes");
            }

            strings.Add(bytes.Slice(4, (int)length).ToArray());
            bytes = bytes[(4 + (int)length)..];
        }

        return strings.Count == elements ? [.. strings] : throw Bad($"input \"{name}\" has {strings.Count} elements; its shape needs {elements}");
    }

    private static bool IsFinite(string datatype, ReadOnlySpan<byte> bytes)
    {
        switch (datatype)
        {
            case "FP32":
                return !MemoryMarshal.Cast<byte, float>(bytes).ContainsAnyExceptInRange(float.MinValue, float.MaxValue);
            case "FP64":
                return !MemoryMarshal.Cast<byte, double>(bytes).ContainsAnyExceptInRange(double.MinValue, double.MaxValue);
            case "FP16":
                foreach (var value in MemoryMarshal.Cast<byte, Half>(bytes))
                {
                    if (!Half.IsFinite(value))
                    {
                        return false;
                    }
                }

                return true;
            default:
                return true;
        }
    }

    private static ApiException Bad(string message) => new(StatusCodes.Status400BadRequest, message);
}
