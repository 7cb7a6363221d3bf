using System.Text;
using System.Text.Json;
using Reco.Bundle;
using Reco.Scoring.Retrieval;

namespace Reco.Scoring.Models;

/// <summary>A file of JSON objects, one a line, mapped as it is: a line is found by its number or by the value of
/// its <c>id</c>, and read where it is needed. Opening a million lines takes a scan, not a million objects.</summary>
internal sealed class JsonLinesTable
{
    private const long Empty = 0;

    private readonly FileBytes bytes;
    private readonly int[] starts;
    private readonly (int Start, int Length)[] ids;

    /// <summary>Open addressing: a hash in the upper half, its line plus one in the lower one, so that another line is looked at only
    /// where the hashes are the same.</summary>
    private readonly long[] buckets;

    /// <summary>IDs that JSON had to escape, by what they say.</summary>
    private readonly Dictionary<string, int> escapedIds;

    private JsonLinesTable(FileBytes bytes, int[] starts, (int Start, int Length)[] ids, long[] buckets, Dictionary<string, int> escapedIds)
    {
        this.bytes = bytes;
        this.starts = starts;
        this.ids = ids;
        this.buckets = buckets;
        this.escapedIds = escapedIds;
    }

    /// <summary>Number of lines.</summary>
    public int Count => ids.Length;

    /// <summary>Opens a file of a bundle.</summary>
    /// <exception cref="BundleException">The file is missing or damaged, a line is not an object with an <c>id</c>, an ID is there twice, or there are more or
    /// fewer lines than expected.</exception>
    public static JsonLinesTable Open(BundleReader bundle, string name, int expected)
    {
        var path = bundle.Find(name);
        var length = new FileInfo(path).Length;
        if (length > Array.MaxLength)
        {
            throw new BundleException($"{path} has {length} bytes; this service reads at most {Array.MaxLength}.");
        }

        var bytes = FileBytes.Read(bundle, name);
        var starts = FindLines(path, bytes.Slice(0, (int)bytes.Length), expected);
        var ids = new (int Start, int Length)[expected];
        var escaped = new Dictionary<string, int>(StringComparer.Ordinal);
        var damage = new BundleException?[1];
        Chunks.For((expected + 8191) / 8192, chunk =>
        {
            for (var line = chunk * 8192; line < Math.Min(expected, (chunk + 1) * 8192); line++)
            {
                try
                {
                    ids[line] = FindId(bytes, starts, line, escaped);
                }
                catch (Exception error) when (error is JsonException or InvalidOperationException)
                {
                    Interlocked.CompareExchange(ref damage[0], new BundleException($"{path}, line {line + 1}: {error.Message}", error), null);
                    return;
                }
            }
        });
        return damage[0] is { } first ? throw first : new JsonLinesTable(bytes, starts, ids, Index(path, bytes, ids), escaped);
    }

    /// <summary>The bytes of a line, without its end.</summary>
    public ReadOnlySpan<byte> Line(int line) => Line(bytes, starts, line);

    /// <summary>The line's ID as a JSON string without its quotes.</summary>
    public ReadOnlySpan<byte> RawId(int line) => bytes.Slice(ids[line].Start, ids[line].Length);

    /// <summary>The line's ID.</summary>
    public string Id(int line)
    {
        var reader = new Utf8JsonReader(bytes.Slice(ids[line].Start - 1, ids[line].Length + 2));
        reader.Read();
        return reader.GetString()!;
    }

    /// <summary>Finds the line of an ID.</summary>
    public bool TryFind(ReadOnlySpan<char> id, out int line)
    {
        Span<byte> buffer = stackalloc byte[256];
        if (id.Length <= 64 && Encoding.UTF8.TryGetBytes(id, buffer, out var written))
        {
            if (TryFind(buffer[..written], out line))
            {
                return true;
            }
        }
        else if (TryFind(Encoding.UTF8.GetBytes(id.ToString()), out line))
        {
            return true;
        }

        return escapedIds.Count > 0 && escapedIds.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out line);
    }

    private bool TryFind(ReadOnlySpan<byte> id, out int line)
    {
        var hash = Hash(id);
        for (var bucket = (int)hash & (buckets.Length - 1); buckets[bucket] != Empty; bucket = (bucket + 1) & (buckets.Length - 1))
        {
            line = LineIn(buckets[bucket]);
            if ((uint)(buckets[bucket] >> 32) == hash && RawId(line).SequenceEqual(id))
            {
                return true;
            }
        }

        line = -1;
        return false;
    }

    private static ReadOnlySpan<byte> Line(FileBytes bytes, int[] starts, int line) => bytes.Slice(starts[line], starts[line + 1] - starts[line] - 1);

    private static int[] FindLines(string path, ReadOnlySpan<byte> bytes, int expected)
    {
        var starts = new int[expected + 1];
        var (count, at) = (0, 0);
        while (at < bytes.Length)
        {
            var end = bytes[at..].IndexOf((byte)'\n');
            at = end < 0 ? bytes.Length + 1 : at + end + 1;
            if (++count <= expected)
            {
                starts[count] = at;
            }
        }

        return count == expected ? starts : throw new BundleException($"{path} has {count} lines; the manifest says {expected}.");
    }

    private static (int Start, int Length) FindId(FileBytes bytes, int[] starts, int line, Dictionary<string, int> escaped)
    {
        var reader = new Utf8JsonReader(Line(bytes, starts, line));
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("it is not a JSON object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isId = reader.ValueTextEquals("id"u8);
            reader.Read();
            if (!isId)
            {
                reader.Skip();
                continue;
            }

            if (reader.TokenType != JsonTokenType.String)
            {
                throw new JsonException("its id is not a string");
            }

            if (reader.ValueIsEscaped)
            {
                lock (escaped)
                {
                    escaped[reader.GetString()!] = line;
                }
            }

            return (starts[line] + (int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        }

        throw new JsonException("it has no id");
    }

    private static long[] Index(string path, FileBytes bytes, (int Start, int Length)[] ids)
    {
        var buckets = new long[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, ids.Length * 2))];
        for (var line = 0; line < ids.Length; line++)
        {
            var id = bytes.Slice(ids[line].Start, ids[line].Length);
            var hash = Hash(id);
            var bucket = (int)hash & (buckets.Length - 1);
            while (buckets[bucket] != Empty)
            {
                var other = LineIn(buckets[bucket]);
                if ((uint)(buckets[bucket] >> 32) == hash && bytes.Slice(ids[other].Start, ids[other].Length).SequenceEqual(id))
                {
                    throw new BundleException($"{path}, line {line + 1}: the ID \"{Encoding.UTF8.GetString(id)}\" is on line {other + 1} too.");
                }

                bucket = (bucket + 1) & (buckets.Length - 1);
            }

            buckets[bucket] = ((long)hash << 32) | (uint)(line + 1);
        }

        return buckets;
    }

    private static int LineIn(long bucket) => (int)bucket - 1;

    /// <summary>FNV-1a, folded: IDs come from the shop's own catalogue, not from callers.</summary>
    private static uint Hash(ReadOnlySpan<byte> id)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in id)
        {
            hash = (hash ^ value) * 1099511628211UL;
        }

        return (uint)(hash ^ (hash >> 32));
    }
}
