using System.Globalization;
using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Schema;

namespace Reco.Training.Data;

/// <summary>Loads event logs by a mapping (<see cref="EventLogConfig"/>). Events stream: CSV line by line, Parquet one row group
/// at a time; what stays in memory is 16 bytes an event and the IDs.</summary>
internal static class EventLogLoader
{
    /// <summary>Loads what a configuration file describes.</summary>
    public static async Task<Shop> LoadAsync(string configuration, CancellationToken cancellation)
    {
        var config = await EventLogConfig.ReadAsync(configuration, cancellation).ConfigureAwait(false);
        if (new[] { config.Events, config.Items?.Path }.FirstOrDefault(file => file is not null && !File.Exists(file)) is { } missing)
        {
            throw new TrainingException($"{configuration}: there is no file {missing}.");
        }

        var findings = new FindingCounter();
        var catalogue = config.Items is { } items ? await ReadCatalogueAsync(items, findings, cancellation).ConfigureAwait(false) : null;
        var collector = new EventCollector(config.Rules, findings);
        var events = config.Events.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase) ? ReadParquetAsync(config, cancellation) : ReadCsvAsync(config, cancellation);
        await foreach (var entry in events.ConfigureAwait(false))
        {
            collector.Add(entry, catalogue is null ? null : catalogue.ContainsKey);
        }

