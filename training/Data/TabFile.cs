using System.Globalization;

namespace Reco.Training.Data;

/// <summary>A tab-separated file with a typed header (<c>name:type</c>), as RecBole's atomic files are, read line by line.</summary>
internal sealed class TabFile : IDisposable
{
    private readonly string path;
    private readonly StreamReader reader;
    private readonly (string Name, string Type)[] columns;
    private readonly Range[] fields;
    private string line = "";

    private TabFile(string path, StreamReader reader, (string Name, string Type)[] columns)
    {
        (this.path, this.reader, this.columns) = (path, reader, columns);
        fields = new Range[columns.Length + 1];
    }

    /// <summary>Number of the current line; the header is line 1.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>The current line as a place.</summary>
    public Place Place => new(Path.GetFileName(path), "line", Line);

    /// <summary>Names of the fields.</summary>
    public IEnumerable<string> Columns => columns.Select(column => column.Name);

    /// <summary>Opens a file and checks its header.</summary>
    public static TabFile Open(string path, params string[] required)
    {
        var reader = DataFile.OpenText(path);
        try
        {
            (string Name, string Type)[] columns = [.. (reader.ReadLine() ?? "").Split('\t').Select(field => field.Split(':')).Select(parts => (parts[0].Trim(), parts.Length > 1 ? parts[1].Trim() : "token"))];
            if (columns is [("", _)])
            {
                throw new TrainingException($"{path} is empty; its first line must name the fields {string.Join(", ", required)}.");
            }

            var missing = required.Where(name => columns.All(column => column.Name != name)).ToArray();
            return missing.Length == 0
                ? new TabFile(path, reader, columns)
                : throw new TrainingException($"{path}, line 1: the header has no field {string.Join(", ", missing)}; it has {DataFile.Shown(string.Join(", ", columns.Select(column => column.Name)))}. Fields are name:type, separated by tabs.");
        }
        catch (Exception error) when (error is TrainingException || DataFile.IsDamage(error))
        {
            reader.Dispose();
            throw error as TrainingException ?? DataFile.Damaged(path, error);
        }
    }

    /// <summary>Index of a field; -1 for none.</summary>
    public int Column(string name) => Array.FindIndex(columns, column => column.Name == name);

    /// <summary>True for a field of text.</summary>
    public bool IsToken(string column) => columns[Column(column)].Type.StartsWith("token", StringComparison.Ordinal);

    /// <summary>Goes to the next line that is not blank; false at the end.</summary>
    public bool Read()
    {
        do
        {
            try
            {
                if (reader.ReadLine() is not { } next)
                {
                    return false;
                }

                line = next;
            }
            catch (Exception error) when (DataFile.IsDamage(error))
            {
                throw DataFile.Damaged($"{path}, after line {Line},", error);
            }

            Line++;
        }
        while (line.Length == 0);
        var count = line.AsSpan().Split(fields, '\t');
        return count == columns.Length
            ? true
            : throw new TrainingException($"{path}, line {Line}: the line has {line.Count(letter => letter == '\t') + 1} fields; the header has {columns.Length}. Mend or remove the line.");
    }

    /// <summary>A field; empty for a field that the file does not have.</summary>
    public ReadOnlySpan<char> Text(int column) => column < 0 ? default : line.AsSpan(fields[column]);

    /// <summary>A finite number; null where the file says nothing.</summary>
    public double? Number(int column)
    {
        var text = Text(column);
        return text.IsEmpty ? null
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value
            : throw new TrainingException($"{path}, line {Line}: {columns[column].Name} is \"{DataFile.Shown(text)}\"; it must be a number. Mend or remove the line.");
    }

    /// <inheritdoc/>
    public void Dispose() => reader.Dispose();
}
