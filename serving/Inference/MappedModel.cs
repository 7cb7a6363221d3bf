using System.Globalization;
using System.Text;
using Reco.Bundle;

namespace Reco.Scoring.Inference;

/// <summary>Makes of an ONNX file the same model without its large tables, which it then names by their place in that file: ONNX Runtime
/// maps them instead of copying them twice. Protobuf is read as far as that takes: fields of the model, its graph and its
/// initializers.</summary>
internal static class MappedModel
{
    private const int ModelGraph = 7;
    private const int GraphInitializer = 5;
    private const int TensorRawData = 9;
    private const int TensorExternalData = 13;
    private const int TensorDataLocation = 14;
    private const int External = 1;
    private const int LengthDelimited = 2;

    /// <summary>Makes the model.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="least">Bytes from which on a table is mapped.</param>
    /// <returns>The model, whose tables are in the file of that name in the same folder; null where it has no such table.</returns>
    /// <exception cref="BundleException">It is not protobuf.</exception>
    public static byte[]? Make(string path, int least)
    {
        using var file = File.OpenRead(path);
        var found = false;
        try
        {
            var model = Rewrite(file, 0, file.Length, (field, start, end) => field == ModelGraph
                ? Rewrite(file, start, end, (inner, from, to) =>
                {
                    if (inner != GraphInitializer || to - from < least || Externalise(file, from, to, least) is not { } tensor)
                    {
                        return null;
                    }

                    found = true;
                    return tensor;
                })
                : null);
            return found ? model : null;
        }
        catch (Exception error) when (error is EndOfStreamException or InvalidDataException)
        {
            throw new BundleException($"{path} is not a model that ONNX Runtime can load: {error.Message}", error);
        }
    }

    /// <summary>A tensor without its values; null where they are not bytes, or too few.</summary>
    private static byte[]? Externalise(FileStream file, long start, long end, int least)
    {
        (long Start, long Length)? raw = null;
        var rest = Rewrite(file, start, end, (field, from, to) =>
        {
            if (field != TensorRawData || to - from < least)
            {
                return null;
            }

            raw = (from, to - from);
            return [];
        });
        if (raw is not { } place)
        {
            return null;
        }

        using var tensor = new MemoryStream();
        tensor.Write(rest);
        WriteEntry(tensor, "location", Path.GetFileName(file.Name));
        WriteEntry(tensor, "offset", place.Start.ToString(CultureInfo.InvariantCulture));
        WriteEntry(tensor, "length", place.Length.ToString(CultureInfo.InvariantCulture));
        WriteVarint(tensor, TensorDataLocation << 3);
        WriteVarint(tensor, External);
        return tensor.ToArray();
    }

    /// <summary>Copies a message; of a field with a length, the visitor may give another content, and an empty one leaves it out.</summary>
    private static byte[] Rewrite(FileStream file, long start, long end, Func<int, long, long, byte[]?> visit)
    {
        using var copy = new MemoryStream();
        file.Position = start;
        while (file.Position < end)
        {
            var from = file.Position;
            var key = ReadVarint(file);
            if ((int)(key & 7) != LengthDelimited)
            {
                Skip(file, (int)(key & 7));
                Copy(file, from, file.Position, copy);
                continue;
            }

            var length = (long)ReadVarint(file);
            var (content, to) = (file.Position, file.Position + length);
            if (length < 0 || to > end)
            {
                throw new InvalidDataException("a field is longer than what it is in");
            }

            if (visit((int)(key >> 3), content, to) is not { } other)
            {
                Copy(file, from, to, copy);
            }
            else if (other.Length > 0)
            {
                WriteVarint(copy, key);
                WriteVarint(copy, (ulong)other.Length);
                copy.Write(other);
            }

            file.Position = to;
        }

        return copy.ToArray();
    }

    private static void Copy(FileStream file, long from, long to, MemoryStream copy)
    {
        file.Position = from;
        var bytes = new byte[to - from];
        file.ReadExactly(bytes);
        copy.Write(bytes);
    }

    private static void Skip(FileStream file, int wireType)
    {
        switch (wireType)
        {
            case 0:
                ReadVarint(file);
                break;
            case 1:
                file.Position += sizeof(ulong);
                break;
            case 5:
                file.Position += sizeof(uint);
                break;
            default:
                throw new InvalidDataException($"there is a field of wire type {wireType}");
        }
    }

    private static void WriteEntry(MemoryStream tensor, string name, string value)
    {
        using var entry = new MemoryStream();
        foreach (var (field, text) in new[] { (1, name), (2, value) })
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            WriteVarint(entry, (ulong)((field << 3) | LengthDelimited));
            WriteVarint(entry, (ulong)bytes.Length);
            entry.Write(bytes);
        }

        WriteVarint(tensor, (TensorExternalData << 3) | LengthDelimited);
        WriteVarint(tensor, (ulong)entry.Length);
        tensor.Write(entry.ToArray());
    }

    private static ulong ReadVarint(FileStream file)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = file.ReadByte();
            if (next < 0)
            {
                throw new EndOfStreamException("it ends early");
            }

            value |= (ulong)(next & 127) << shift;
            if (next < 128)
            {
                return value;
            }
        }

        throw new InvalidDataException("a number has too many bytes");
    }

    private static void WriteVarint(MemoryStream stream, ulong value)
    {
        for (; value >= 128; value >>= 7)
        {
            stream.WriteByte((byte)(value | 128));
        }

        stream.WriteByte((byte)value);
    }
}
