using Reco.Training.Data.Storage;

namespace Reco.Training.Data;

/// <summary>Loads a folder of RecBole's atomic files: tab-separated, a header of <c>name:type</c> fields. <c>*.inter</c> must have
/// user_id, item_id and timestamp, and may have rating; <c>*.item</c>, where it is there, describes items: its first
/// token_seq (or token) field with "title" or "name" in its name is the item's name, its other token fields are features.
/// <c>*.user</c> is not used: the towers learn users from what they did.</summary>
internal static class RecBoleLoader
{
    private const int CheckEvery = 65_536;

    /// <summary>True for a folder that holds atomic files.</summary>
    public static bool Recognises(string folder) => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.inter").Any();

    /// <summary>Loads and checks a folder.</summary>
    public static async Task<Shop> LoadAsync(string folder, ValidationRules rules, EventStorage storage, CancellationToken cancellation)
    {
        var inter = Single(folder, "*.inter") ?? throw new TrainingException($"{folder} has no .inter file.");
        var findings = new FindingCounter();
        var file = Single(folder, "*.item");
        var (names, catalogue) = file is null ? ([], null) : ReadItems(file, findings, cancellation);
        using var collector = new EventCollector(rules, findings, catalogue, storage);
        Read(inter, collector, rules.LeastValue, findings, cancellation);
        return new Shop
        {
            Name = Path.GetFileNameWithoutExtension(inter),
            Interactions = collector.Finish(inter, cancellation),
            Hash = await FileHash.OfAsync(file is null ? [inter] : [inter, file], cancellation).ConfigureAwait(false),
            Users = [.. collector.Users],
            Items = Item.Join(collector.Items, catalogue, id => new Item(id, $"Item {id}", [.. names.Select(_ => "")])),
            FeatureNames = names,
            Findings = findings.ToList(),
        };
    }

    private static void Read(string inter, EventCollector collector, double leastValue, FindingCounter findings, CancellationToken cancellation)
    {
        using var table = TabFile.Open(inter, "user_id", "item_id", "timestamp");
        var (user, item, time, rating) = (table.Column("user_id"), table.Column("item_id"), table.Column("timestamp"), table.Column("rating"));
        var (rated, first) = (0L, default(Place));
        while (table.Read())
        {
            if (table.Line % CheckEvery == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            var value = table.Number(rating);
            if (value is not null && rated++ == 0)
            {
                first = table.Place;
            }

            collector.Add(new RawEvent(table.Text(user), table.Text(item), table.Number(time) is { } moment ? EventTime.Seconds(moment) : null, value, table.Place));
        }

        if (rated > 0 && double.IsNegativeInfinity(leastValue))
        {
            findings.Add("events with a rating, which counts as an interaction however low it is; a .json file with the folder as events and rules.leastValue leaves low ones out", $"{first}", "kept", rated);
        }
    }

    private static string? Single(string folder, string pattern) => Directory.GetFiles(folder, pattern) switch
    {
        [] => null,
        [var file] => file,
        var several => throw new TrainingException($"{folder} has {several.Length} {pattern[1..]} files ({string.Join(", ", several.Select(Path.GetFileName).Order(StringComparer.Ordinal))}); keep one, for the data is split by time here."),
    };

    private static (string[] Features, Dictionary<string, Item> Items) ReadItems(string path, FindingCounter findings, CancellationToken cancellation)
    {
        var items = new Dictionary<string, Item>(StringComparer.Ordinal);
        using var table = TabFile.Open(path, "item_id");
        var title = table.Columns.FirstOrDefault(column => column.Contains("title", StringComparison.OrdinalIgnoreCase) || column.Contains("name", StringComparison.OrdinalIgnoreCase));
        var features = table.Columns.Where(column => column != "item_id" && column != title && table.IsToken(column)).ToArray();
        var (idColumn, titleColumn, featureColumns) = (table.Column("item_id"), title is null ? -1 : table.Column(title), features.Select(table.Column).ToArray());
        while (table.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            var (id, name) = ($"{table.Text(idColumn)}", $"{table.Text(titleColumn)}");
            if (id.Length == 0 || !items.TryAdd(id, new Item(id, name.Length == 0 ? $"Item {id}" : name, [.. featureColumns.Select(column => $"{table.Text(column)}")])))
            {
                findings.Add(id.Length == 0 ? "catalogue rows without ID" : "catalogue rows with an ID that came before", $"{table.Place}", "dropped");
            }
        }

        return (features, items);
    }
}
