using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Reco.Scoring.Retrieval;

/// <summary>A file of a bundle as memory: its pages are those of the system's cache and are read when they are used, so that nothing is
/// copied at the start. Unmapped when nobody holds it any more. The file must not change meanwhile, as a bundle's do not.</summary>
internal sealed unsafe class MappedFile
{
    private readonly SafeMemoryMappedViewHandle? view;

    private MappedFile(string path, long length)
    {
        Length = length;
        if (length > 0)
        {
            using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, 0, MemoryMappedFileAccess.Read);
            using var accessor = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            byte* start = null;

            // Holds the view, also when the accessor is gone.
            accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            view = accessor.SafeMemoryMappedViewHandle;
            Start = start;
        }
    }

    /// <summary>Unmaps the file.</summary>
    ~MappedFile() => view?.ReleasePointer();

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>Where the file begins. Whoever keeps it keeps this object, too.</summary>
    public byte* Start { get; }

    /// <summary>Maps a file.</summary>
    public static MappedFile Open(string path) => new(path, new FileInfo(path).Length);

    /// <summary>A part of the file.</summary>
    public ReadOnlySpan<byte> Slice(int from, int length) => new(Start + from, length);
}
