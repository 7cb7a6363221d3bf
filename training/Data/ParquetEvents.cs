using Parquet;

namespace Reco.Training.Data;

/// <summary>Reads events from Parquet, one row group at a time: the columns that are mapped of one group are in memory.</summary>
internal static class ParquetEvents
{
    /// <summary>Reads every event of a file.</summary>
    public static async Task ReadAsync(EventLogConfig config, EventCollector collector, CancellationToken cancellation)
    {
        try
        {
            await using var reader = await ParquetReader.CreateAsync(config.Events, new ParquetOptions { TreatByteArrayAsString = true }, cancellation).ConfigureAwait(false);
            var fields = reader.Schema.GetDataFields().Where(field => field.Path.Length == 1).DistinctBy(field => field.Name).ToDictionary(field => field.Name, StringComparer.Ordinal);
            var missing = config.Columns!.All.Where(column => !fields.ContainsKey(column)).ToArray();
            if (missing.Length > 0)
            {
                throw new TrainingException($"{config.Events} has no column {string.Join(", ", missing)} of single values; it has {DataFile.Shown(string.Join(", ", fields.Keys))}.");
            }

            var name = Path.GetFileName(config.Events);
            ParquetColumn Column(string column) => ParquetColumn.Of(fields[column], name);
            var (user, item, time) = (Column(config.Columns!.User), Column(config.Columns.Item), Column(config.Columns.Time));
            var value = config.Columns!.Value is { } of ? Column(of) : null;
            var (read, userText, itemText) = (0L, default(char[]), default(char[]));
            for (var group = 0; group < reader.RowGroupCount; group++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var rows = reader.OpenRowGroupReader(group);
                foreach (var column in new[] { user, item, time, value }.OfType<ParquetColumn>())
                {
                    await column.LoadAsync(rows, cancellation).ConfigureAwait(false);
                }

                for (var row = 0; row < rows.RowCount; row++)
                {
                    var place = new Place(name, "row", ++read);
                    collector.Add(new RawEvent(user.Text(row, ref userText), item.Text(row, ref itemText), time.Time(row, place), value?.Number(row, place), place));
                }
            }
        }
        catch (Exception error) when (error is not (TrainingException or OperationCanceledException))
        {
            // The library has no one exception for a file that is damaged: it falls over what it meets.
            throw new TrainingException($"{config.Events} cannot be read as Parquet: {error.Message}", error);
        }
    }
}
