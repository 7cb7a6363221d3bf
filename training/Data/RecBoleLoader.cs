using System.Globalization;

namespace Reco.Training.Data;

/// <summary>Loads a folder of RecBole's atomic files: tab-separated, a header of <c>name:type</c> fields. <c>*.inter</c> must have
/// user_id and item_id, and may have timestamp and rating; <c>*.item</c>, where it is there, describes items: its first
/// token_seq (or token) field with "title" or "name" in its name is the item's name, its other token fields are features.
/// <c>*.user</c> is not used: the towers learn users from what they did.</summary>
internal static class RecBoleLoader
{
    /// <summary>True for a folder that holds atomic files.</summary>
    public static bool Recognises(string folder) => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.inter").Any();

    /// <summary>Loads and checks a folder.</summary>
    public static async Task<Shop> LoadAsync(string folder, ValidationRules rules, CancellationToken cancellation)
    {
        var inter = Single(folder, "*.inter") ?? throw new TrainingException($"{folder} has no .inter file.");
        var findings = new FindingCounter();
        var (names, catalogue) = Single(folder, "*.item") is { } file ? await ReadItemsAsync(file, findings, cancellation).ConfigureAwait(false) : ([], null);
        var collector = new EventCollector(rules, findings);
        await using (var table = await TabFile.OpenAsync(inter, ["user_id", "item_id"], cancellation).ConfigureAwait(false))
        {
            while (await table.ReadAsync(cancellation).ConfigureAwait(false))
            {
                collector.Add(
                    new RawEvent(table["user_id"], table["item_id"], (long?)table.Number("timestamp"), table.Number("rating"), $"{Path.GetFileName(inter)}, line {table.Line}"),
                    catalogue is null ? null : catalogue.ContainsKey);
            }
        }

        var interactions = collector.Finish(inter);
        var known = collector.Items.ToHashSet(StringComparer.Ordinal);
        var items = collector.Items.Select(id => catalogue?.GetValueOrDefault(id) ?? new Item(id, $"Item {id}", [.. names.Select(_ => "")]))
            .Concat(catalogue?.Values.Where(item => !known.Contains(item.Id)) ?? []).ToArray();
        return new Shop
        {
            Name = Path.GetFileNameWithoutExtension(inter),
            Hash = await FileHash.OfAsync(Single(folder, "*.item") is { } item ? [inter, item] : [inter], cancellation).ConfigureAwait(false),
            Users = [.. collector.Users],
            Items = items,
            FeatureNames = names,
            Interactions = interactions,
            Findings = findings.ToList(),
        };
    }

    private static string? Single(string folder, string pattern) => Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal).FirstOrDefault();

    private static async Task<(string[] Features, Dictionary<string, Item> Items)> ReadItemsAsync(string path, FindingCounter findings, CancellationToken cancellation)
    {
        var items = new Dictionary<string, Item>(StringComparer.Ordinal);
        await using var table = await TabFile.OpenAsync(path, ["item_id"], cancellation).ConfigureAwait(false);
        var title = table.Columns.FirstOrDefault(column => column.Contains("title", StringComparison.OrdinalIgnoreCase) || column.Contains("name", StringComparison.OrdinalIgnoreCase));
        var features = table.Columns.Where(column => column != "item_id" && column != title && table.IsToken(column)).ToArray();
        while (await table.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var id = table["item_id"];
            var name = title is null || table[title].Length == 0 ? $"Item {id}" : table[title];
            if (id.Length == 0 || !items.TryAdd(id, new Item(id, name, [.. features.Select(column => table[column])])))
            {
                findings.Add(id.Length == 0 ? "catalogue rows without ID" : "catalogue rows with an ID that came before", $"{Path.GetFileName(path)}, line {table.Line}", "dropped");
            }
        }

        return (features, items);
    }

    /// <summary>A tab-separated file with a typed header, read line by line.</summary>
    private sealed class TabFile(string path, StreamReader reader, Dictionary<string, (int Index, string Type)> columns) : IAsyncDisposable
    {
        private string[] fields = [];

        public int Line { get; private set; } = 1;

        public IEnumerable<string> Columns => columns.Keys;

        public string this[string column] => columns.TryGetValue(column, out var known) ? fields[known.Index] : "";

        public static async Task<TabFile> OpenAsync(string path, string[] required, CancellationToken cancellation)
        {
            var reader = File.OpenText(path);
            var header = await reader.ReadLineAsync(cancellation).ConfigureAwait(false) ?? "";
            var columns = header.Split('\t').Select((field, index) => (Parts: field.Split(':'), index))
                .DistinctBy(field => field.Parts[0]).ToDictionary(field => field.Parts[0], field => (field.index, field.Parts.Length > 1 ? field.Parts[1] : "token"), StringComparer.Ordinal);
            var missing = required.Where(column => !columns.ContainsKey(column)).ToArray();
            if (missing.Length == 0)
            {
                return new TabFile(path, reader, columns);
            }

            reader.Dispose();
            throw new TrainingException($"{path}, line 1: the header has no field {string.Join(", ", missing)}; it has {string.Join(", ", columns.Keys)}. Fields are name:type, separated by tabs.");
        }

        public bool IsToken(string column) => columns[column].Type.StartsWith("token", StringComparison.Ordinal);

        public async ValueTask<bool> ReadAsync(CancellationToken cancellation)
        {
            if (await reader.ReadLineAsync(cancellation).ConfigureAwait(false) is not { } line)
            {
                return false;
            }

            Line++;
            fields = line.Split('\t');
            return fields.Length == columns.Count
                ? true
                : throw new TrainingException($"{path}, line {Line}: the line has {fields.Length} fields; the header has {columns.Count}. Mend or remove the line.");
        }

        public double? Number(string column)
        {
            var text = this[column];
            return text.Length == 0 ? null
                : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value
                : throw new TrainingException($"{path}, line {Line}: {column} is \"{text}\"; it must be a number. Mend or remove the line.");
        }

        public ValueTask DisposeAsync()
        {
            reader.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
