using System.Runtime.InteropServices;

namespace Reco.Scoring.Retrieval;

/// <summary>A file of a bundle in memory of its own outside the managed heap, read once and never copied. Not mapped: what is served
/// must not change with the file, and a file that is cut or lost under a map ends the process. Freed when nobody holds it any more.</summary>
internal sealed unsafe class FileBytes
{
    private const nuint CacheLine = 64;

    private FileBytes(string path)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        Length = RandomAccess.GetLength(file);
        Start = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(1, Length), CacheLine);
        GC.AddMemoryPressure(Math.Max(1, Length));
        for (var at = 0L; at < Length;)
        {
            var part = new Span<byte>(Start + at, (int)Math.Min(Length - at, 1 << 30));
            var read = RandomAccess.Read(file, part, at);
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

    /// <summary>Reads a file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FileBytes Read(string path) => new(path);

    /// <summary>A part of the file.</summary>
    public ReadOnlySpan<byte> Slice(int from, int length) => new(Start + from, length);
}
