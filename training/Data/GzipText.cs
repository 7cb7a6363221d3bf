using System.IO.Compression;

namespace Reco.Training.Data;

/// <summary>Reads a gzipped file that may be cut off: .NET ends such a stream as if it were whole. A known part, packed by itself, is put behind the
/// file: where it does not come out as the last bytes, the file did not end where it should.</summary>
internal sealed class GzipText : ReadOnlyStream
{
    private static readonly byte[] End = "the end of the file"u8.ToArray();

    private readonly GZipStream unpacked;
    private readonly byte[] buffer = new byte[65_536];
    private int start;
    private int filled;
    private bool ended;

    /// <summary>Takes a file over.</summary>
    public GzipText(Stream file) => unpacked = new GZipStream(new Followed(file, Pack(End)), CompressionMode.Decompress);

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is damaged or cut off.</exception>
    public override int Read(Span<byte> destination)
    {
        while (!ended && filled - start <= End.Length)
        {
            Fill();
        }

        var count = Math.Min(destination.Length, filled - start - (ended ? 0 : End.Length));
        buffer.AsSpan(start, count).CopyTo(destination);
        start += count;
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        unpacked.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        buffer.AsSpan(start, filled - start).CopyTo(buffer);
        (start, filled) = (0, filled - start);
        var got = Unpack(buffer.AsSpan(filled));
        filled += got;
        if (got > 0)
        {
            return;
        }

        if (!buffer.AsSpan(0, filled).EndsWith(End))
        {
            throw Cut();
        }

        (filled, ended) = (filled - End.Length, true);
    }

    private int Unpack(Span<byte> destination)
    {
        try
        {
            return unpacked.Read(destination);
        }
        catch (InvalidDataException)
        {
            throw Cut();
        }
    }

    private static InvalidDataException Cut() => new("It is damaged, cut off or has other bytes behind its end. Make or fetch it again.");

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
        {
            stream.Write(bytes);
        }

        return packed.ToArray();
    }

    /// <summary>A file and what follows it.</summary>
    private sealed class Followed(Stream file, byte[] more) : ReadOnlyStream
    {
        private int position;

        public override int Read(Span<byte> destination)
        {
            var got = file.Read(destination);
            if (got == 0)
            {
                got = Math.Min(destination.Length, more.Length - position);
                more.AsSpan(position, got).CopyTo(destination);
                position += got;
            }

            return got;
        }

        protected override void Dispose(bool disposing)
        {
            file.Dispose();
            base.Dispose(disposing);
        }
    }
}
