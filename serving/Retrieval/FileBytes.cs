using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Reco.Bundle;

namespace Reco.Scoring.Retrieval;

/// <summary>A file of a bundle in memory of its own outside the managed heap, read once, verified by what was read and never copied. Not
/// mapped: what is served must not change with the file, and a file that is cut or lost under a map ends the process. Freed when nobody
/// holds it any more.</summary>
internal sealed unsafe partial class FileBytes
{
    /// <summary>A cache line, and what a vector is loaded from.</summary>
    private const nuint SmallAlignment = 64;

    /// <summary>Measured: with pages of 4 KiB, the first touch of them is most of the time of reading a large file.</summary>
    private const nuint HugePage = 2 << 20;

    private const int WantsHugePages = 14;

    /// <summary>What is read at a time, so that it is hashed from the processor's cache.</summary>
    private const int Part = 512 << 10;

    private FileBytes(string path, IncrementalHash hash)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        Length = RandomAccess.GetLength(file);
        Start = Allocate((nuint)Math.Max(1, Length));
        GC.AddMemoryPressure(Math.Max(1, Length));
        for (var at = 0L; at < Length;)
        {
            var part = new Span<byte>(Start + at, (int)Math.Min(Length - at, Part));
            var read = RandomAccess.Read(file, part, at);
            hash.AppendData(part[..read]);
            at += read > 0 ? read : throw new EndOfStreamException($"{path} has become shorter while it was read; fetch the bundle again.");
        }
    }

    /// <summary>Frees the memory.</summary>
    ~FileBytes()
    {
        if (Start != null)
        {
            NativeMemory.AlignedFree(Start);
            GC.RemoveMemoryPressure(Math.Max(1, Length));
        }
    }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>Where the file begins. Whoever keeps it keeps this object, too.</summary>
    public byte* Start { get; }

    /// <summary>Reads a file of a bundle.</summary>
    /// <exception cref="BundleException">It is missing, or is not what the manifest says.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FileBytes Read(BundleReader bundle, string name)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = new FileBytes(bundle.Find(name), hash);
        bundle.Check(name, new BundleFile(Convert.ToHexStringLower(hash.GetHashAndReset()), bytes.Length));
        return bytes;
    }

    /// <summary>A part of the file.</summary>
    public ReadOnlySpan<byte> Slice(int from, int length) => new(Start + from, length);

    private static byte* Allocate(nuint length)
    {
        if (length < HugePage)
        {
            return (byte*)NativeMemory.AlignedAlloc(length, SmallAlignment);
        }

        var start = (byte*)NativeMemory.AlignedAlloc(length, HugePage);
        if (OperatingSystem.IsLinux())
        {
            // Where it is refused, the memory is there all the same.
            _ = Advise(start, length, WantsHugePages);
        }

        return start;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(byte* start, nuint length, int advice);
}
