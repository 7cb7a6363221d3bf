using System.Runtime.InteropServices;

namespace Reco.Training.Data.Storage;

/// <summary>Takes events in any order and hands them out ascending by time, user and item. What does not fit in memory is sorted in parts, which
/// are written to a file and merged in the end (an external merge sort).</summary>
internal sealed class EventSorter(EventStorage storage) : IDisposable
{
    private const int Start = 65_536;
    private const int CheckEvery = 65_536;

    private readonly List<int> lengths = [];
    private Interaction[] part = new Interaction[Math.Min(Start, storage.MostInMemory)];
    private FileStream? parts;
    private int count;

    /// <summary>Number of events so far.</summary>
    public long Count => lengths.Sum(length => (long)length) + count;

    /// <summary>Takes an event.</summary>
    public void Add(Interaction entry)
    {
        if (count == part.Length)
        {
            Grow();
        }

        part[count++] = entry;
    }

    /// <summary>Everything, in order.</summary>
    /// <param name="drop">Asked of each event that equals the one before; true where it is left out.</param>
    /// <param name="cancellation">Stops it.</param>
    public InteractionLog Finish(Func<Interaction, bool> drop, CancellationToken cancellation)
    {
        if (Count > Array.MaxLength)
        {
            throw new TrainingException($"There are {Count} events; {Array.MaxLength} is the most that a run can take. Use a shorter period.");
        }

        if (parts is null)
        {
            var sorted = Sorted();
            return new InteractionLog(part.AsMemory(0, Unique(sorted, drop)), storage);
        }

        Spill();
        part = [];
        cancellation.ThrowIfCancellationRequested();
        var merged = storage.Create(Count * Interaction.Size);
        var kept = Merge(merged, drop, cancellation);
        return new InteractionLog(storage.Map<Interaction>(merged, kept), storage);
    }

    /// <inheritdoc/>
    public void Dispose() => parts?.Dispose();

    private void Grow()
    {
        if (part.Length < storage.MostInMemory)
        {
            Array.Resize(ref part, (int)Math.Min(storage.MostInMemory, part.Length * 2L));
            return;
        }

        Spill();
    }

    private void Spill()
    {
        if (count == 0)
        {
            return;
        }

        parts ??= storage.Create(0);
        Write(parts, Sorted());
        lengths.Add(count);
        count = 0;
    }

    /// <summary>What is in memory, sorted; logs mostly are in order as they come.</summary>
    private Span<Interaction> Sorted()
    {
        var entries = part.AsSpan(0, count);
        for (var place = 1; place < entries.Length; place++)
        {
            if (entries[place].CompareTo(entries[place - 1]) < 0)
            {
                entries.Sort();
                break;
            }
        }

        return entries;
    }

    private static int Unique(Span<Interaction> sorted, Func<Interaction, bool> drop)
    {
        var kept = 0;
        foreach (var entry in sorted)
        {
            if (kept == 0 || sorted[kept - 1] != entry || !drop(entry))
            {
                sorted[kept++] = entry;
            }
        }

        return kept;
    }

    private int Merge(FileStream merged, Func<Interaction, bool> drop, CancellationToken cancellation)
    {
        var next = new PriorityQueue<PartReader, Interaction>();
        var from = 0L;
        foreach (var length in lengths)
        {
            var reader = new PartReader(parts!, from, length);
            next.Enqueue(reader, reader.Current);
            from += length;
        }

        var (output, filled, kept, last) = (new Interaction[CheckEvery], 0, 0, default(Interaction));
        while (next.TryDequeue(out var reader, out var entry))
        {
            // Parts of a log that is in order follow each other: most entries come from the same part as the one before.
            for (var more = true; more; entry = reader.Current)
            {
                if (kept == 0 || entry != last || !drop(entry))
                {
                    output[filled++] = last = entry;
                    kept++;
                }

                if (filled == output.Length)
                {
                    cancellation.ThrowIfCancellationRequested();
                    Write(merged, output);
                    filled = 0;
                }

                more = reader.Advance();
                if (more && next.TryPeek(out _, out var other) && reader.Current.CompareTo(other) > 0)
                {
                    next.Enqueue(reader, reader.Current);
                    more = false;
                }
            }
        }

        Write(merged, output.AsSpan(0, filled));
        merged.Flush();
        return kept;
    }

    private static void Write(FileStream file, ReadOnlySpan<Interaction> entries)
    {
        try
        {
            file.Write(MemoryMarshal.AsBytes(entries));
        }
        catch (IOException error)
        {
            throw EventStorage.NoRoom(Path.GetDirectoryName(file.Name)!, error);
        }
    }

    /// <summary>Reads one sorted part.</summary>
    private sealed class PartReader
    {
        private readonly Interaction[] buffer = new Interaction[16_384];
        private readonly FileStream file;
        private readonly long end;
        private long position;
        private int place;
        private int filled;

        public PartReader(FileStream file, long from, int length)
        {
            (this.file, position, end) = (file, from, from + length);
            file.Flush();
            Fill();
        }

        public Interaction Current => buffer[place];

        public bool Advance()
        {
            place++;
            return place < filled || Fill();
        }

        private bool Fill()
        {
            place = 0;
            filled = (int)Math.Min(buffer.Length, end - position);
            var bytes = MemoryMarshal.AsBytes(buffer.AsSpan(0, filled));
            for (var read = 0; read < bytes.Length;)
            {
                var got = RandomAccess.Read(file.SafeFileHandle, bytes[read..], (position * Interaction.Size) + read);
                read += got > 0 ? got : throw new EndOfStreamException("A part of the sorted events ended early.");
            }

            position += filled;
            return filled > 0;
        }
    }
}
