using System.Runtime.InteropServices;
using Reco.Bundle;

namespace Reco.Scoring.Retrieval;

/// <summary>The file of a graph, little-endian: eight letters, then version, nodes, coordinates, links a level and entry; the links on the
/// ground; the number of nodes above it, and for each of these its number, its levels and its links there.</summary>
internal static class HnswFile
{
    private const int Version = 1;
    private const int MostLevels = 64;

    private static ReadOnlySpan<byte> Letters => "RECOHNSW"u8;

    /// <summary>Writes a graph.</summary>
    public static void Write(Stream stream, HnswLinks links, int count, int dimension, int entry)
    {
        stream.Write(Letters);
        Write(stream, [Version, count, dimension, HnswLinks.PerLevel, entry]);
        Write(stream, links.Ground);
        Write(stream, [links.Above.Count()]);
        foreach (var (node, places) in links.Above)
        {
            Write(stream, [node, links.Top(node)]);
            Write(stream, places);
        }
    }

    /// <summary>Reads where a search begins.</summary>
    /// <exception cref="BundleException">It is not a graph of so many nodes, or of another version.</exception>
    public static int ReadHeader(Stream stream, string path, int count, int dimension)
    {
        var header = new int[5];
        var letters = new byte[Letters.Length];
        Read(stream, path, letters);
        Read(stream, path, MemoryMarshal.AsBytes(header.AsSpan()));
        if (!letters.AsSpan().SequenceEqual(Letters) || header[0] != Version || header[3] != HnswLinks.PerLevel)
        {
            throw new BundleException($"{path} is not a graph that this service reads (version {Version}, {HnswLinks.PerLevel} links a level); write it again (verb index).");
        }

        return header[1] == count && header[2] == dimension && (uint)header[4] < (uint)count
            ? header[4]
            : throw new BundleException($"{path} is of {header[1]} items with {header[2]} coordinates; the bundle has {count} with {dimension}. Write it again (verb index).");
    }

    /// <summary>Reads the links.</summary>
    /// <exception cref="BundleException">They end early, or lead to what is not there.</exception>
    public static void ReadLinks(Stream stream, string path, HnswLinks links, int count)
    {
        Read(stream, path, MemoryMarshal.AsBytes(links.Ground));
        var number = new int[1];
        Read(stream, path, MemoryMarshal.AsBytes(number.AsSpan()));
        var of = new int[2];
        for (var node = 0; node < number[0]; node++)
        {
            Read(stream, path, MemoryMarshal.AsBytes(of.AsSpan()));
            if ((uint)of[0] >= (uint)count || of[1] is < 1 or > MostLevels)
            {
                throw Damaged(path);
            }

            links.Add(of[0], of[1]);
            Read(stream, path, MemoryMarshal.AsBytes(links.Places(of[0])));
        }

        if (!links.AreSound())
        {
            throw Damaged(path);
        }
    }

    private static void Write(Stream stream, ReadOnlySpan<int> values) => stream.Write(MemoryMarshal.AsBytes(values));

    private static void Read(Stream stream, string path, Span<byte> bytes)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw Damaged(path);
        }
    }

    private static BundleException Damaged(string path) => new($"{path} ends early or has links that lead nowhere; write it again (verb index).");
}
