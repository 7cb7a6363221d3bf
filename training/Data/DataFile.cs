using System.Text;

namespace Reco.Training.Data;

/// <summary>Opens files of text, plain or gzipped, by what is in them.</summary>
internal static class DataFile
{
    private static readonly (byte[] Start, string Name)[] Unreadable =
    [
        ([0x28, 0xB5, 0x2F, 0xFD], "Zstandard"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz"),
        ("BZh"u8.ToArray(), "bzip2"),
        ([0x50, 0x4B, 0x03, 0x04], "zip"),
        ("PAR1"u8.ToArray(), "Parquet"),
    ];

    /// <summary>Opens a file of text in UTF-8, or in UTF-16 or UTF-32 with a mark that says so. Bytes that are no text are refused: replaced, two IDs
    /// could become one.</summary>
    /// <exception cref="TrainingException">It is not there, may not be read, or is packed in a way that cannot be read.</exception>
    public static StreamReader OpenText(string path) => new(Open(path), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true, bufferSize: 65_536);

    /// <summary>True for what a reader throws over bytes that are no such text.</summary>
    public static bool IsDamage(Exception error) => error is IOException or InvalidDataException or ArgumentException or NotSupportedException;

    /// <summary>Says that a file is damaged.</summary>
    public static TrainingException Damaged(string path, Exception error) => new(error is DecoderFallbackException
        ? $"{path} has bytes that are no UTF-8. Save it as UTF-8."
        : $"{path} cannot be read: {error.Message}", error);

    /// <summary>Text as it can be shown: no control characters, not too long.</summary>
    public static string Shown(ReadOnlySpan<char> text)
    {
        const int Most = 200;
        var shown = text[..Math.Min(text.Length, Most)].ToArray();
        for (var place = 0; place < shown.Length; place++)
        {
            shown[place] = char.IsControl(shown[place]) ? '?' : shown[place];
        }

        return new string(shown) + (text.Length > Most ? "..." : "");
    }

    /// <summary>Opens a file.</summary>
    /// <exception cref="TrainingException">It is not there, may not be read, or is packed in a way that cannot be read.</exception>
    public static Stream Open(string path)
    {
        try
        {
            var stream = File.OpenRead(path);
            Span<byte> start = stackalloc byte[6];
            start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            stream.Position = 0;
            if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            {
                return new GzipText(stream);
            }

            foreach (var (signature, name) in Unreadable)
            {
                if (start.StartsWith(signature))
                {
                    stream.Dispose();
                    throw new TrainingException(name == "Parquet"
                        ? $"{path} is a Parquet file: give it a name that ends in .parquet."
                        : $"{path} is packed with {name}; text can be plain or gzipped. Unpack it, or pack it with gzip.");
                }
            }

            return stream;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{path} cannot be read: {error.Message}", error);
        }
    }
}
