using System.Globalization;
using System.IO.Compression;
using nietras.SeparatedValues;

namespace Reco.Training.Data;

/// <summary>A CSV file with a header, plain or gzipped, read line by line. Every complaint names file, line and column.</summary>
internal sealed class CsvFile : IAsyncDisposable
{
    private readonly Dictionary<string, int> columns;
    private readonly SepReader reader;
    private readonly string path;
    private string[] fields = [];

    private CsvFile(string path, SepReader reader, Dictionary<string, int> columns)
    {
        this.path = path;
        this.reader = reader;
        this.columns = columns;
        Line = 1;
    }

    /// <summary>Name of the file, without its folder.</summary>
    public string Name => Path.GetFileName(path);

    /// <summary>Number of the current line in the file; the header is line 1.</summary>
    public int Line { get; private set; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="TrainingException">A column is missing, or the file cannot be read.</exception>
    public static async Task<CsvFile> OpenAsync(string path, IEnumerable<string> required, CancellationToken cancellation)
    {
        try
        {
            Stream stream = File.OpenRead(path);
            if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            {
                stream = new GZipStream(stream, CompressionMode.Decompress);
            }

            var reader = await Sep.New(',').Reader(options => options with { Unescape = true, DisableColCountCheck = true })
                .FromAsync(stream, cancellation).ConfigureAwait(false);
            var columns = reader.Header.ColNames.Select((name, index) => (name: name.Trim('"', ' ', '\uFEFF'), index))
                .DistinctBy(column => column.name).ToDictionary(column => column.name, column => column.index, StringComparer.Ordinal);
            var missing = required.Where(column => !columns.ContainsKey(column)).ToArray();
            return missing.Length == 0
                ? new CsvFile(path, reader, columns)
                : throw new TrainingException($"{path}, line 1: the header has no column {string.Join(", ", missing)}; it has {string.Join(", ", columns.Keys)}.");
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new TrainingException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Goes to the next line; false at the end.</summary>
    /// <exception cref="TrainingException">The line has another number of fields than the header, or the file is damaged.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            if (!await reader.MoveNextAsync(cancellation).ConfigureAwait(false))
            {
                return false;
            }
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            throw new TrainingException($"{path}, after line {Line}: {error.Message}", error);
        }

        Take();
        return true;
    }

    /// <summary>A field that must be there.</summary>
    public string Required(string column) =>
        Optional(column) is { Length: > 0 } value ? value : throw Malformed(column, "", "a value");

    /// <summary>A field, empty where the file says nothing or NA.</summary>
    public string Optional(string column) => fields[columns[column]] is var value && value is "NA" ? "" : value;

    /// <summary>A finite number.</summary>
    public double Number(string column) =>
        double.TryParse(Required(column), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw Malformed(column, Required(column), "a number");

    /// <summary>A time in ISO 8601, as Unix seconds.</summary>
    public long Timestamp(string column) =>
        DateTimeOffset.TryParse(Required(column), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value)
            ? value.ToUnixTimeSeconds()
            : throw Malformed(column, Required(column), "a time such as 2017-01-28T19:06:53Z");

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        reader.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A reader's row is a ref struct: its fields are copied out before the next await.</summary>
    private void Take()
    {
        var row = reader.Current;
        Line = row.LineNumberFrom;
        if (row.ColCount != columns.Count)
        {
            throw new TrainingException($"{path}, line {Line}: the line has {row.ColCount} fields; the header has {columns.Count}. Mend or remove the line.");
        }

        if (fields.Length != row.ColCount)
        {
            fields = new string[row.ColCount];
        }

        for (var column = 0; column < fields.Length; column++)
        {
            fields[column] = row[column].ToString();
        }
    }

    private TrainingException Malformed(string column, string value, string expected) =>
        new($"{path}, line {Line}: {column} is \"{value}\"; it must be {expected}. Mend or remove the line.");
}
