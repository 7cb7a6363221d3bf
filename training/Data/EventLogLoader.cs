using Reco.Training.Data.Storage;

namespace Reco.Training.Data;

/// <summary>Loads event logs by a mapping (<see cref="EventLogConfig"/>). Events stream: CSV line by line, Parquet one row group
/// at a time; what stays is 16 bytes an event, in memory or in a file, and the IDs.</summary>
internal static class EventLogLoader
{
    private const int CheckEvery = 65_536;

    /// <summary>Loads what a configuration file describes.</summary>
    public static async Task<Shop> LoadAsync(string configuration, EventStorage storage, CancellationToken cancellation)
    {
        var config = await EventLogConfig.ReadAsync(configuration, cancellation).ConfigureAwait(false);
        if (Directory.Exists(config.Events))
        {
            return (await RecBoleLoader.LoadAsync(config.Events, config.Rules, storage, cancellation).ConfigureAwait(false)) with { Name = config.Name! };
        }

        if (new[] { config.Events, config.Items?.Path }.FirstOrDefault(file => file is not null && !File.Exists(file)) is { } missing)
        {
            throw new TrainingException($"{configuration}: there is no file {missing}.");
        }

        var findings = new FindingCounter();
        var catalogue = config.Items is { } items ? ReadCatalogue(items, findings, cancellation) : null;
        using var collector = new EventCollector(config.Rules, findings, catalogue, storage);
        if (config.Events.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase))
        {
            await ParquetEvents.ReadAsync(config, collector, cancellation).ConfigureAwait(false);
        }
        else
        {
            ReadCsv(config, collector, cancellation);
        }

        var features = config.Items?.Features ?? [];
        return new Shop
        {
            Name = config.Name!,
            Interactions = collector.Finish(config.Events, cancellation),
            Hash = await FileHash.OfAsync(config.Items is null ? [config.Events] : [config.Events, config.Items.Path], cancellation).ConfigureAwait(false),
            Users = [.. collector.Users],
            Items = Item.Join(collector.Items, catalogue, id => new Item(id, $"Item {id}", [.. features.Select(_ => "")])),
            FeatureNames = features,
            Findings = findings.ToList(),
        };
    }

    private static Dictionary<string, Item> ReadCatalogue(CatalogueConfig config, FindingCounter findings, CancellationToken cancellation)
    {
        var catalogue = new Dictionary<string, Item>(StringComparer.Ordinal);
        var features = config.Features ?? [];
        using var file = CsvFile.Open(config.Path, config.Name is null ? [config.Id, .. features] : [config.Id, config.Name, .. features]);
        var (idColumn, nameColumn, featureColumns) = (file.Column(config.Id), config.Name is null ? -1 : file.Column(config.Name), features.Select(file.Column).ToArray());
        while (file.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            var id = file.Optional(idColumn).ToString();
            var name = nameColumn < 0 ? "" : file.Optional(nameColumn).ToString();
            if (id.Length == 0 || !catalogue.TryAdd(id, new Item(id, name.Length > 0 ? name : $"Item {id}", [.. featureColumns.Select(column => file.Optional(column).ToString())])))
            {
                findings.Add(id.Length == 0 ? "catalogue rows without ID" : "catalogue rows with an ID that came before", $"{file.Place}", "dropped");
            }
        }

        return catalogue;
    }

    private static void ReadCsv(EventLogConfig config, EventCollector collector, CancellationToken cancellation)
    {
        var columns = config.Columns!;
        using var file = CsvFile.Open(config.Events, columns.All);
        var (user, item, time, value) = (file.Column(columns.User), file.Column(columns.Item), file.Column(columns.Time), columns.Value is null ? -1 : file.Column(columns.Value));
        for (var row = 0L; file.Read(); row++)
        {
            if (row % CheckEvery == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            collector.Add(new RawEvent(file.Optional(user), file.Optional(item), file.OptionalTime(time), value < 0 ? null : file.OptionalNumber(value), file.Place));
        }
    }
}
