using System.Numerics;
using System.Runtime.InteropServices;
using Reco.Scoring.Hosting;
using Reco.Scoring.Inference;
using Reco.Scoring.Protocols.OpenInference.Grpc;

namespace Reco.Scoring.Protocols.OpenInference;

/// <summary>Reads typed tensor contents. Small integers come in the wider fields of the protocol; half floats only as raw
/// contents.</summary>
internal static class GrpcContents
{
    /// <summary>Reads an input.</summary>
    /// <exception cref="ApiException">The contents do not fit type and shape.</exception>
    public static Tensor Read(ModelInferRequest.Types.InferInputTensor input)
    {
        var contents = input.Contents ?? new InferTensorContents();
        if (input.Datatype == "BYTES")
        {
            var strings = contents.BytesContents.Select(text => text.ToByteArray()).ToArray();
            return strings.Length == Tensor.Elements([.. input.Shape])
                ? new Tensor { Name = input.Name, Datatype = input.Datatype, Shape = [.. input.Shape], Strings = strings }
                : throw Bad($"input \"{input.Name}\" has {strings.Length} values; shape [{string.Join(", ", input.Shape)}] needs another number");
        }

        byte[] bytes = input.Datatype switch
        {
            "BOOL" => [.. contents.BoolContents.Select(value => value ? (byte)1 : (byte)0)],
            "INT8" => Bytes(contents.IntContents, Narrow<int, sbyte>),
            "INT16" => Bytes(contents.IntContents, Narrow<int, short>),
            "INT32" => Bytes(contents.IntContents, value => value),
            "INT64" => Bytes(contents.Int64Contents, value => value),
            "UINT8" => Bytes(contents.UintContents, Narrow<uint, byte>),
            "UINT16" => Bytes(contents.UintContents, Narrow<uint, ushort>),
            "UINT32" => Bytes(contents.UintContents, value => value),
            "UINT64" => Bytes(contents.Uint64Contents, value => value),
            "FP32" => Bytes(contents.Fp32Contents, value => value),
            "FP64" => Bytes(contents.Fp64Contents, value => value),
            "FP16" or "BF16" => throw Bad($"input \"{input.Name}\" is {input.Datatype}, which the protocol has only as raw_input_contents"),
            _ => [],
        };
        return BinaryTensors.Read(input.Name, input.Datatype, [.. input.Shape], bytes);

        TTo Narrow<TFrom, TTo>(TFrom value)
            where TFrom : INumberBase<TFrom>
            where TTo : INumberBase<TTo>
        {
            try
            {
                return TTo.CreateChecked(value);
            }
            catch (OverflowException)
            {
                throw Bad($"input \"{input.Name}\" has {value}, which is not {input.Datatype}");
            }
        }
    }

    private static byte[] Bytes<TFrom, TTo>(IEnumerable<TFrom> values, Func<TFrom, TTo> convert)
        where TTo : unmanaged => MemoryMarshal.AsBytes(values.Select(convert).ToArray().AsSpan()).ToArray();

    private static ApiException Bad(string message) => new(StatusCodes.Status400BadRequest, message);
}
