using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace Reco.Training.Data.Storage;

/// <summary>Values in a file that is mapped into memory: the system keeps of it what there is room for.</summary>
/// <typeparam name="T">Type of the values.</typeparam>
internal sealed unsafe class MappedBlock<T> : MemoryManager<T>
    where T : unmanaged
{
    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly int count;
    private byte* start;

    /// <summary>Maps the first values of a file and takes the file over.</summary>
    public MappedBlock(FileStream stream, int count)
    {
        this.count = count;
        var bytes = (long)count * sizeof(T);
        file = MemoryMappedFile.CreateFromFile(stream, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        view = file.CreateViewAccessor(0, bytes);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        start += view.PointerOffset;
    }

    /// <inheritdoc/>
    public override Span<T> GetSpan()
    {
        ObjectDisposedException.ThrowIf(start is null, this);
        return new Span<T>(start, count);
    }

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(((T*)start) + elementIndex);

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && start is not null)
        {
            start = null;
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
            file.Dispose();
        }
    }
}
