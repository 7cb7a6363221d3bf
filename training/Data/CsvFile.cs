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
        var text = DataFile.OpenText(path);
        try
        {
            // The header is read as a row, for a reader with a header refuses two columns of one name, also where nobody asks for them.
            var reader = Sep.New(',').Reader(options => options with { HasHeader = false, Unescape = true, DisableColCountCheck = true }).From(text);
            var file = new CsvFile(path, reader, reader.MoveNext() ? Names(reader.Current) : []);
            if (file.Flaw([.. required]) is { } flaw)
            {
                file.Dispose();
                throw new TrainingException($"{path}{flaw}");
            }

            return file;
        }
        catch (Exception error) when (DataFile.IsDamage(error))
        {
            text.Dispose();
            throw DataFile.Damaged(path, error);
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
        catch (Exception error) when (DataFile.IsDamage(error))
        {
            throw DataFile.Damaged($"{path}, after line {Line},", error);
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

    private static string[] Names(SepReader.Row header)
    {
        var names = new string[header.ColCount];
        for (var column = 0; column < names.Length; column++)
        {
            names[column] = header[column].Span.Trim(" \"\uFEFF").ToString();
        }

        return names;
    }

    /// <summary>What is wrong with the header; null where nothing is.</summary>
    private string? Flaw(string[] required)
    {
        if (columns.Length == 0)
        {
            return $" is empty; its first line must name the columns {string.Join(", ", required)}.";
        }

        if (required.Where(column => !columns.Contains(column, StringComparer.Ordinal)).ToArray() is { Length: > 0 } missing)
        {
            var separator = columns is [var only] && only.AsSpan().ContainsAny(";\t|") ? " Fields must be separated by commas." : "";
            return $", line 1: the header has no column {string.Join(", ", missing)}; it has {DataFile.Shown(string.Join(", ", columns))}.{separator}";
        }

        return required.FirstOrDefault(column => columns.Count(name => name == column) > 1) is { } twice
            ? $", line 1: the header has two columns {twice}; which one is meant? Rename one."
            : null;
    }

    private TrainingException Malformed(int column, ReadOnlySpan<char> value, string expected) =>
        new($"{path}, line {Line}: {columns[column]} is \"{DataFile.Shown(value)}\"; it must be {expected}. Mend or remove the line.");
}
