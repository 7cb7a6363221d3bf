using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Reco.Scoring.Hosting;
using Reco.Scoring.Inference;

namespace Reco.Scoring.Protocols.OpenInference;

/// <summary>Tensor data as JSON: flat or nested, row-major.</summary>
internal static class TensorJson
{
    /// <summary>Reads data of a known type and shape. The reader stands on the first token of the data.</summary>
    /// <exception cref="ApiException">There are more or fewer values than the shape says, or one is not of the type.</exception>
    public static Tensor Read(ref Utf8JsonReader reader, string name, string datatype, long[] shape)
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

        // No more is allocated than the body can fill: each value takes at least two bytes of JSON.
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Bad($"data of input \"{name}\" is not an array");
        }

        var data = size > 0 ? new ArrayWriter(name, datatype, size, elements) : null;
        var strings = size == 0 ? new List<byte[]>() : null;
        var depth = 1;
        while (depth > 0 && reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray:
                    depth++;
                    break;
                case JsonTokenType.EndArray:
                    depth--;
                    break;
                case JsonTokenType.StartObject:
                    throw Bad($"data of input \"{name}\" has an object in it");
                default:
                    if (strings is not null)
                    {
                        strings.Add(reader.TokenType == JsonTokenType.String ? Encoding.UTF8.GetBytes(reader.GetString()!) : throw NotOf(name, datatype, strings.Count));
                    }
                    else
                    {
                        data!.Add(ref reader);
                    }

                    break;
            }
        }

        var count = strings?.Count ?? data!.Count;
        return count == elements
            ? new Tensor { Name = name, Datatype = datatype, Shape = shape, Data = data?.ToArray() ?? [], Strings = strings is null ? [] : [.. strings] }
            : throw Bad($"input \"{name}\" has {count} values; shape [{string.Join(", ", shape)}] needs {elements}");
    }

    /// <summary>Writes the data of a tensor, flat.</summary>
    public static void Write(Utf8JsonWriter writer, Tensor tensor)
    {
        writer.WriteStartArray();
        WriteValues(writer, tensor, 0, (int)Tensor.Elements(tensor.Shape));
        writer.WriteEndArray();
    }

    /// <summary>Writes the data of a tensor as lists in lists.</summary>
    public static void WriteNested(Utf8JsonWriter writer, Tensor tensor) => WriteLevel(writer, tensor, 0, 0, (int)Tensor.Elements(tensor.Shape));

    /// <summary>Writes one entry of a tensor's first dimension.</summary>
    public static void WriteRow(Utf8JsonWriter writer, Tensor tensor, int row)
    {
        var length = (int)Tensor.Elements(tensor.Shape.AsSpan(1));
        WriteLevel(writer, tensor, 1, row * length, length);
    }

    private static void WriteLevel(Utf8JsonWriter writer, Tensor tensor, int level, int start, int count)
    {
        if (level >= tensor.Shape.Length)
        {
            WriteValues(writer, tensor, start, count);
            return;
        }

        writer.WriteStartArray();
        if (level == tensor.Shape.Length - 1)
        {
            WriteValues(writer, tensor, start, count);
        }
        else
        {
            var entries = (int)tensor.Shape[level];
            for (var entry = 0; entry < entries; entry++)
            {
                WriteLevel(writer, tensor, level + 1, start + (entry * (count / entries)), count / entries);
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteValues(Utf8JsonWriter writer, Tensor tensor, int start, int count)
    {
        switch (tensor.Datatype)
        {
            case "BYTES": Each(tensor.Strings, static (writer, value) => writer.WriteStringValue(value)); break;
            case "BOOL": Each(tensor.Data, static (writer, value) => writer.WriteBooleanValue(value != 0)); break;
            case "UINT8": Each(tensor.Data, static (writer, value) => writer.WriteNumberValue(value)); break;
            case "INT8": Cast<sbyte>(static (writer, value) => writer.WriteNumberValue(value)); break;
            case "UINT16": Cast<ushort>(static (writer, value) => writer.WriteNumberValue(value)); break;
            case "INT16": Cast<short>(static (writer, value) => writer.WriteNumberValue(value)); break;
            case "UINT32": Cast<uint>(static (writer, value) => writer.WriteNumberValue(value)); break;
            case "INT32": Cast<int>(static (writer, value) => writer.WriteNumberValue(value)); break;
            case "UINT64": Cast<ulong>(static (writer, value) => writer.WriteNumberValue(value)); break;
            case "INT64": Cast<long>(static (writer, value) => writer.WriteNumberValue(value)); break;
            case "FP16": Cast<Half>(static (writer, value) => Number(writer, (float)value)); break;
            case "BF16": Cast<ushort>(static (writer, value) => Number(writer, BitConverter.UInt32BitsToSingle((uint)value << 16))); break;
            case "FP32": Cast<float>(static (writer, value) => Number(writer, value)); break;
            case "FP64": Cast<double>(static (writer, value) => Number(writer, value)); break;
        }

        void Cast<T>(Action<Utf8JsonWriter, T> write)
            where T : unmanaged
        {
            foreach (var value in MemoryMarshal.Cast<byte, T>(tensor.Data).Slice(start, count))
            {
                write(writer, value);
            }
        }

        void Each<T>(T[] values, Action<Utf8JsonWriter, T> write)
        {
            foreach (var value in values.AsSpan(start, count))
            {
                write(writer, value);
            }
        }
    }

    /// <summary>JSON has no words for what is not a number: null stands for it.</summary>
    private static void Number(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static void Number(Utf8JsonWriter writer, float value)
    {
        if (float.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static ApiException NotOf(string name, string datatype, int position) =>
        Bad(string.Create(CultureInfo.InvariantCulture, $"value {position} of input \"{name}\" is not {datatype}"));

    private static ApiException Bad(string message) => new(StatusCodes.Status400BadRequest, message);

    /// <summary>Collects numbers as bytes.</summary>
    private sealed class ArrayWriter(string name, string datatype, int size, long expected)
    {
        private byte[] bytes = new byte[Math.Min(expected, 1024) * size];

        public int Count { get; private set; }

        public byte[] ToArray() => bytes.Length == Count * size ? bytes : bytes[..(Count * size)];

        public void Add(ref Utf8JsonReader reader)
        {
            if (Count == expected)
            {
                throw Bad(string.Create(CultureInfo.InvariantCulture, $"input \"{name}\" has more values than the {expected} of its shape"));
            }

            if ((Count + 1) * size > bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min(expected * size, bytes.Length * 2L));
            }

            if (!TryWrite(ref reader, bytes.AsSpan(Count * size)))
            {
                throw NotOf(name, datatype, Count);
            }

            Count++;
        }

        private bool TryWrite(ref Utf8JsonReader reader, Span<byte> target)
        {
            if (reader.TokenType is JsonTokenType.True or JsonTokenType.False)
            {
                target[0] = reader.TokenType == JsonTokenType.True ? (byte)1 : (byte)0;
                return datatype == "BOOL";
            }

            if (reader.TokenType != JsonTokenType.Number)
            {
                return false;
            }

            switch (datatype)
            {
                case "INT64" when reader.TryGetInt64(out var value): BinaryPrimitives.WriteInt64LittleEndian(target, value); return true;
                case "INT32" when reader.TryGetInt32(out var value): BinaryPrimitives.WriteInt32LittleEndian(target, value); return true;
                case "INT16" when reader.TryGetInt16(out var value): BinaryPrimitives.WriteInt16LittleEndian(target, value); return true;
                case "INT8" when reader.TryGetSByte(out var value): target[0] = (byte)value; return true;
                case "UINT64" when reader.TryGetUInt64(out var value): BinaryPrimitives.WriteUInt64LittleEndian(target, value); return true;
                case "UINT32" when reader.TryGetUInt32(out var value): BinaryPrimitives.WriteUInt32LittleEndian(target, value); return true;
                case "UINT16" when reader.TryGetUInt16(out var value): BinaryPrimitives.WriteUInt16LittleEndian(target, value); return true;
                case "UINT8" when reader.TryGetByte(out var value): target[0] = value; return true;
                case "BOOL" when reader.TryGetByte(out var value) && value <= 1: target[0] = value; return true;
                case "FP64" when reader.TryGetDouble(out var value) && double.IsFinite(value): BinaryPrimitives.WriteDoubleLittleEndian(target, value); return true;
                case "FP32" when reader.TryGetSingle(out var value) && float.IsFinite(value): BinaryPrimitives.WriteSingleLittleEndian(target, value); return true;
                case "FP16" when reader.TryGetSingle(out var value) && Half.IsFinite((Half)value): BinaryPrimitives.WriteHalfLittleEndian(target, (Half)value); return true;
                case "BF16" when reader.TryGetSingle(out var value) && float.IsFinite(value): BinaryPrimitives.WriteUInt16LittleEndian(target, BFloat16(value)); return true;
                default: return false;
            }
        }

        /// <summary>Rounds to the nearest, ties to even.</summary>
        private static ushort BFloat16(float value)
        {
            var bits = BitConverter.SingleToUInt32Bits(value);
            return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        }
    }
}