        var interactions = collector.Finish(config.Events);
        var known = collector.Items.ToHashSet(StringComparer.Ordinal);
        var features = config.Items?.Features ?? [];
        return new Shop
        {
            Name = config.Name!,
            Hash = await FileHash.OfAsync(config.Items is null ? [config.Events] : [config.Events, config.Items.Path], cancellation).ConfigureAwait(false),
            Users = [.. collector.Users],
            Items = [.. collector.Items.Select(id => catalogue?.GetValueOrDefault(id) ?? new Item(id, $"Item {id}", [.. features.Select(_ => "")])), .. catalogue?.Values.Where(item => !known.Contains(item.Id)) ?? []],
            FeatureNames = features,
            Interactions = interactions,
            Findings = findings.ToList(),
        };
    }

    private static async Task<Dictionary<string, Item>> ReadCatalogueAsync(CatalogueConfig config, FindingCounter findings, CancellationToken cancellation)
    {
        var catalogue = new Dictionary<string, Item>(StringComparer.Ordinal);
        var features = config.Features ?? [];
        string[] required = config.Name is null ? [config.Id, .. features] : [config.Id, config.Name, .. features];
        await using var file = await CsvFile.OpenAsync(config.Path, required, cancellation).ConfigureAwait(false);
        while (await file.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var id = file.Optional(config.Id);
            var name = config.Name is null ? "" : file.Optional(config.Name);
            if (id.Length == 0 || !catalogue.TryAdd(id, new Item(id, name.Length > 0 ? name : $"Item {id}", [.. features.Select(file.Optional)])))
            {
                findings.Add(id.Length == 0 ? "catalogue rows without ID" : "catalogue rows with an ID that came before", $"{file.Name}, line {file.Line}", "dropped");
            }
        }

        return catalogue;
    }

    private static async IAsyncEnumerable<RawEvent> ReadCsvAsync(EventLogConfig config, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var columns = config.Columns;
        await using var file = await CsvFile.OpenAsync(config.Events, columns.All, cancellation).ConfigureAwait(false);
        while (await file.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var place = $"{file.Name}, line {file.Line}";
            var value = columns.Value is null ? "" : file.Optional(columns.Value);
            yield return new RawEvent(
                file.Optional(columns.User), file.Optional(columns.Item), Time(file.Optional(columns.Time), place, columns.Time),
                value.Length == 0 ? null : file.Number(columns.Value!), place);
        }
    }

    private static async IAsyncEnumerable<RawEvent> ReadParquetAsync(EventLogConfig config, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var reader = await OpenParquetAsync(config.Events, cancellation).ConfigureAwait(false);
        var fields = reader.Schema.GetDataFields().ToDictionary(field => field.Name, StringComparer.Ordinal);
        var missing = config.Columns.All.Where(column => !fields.ContainsKey(column)).ToArray();
        if (missing.Length > 0)
        {
            throw new TrainingException($"{config.Events} has no column {string.Join(", ", missing)}; it has {string.Join(", ", fields.Keys)}.");
        }

        var name = Path.GetFileName(config.Events);
        var row = 0L;
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            using var rows = reader.OpenRowGroupReader(group);
            var users = await ColumnAsync(rows, fields[config.Columns.User], cancellation).ConfigureAwait(false);
            var items = await ColumnAsync(rows, fields[config.Columns.Item], cancellation).ConfigureAwait(false);
            var times = await ColumnAsync(rows, fields[config.Columns.Time], cancellation).ConfigureAwait(false);
            var values = config.Columns.Value is { } column ? await ColumnAsync(rows, fields[column], cancellation).ConfigureAwait(false) : null;
            for (var index = 0; index < users.Length; index++)
            {
                var place = $"{name}, row {++row}";
                yield return new RawEvent(
                    Id(users[index]), Id(items[index]), times[index] is string text ? Time(text, place, config.Columns.Time) : Time(times[index]),
                    values?[index] is { } value ? Convert.ToDouble(value, CultureInfo.InvariantCulture) : null, place);
            }
        }
    }

    private static async Task<ParquetReader> OpenParquetAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await ParquetReader.CreateAsync(path, cancellationToken: cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ParquetException)
        {
            throw new TrainingException($"{path} cannot be read as Parquet: {error.Message}", error);
        }
    }

    private static Task<object?[]> ColumnAsync(ParquetRowGroupReader rows, DataField field, CancellationToken cancellation) => field.ClrType switch
    {
        var type when type == typeof(string) || type == typeof(ReadOnlyMemory<char>) => StringsAsync(rows, field, cancellation),
        var type when type == typeof(long) => ValuesAsync<long>(rows, field, cancellation),
        var type when type == typeof(int) => ValuesAsync<int>(rows, field, cancellation),
        var type when type == typeof(double) => ValuesAsync<double>(rows, field, cancellation),
        var type when type == typeof(float) => ValuesAsync<float>(rows, field, cancellation),
        var type when type == typeof(DateTime) => ValuesAsync<DateTime>(rows, field, cancellation),
        var type => throw new TrainingException($"Column {field.Name} is of type {type.Name}; text, 32 and 64 bit numbers and times can be read."),
    };

    private static async Task<object?[]> StringsAsync(ParquetRowGroupReader rows, DataField field, CancellationToken cancellation)
    {
        var values = new string?[rows.RowCount];
        await rows.ReadAsync(field, values.AsMemory(), null, cancellation).ConfigureAwait(false);
        return values;
    }

    private static async Task<object?[]> ValuesAsync<T>(ParquetRowGroupReader rows, DataField field, CancellationToken cancellation)
        where T : struct
    {
        if (field.IsNullable)
        {
            var nullable = new T?[rows.RowCount];
            await rows.ReadAsync<T>(field, nullable.AsMemory(), null, cancellation).ConfigureAwait(false);
            return [.. nullable.Select(value => (object?)value)];
        }

        var values = new T[rows.RowCount];
        await rows.ReadAsync<T>(field, values.AsMemory(), null, cancellation).ConfigureAwait(false);
        return [.. values.Select(value => (object?)value)];
    }

    private static string Id(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static long? Time(object? value) => value switch
    {
        null => null,
        DateTime time => new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)).ToUnixTimeSeconds(),
        _ => Seconds(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
    };

    private static long? Time(string text, string place, string column) =>
        text.Length == 0 ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? Seconds(number)
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUnixTimeSeconds()
        : throw new TrainingException($"{place}: {column} is \"{text}\"; it must be a time in ISO 8601 or seconds or milliseconds since 1970. Mend or remove the line.");

    /// <summary>Numbers past the year 5138 in seconds are taken for milliseconds.</summary>
    private static long Seconds(double number) => (long)(Math.Abs(number) >= 1e11 ? number / 1_000 : number);
}
