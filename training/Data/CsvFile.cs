using System.Globalization;
using nietras.SeparatedValues;

namespace Reco.Training.Data;

/// <summary>A CSV file with a header, plain or gzipped, read line by line. Every complaint names file, line and column.</summary>
internal sealed class CsvFile : IDisposable
{
    private readonly string[] columns;
    private readonly SepReader reader;
    private readonly string path;

    private CsvFile(string path, SepReader reader, string[] columns)
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

    /// <summary>The current line as a place.</summary>
    public Place Place => new(Name, "line", Line);

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="TrainingException">A column is missing, or the file cannot be read.</exception>
    public static CsvFile Open(string path, params IEnumerable<string> required)
    {
        var stream = DataFile.Open(path);
        try
        {
            var reader = Sep.New(',').Reader(options => options with { Unescape = true, DisableColCountCheck = true }).From(stream);
            string[] columns = [.. reader.Header.ColNames.Select(name => name.Trim('"', ' ', '\uFEFF'))];
            var file = new CsvFile(path, reader, columns);
            var missing = required.Where(column => !columns.Contains(column, StringComparer.Ordinal)).ToArray();
            if (missing.Length == 0)
            {
                return file;
            }

            file.Dispose();
            throw new TrainingException(columns.Length == 0
                ? $"{path} is empty; its first line must name the columns {string.Join(", ", missing)}."
                : $"{path}, line 1: the header has no column {string.Join(", ", missing)}; it has {string.Join(", ", columns)}.");
        }
        catch (Exception error) when (IsDamage(error))
        {
            stream.Dispose();
            throw new TrainingException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Index of a column that the file was opened with.</summary>
    public int Column(string name) => Array.IndexOf(columns, name);

    /// <summary>Goes to the next line that is not blank; false at the end.</summary>
    /// <exception cref="TrainingException">The line has another number of fields than the header, or the file is damaged.</exception>
    public bool Read()
    {
        try
        {
            do
            {
                if (!reader.MoveNext())
                {
                    return false;
                }
            }
            while (reader.Current.ColCount == 1 && reader.Current.Span.IsEmpty);
        }
        catch (Exception error) when (IsDamage(error))
        {
            throw new TrainingException($"{path}, after line {Line}: {error.Message}", error);
        }

        var row = reader.Current;
        Line = row.LineNumberFrom;
        return row.ColCount == columns.Length
            ? true
            : throw new TrainingException($"{path}, line {Line}: the line has {row.ColCount} fields; the header has {columns.Length}. Mend or remove the line.");
    }

    /// <summary>A field that must be there.</summary>
    public ReadOnlySpan<char> Required(int column) => Optional(column) is { IsEmpty: false } value ? value : throw Malformed(column, "", "a value");

    /// <summary>A field, empty where the file says nothing or NA.</summary>
    public ReadOnlySpan<char> Optional(int column) => reader.Current[column].Span is var value && value is "NA" ? default : value;

    /// <summary>A finite number; null where the file says nothing.</summary>
    public double? OptionalNumber(int column)
    {
        var text = Optional(column);
        return text.IsEmpty ? null
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value
            : throw Malformed(column, text, "a number");
    }

    /// <summary>A finite number that must be there.</summary>
    public double Number(int column) => OptionalNumber(column) ?? throw Malformed(column, "", "a number");

    /// <summary>A moment as Unix seconds; null where the file says nothing.</summary>
    public long? OptionalTime(int column)
    {
        var text = Optional(column);
        return text.IsEmpty ? null
            : EventTime.TryParse(text, out var seconds) ? seconds
            : throw Malformed(column, text, EventTime.Expected);
    }

    /// <summary>A moment that must be there, as Unix seconds.</summary>
    public long Time(int column) => OptionalTime(column) ?? throw Malformed(column, "", EventTime.Expected);

    /// <inheritdoc/>
    public void Dispose() => reader.Dispose();

    /// <summary>What the reader throws for bytes that are no such file, and for a quote that nothing closes.</summary>
    private static bool IsDamage(Exception error) => error is IOException or InvalidDataException or NotSupportedException or ArgumentException;

    private TrainingException Malformed(int column, ReadOnlySpan<char> value, string expected) =>
        new($"{path}, line {Line}: {columns[column]} is \"{value}\"; it must be {expected}. Mend or remove the line.");
}
