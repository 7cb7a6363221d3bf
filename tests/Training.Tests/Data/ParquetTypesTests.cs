using Parquet;
using Parquet.Schema;
using Reco.Training.Data;
using Reco.Training.Data.Storage;

namespace Reco.Training.Tests.Data;

/// <summary>Columns of Parquet in the types that writers choose.</summary>
public sealed class ParquetTypesTests : IDisposable
{
    private const long First = 1_600_000_000;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Time_InEveryUnitAndType_IsTheSame()
    {
        var moment = DateTimeOffset.FromUnixTimeSeconds(First).UtcDateTime;
        await TimesAsync(new DataField<int>("t"), (int)First);
        await TimesAsync(new DataField<long>("t"), First * 1_000);
        await TimesAsync(new DataField<long>("t"), First * 1_000_000);
        await TimesAsync(new DataField<double>("t"), (double)First);
        await TimesAsync(new DecimalDataField("t", 18, 3), (decimal)First);
        await TimesAsync(new DateTimeDataField("t", DateTimeFormat.Impala), moment);
        await TimesAsync(new DateTimeDataField("t", DateTimeFormat.Timestamp, unit: DateTimeTimeUnit.Millis), moment);
        await TimesAsync(new DateTimeDataField("t", DateTimeFormat.Timestamp, unit: DateTimeTimeUnit.Micros), moment);
        await TimesAsync(new DateTimeDataField("t", DateTimeFormat.Timestamp, unit: DateTimeTimeUnit.Nanos), moment);
    }

    [Fact]
    public async Task Rows_WithoutValues_AreCountedAndDropped()
    {
        var (user, item, time) = (new DataField<long?>("u"), new DataField<string>("i"), new DataField<long?>("t"));
        await WriteAsync(new ParquetSchema(user, item, time), async rows =>
        {
            await rows.WriteAsync<long>(user, new long?[] { 7, null, 8, 9 });
            await rows.WriteAsync(item, new string?[] { "a", "a", null, "b" });
            await rows.WriteAsync<long>(time, new long?[] { First, First, First, null });
        });
        var shop = await LoadAsync();
        Assert.Equal([new Interaction(0, 0, First)], shop.Interactions);
        Assert.Equal(["7"], shop.Users);
        Assert.Contains(shop.Findings, finding => finding is { Count: 2, What: "events without user or item", Example: "events.parquet, row 2" });
        Assert.Contains(shop.Findings, finding => finding is { Count: 1, What: "events without time", Example: "events.parquet, row 4" });
    }

    [Fact]
    public async Task Column_OfNoUse_IsRefusedByName()
    {
        var error = await Assert.ThrowsAsync<TrainingException>(() => TimesAsync(new DataField<bool>("t"), true));
        Assert.Contains("events.parquet: column t holds boolean", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_WithAnyByteWrong_IsReadOrRefused()
    {
        await TimesAsync(new DataField<long>("t"), First);
        var path = Path.Combine(folder.Path, "events.parquet");
        var right = await File.ReadAllBytesAsync(path);
        var random = new Random(5);
        for (var round = 0; round < 100; round++)
        {
            var wrong = right.ToArray();
            wrong[random.Next(4, wrong.Length)] ^= (byte)random.Next(1, 256);
            await File.WriteAllBytesAsync(path, wrong);
            var error = await Record.ExceptionAsync(LoadAsync);
            Assert.True(error is null or TrainingException, $"{error}");
        }
    }

    private async Task TimesAsync<T>(DataField time, T value)
        where T : struct
    {
        var (user, item) = (new DataField<string>("u"), new DataField<Guid>("i"));
        await WriteAsync(new ParquetSchema(user, item, time), async rows =>
        {
            await rows.WriteAsync(user, new[] { "a" });
            await rows.WriteAsync<Guid>(item, new[] { Guid.Empty });
            await rows.WriteAsync<T>(time, new[] { value });
        });
        var shop = await LoadAsync();
        Assert.Equal([new Interaction(0, 0, First)], shop.Interactions);
        Assert.Equal($"{Guid.Empty}", shop.Items[0].Id);
    }

    private async Task WriteAsync(ParquetSchema schema, Func<ParquetRowGroupWriter, Task> write)
    {
        await using var stream = File.Create(Path.Combine(folder.Path, "events.parquet"));
        await using var writer = await ParquetWriter.CreateAsync(schema, stream);
        using var rows = writer.CreateRowGroup();
        await write(rows);
    }

    private Task<Shop> LoadAsync() => EventLogLoader.LoadAsync(
        folder.Write("data.json", """{ "events": "events.parquet", "columns": { "user": "u", "item": "i", "time": "t" } }"""), EventStorage.InMemory, default);
}
