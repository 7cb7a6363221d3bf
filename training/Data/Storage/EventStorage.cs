using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Reco.Training.Data.Storage;

/// <summary>Where what grows with the number of events is kept: in memory up to a number of values, in mapped files beyond it. The files have
/// no name once they are open, so that nothing stays of them, however a run ends; they live until this is disposed of.</summary>
/// <param name="mostInMemory">Most values of one kind in memory.</param>
/// <param name="folder">Where the files are.</param>
internal sealed class EventStorage(int mostInMemory, string folder) : IDisposable
{
    /// <summary>Most events in memory unless told otherwise: 160 MB of them.</summary>
    public const int DefaultMost = 10_000_000;

    private readonly List<IDisposable> blocks = [];

    /// <summary>Keeps everything in memory.</summary>
    public static EventStorage InMemory { get; } = new(Array.MaxLength, "");

    /// <summary>Most values of one kind in memory.</summary>
    public int MostInMemory => mostInMemory;

    /// <summary>Room for values, all zero.</summary>
    public Memory<T> Room<T>(int count)
        where T : unmanaged => count <= mostInMemory ? new T[count] : Map<T>(Create((long)count * Unsafe.SizeOf<T>()), count);

    /// <summary>Maps the first values of a file and takes the file over.</summary>
    public Memory<T> Map<T>(FileStream file, int count)
        where T : unmanaged
    {
        var block = new MappedBlock<T>(file, count);
        lock (blocks)
        {
            blocks.Add(block);
        }

        return block.Memory;
    }

    /// <summary>Gives room back that nobody needs any more.</summary>
    public void Free<T>(Memory<T> room)
        where T : unmanaged
    {
        if (MemoryMarshal.TryGetMemoryManager<T, MappedBlock<T>>(room, out var block))
        {
            lock (blocks)
            {
                blocks.Remove(block);
            }

            ((IDisposable)block).Dispose();
        }
    }

    /// <summary>Makes a file without a name.</summary>
    /// <param name="bytes">Bytes that it will need: a full disk is told now, not by a fault while they are written.</param>
    /// <exception cref="TrainingException">There is no room for it.</exception>
    public FileStream Create(long bytes)
    {
        var path = Path.Combine(folder, $"reco-events-{Guid.NewGuid():N}");
        try
        {
            var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite | FileShare.Delete,
                Options = FileOptions.DeleteOnClose,
                PreallocationSize = bytes,
                BufferSize = 1 << 20,
            });
            File.Delete(path);
            return file;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NoRoom(folder, error);
        }
    }

    /// <summary>Says that events cannot be written, and what to do.</summary>
    public static TrainingException NoRoom(string folder, Exception error) => new(
        $"Events cannot be kept in files in {folder}: {error.Message.TrimEnd('.')}. Set TMPDIR to a folder with 60 bytes for each event, or hold more of them in memory by --events-in-memory.", error);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (blocks)
        {
            blocks.ForEach(block => block.Dispose());
            blocks.Clear();
        }
    }
}
