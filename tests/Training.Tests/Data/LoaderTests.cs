using Parquet;
using Parquet.Schema;
using Reco.Training.Data;
using Reco.Training.Data.Storage;

namespace Reco.Training.Tests.Data;

public sealed class LoaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task RecBole_AtomicFiles_GiveEventsNamesAndFeatures()
    {
        folder.Write("x.inter", "user_id:token\titem_id:token\trating:float\ttimestamp:float\nu1\ti1\t5\t20\nu2\ti9\t1\t10\n");
        folder.Write("x.item", "item_id:token\tmovie_title:token_seq\tgenre:token\ni1\tToy Story\tAnimation\ni2\tHeat\tCrime\n");
        var shop = await RecBoleLoader.LoadAsync(folder.Path, new ValidationRules(), EventStorage.InMemory, default);
        Assert.Equal("x", shop.Name);
        Assert.Equal([10L, 20L], shop.Interactions.Select(entry => entry.Time));
        Assert.Equal(["Toy Story", "Item i9", "Heat"], shop.Items.Select(item => item.Name));
        Assert.Equal(["genre"], shop.FeatureNames);
        Assert.Contains(shop.Findings, finding => finding.What.Contains("no catalogue row", StringComparison.Ordinal));
        Assert.Contains(shop.Findings, finding => finding.What.Contains("older than", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EventLog_FolderOfAtomicFiles_ObeysTheRules()
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "films"));
        folder.Write("films/x.inter", "user_id:token\titem_id:token\trating:float\ttimestamp:float\nu1\ti1\t5\t10\nu2\ti9\t1\t20\n");
        var shop = await EventLogLoader.LoadAsync(folder.Write("log.json", """{ "name": "good films", "events": "films", "rules": { "leastValue": 3 } }"""), EventStorage.InMemory, default);
        Assert.Equal("good films", shop.Name);
        Assert.Equal(["u1"], shop.Users);
        Assert.Equal("dropped", Assert.Single(shop.Findings).Policy);
    }

    [Theory]
    [InlineData("""{ "events": "films", "columns": { "user": "u", "item": "i", "time": "t" } }""", "leave columns and items out")]
    [InlineData("""{ "events": "events.csv" }""", "columns is missing")]
    public async Task EventLog_ColumnsOfAFolderOrNoneOfAFile_SaysWhatBelongsThere(string config, string message)
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "films"));
        folder.Write("events.csv", "u,i,t\n");
        var error = await Assert.ThrowsAsync<TrainingException>(() => EventLogLoader.LoadAsync(folder.Write("log.json", config), EventStorage.InMemory, default));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RecBole_ShortLine_NamesFileAndLine()
    {
        folder.Write("x.inter", "user_id:token\titem_id:token\ttimestamp:float\nu1\ti1\t1\nu2\n");
        var error = await Assert.ThrowsAsync<TrainingException>(() => RecBoleLoader.LoadAsync(folder.Path, new ValidationRules(), EventStorage.InMemory, default));
        Assert.Contains("x.inter, line 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventLog_CsvAndParquet_GiveTheSameShop()
    {
        string[] users = ["a", "b", "a", "b"];
        string[] items = ["1", "2", "2", "3"];
        long[] times = [1_600_000_000, 1_600_000_100, 1_600_000_200, 1_600_000_300];
        folder.Write("events.csv", "customer,sku,ts\n" + string.Concat(users.Select((user, row) => $"{user},{items[row]},{times[row]}\n")));
        folder.Write("skus.csv", "sku,title,brand\n1,One,x\n2,Two,\n3,Three,y\n");
        await WriteParquetAsync(users, items, [.. times.Select(time => time * 1_000)]);
        var csv = await EventLogLoader.LoadAsync(Describe("events.csv"), EventStorage.InMemory, default);
        var parquet = await EventLogLoader.LoadAsync(Describe("events.parquet"), EventStorage.InMemory, default);
        Assert.Equal(csv.Interactions, parquet.Interactions);
        Assert.Equal(csv.Users, parquet.Users);
        Assert.Equal(["One", "Two", "Three"], parquet.Items.Select(item => item.Name));
    }

    [Fact]
    public async Task EventLog_ValuesOfZeroAndLessWithoutABound_AreKeptAndSaid()
    {
        folder.Write("events.csv", "u,i,t,v\na,1,1600000000,1\na,2,1600000001,0\na,3,1600000002,-2\n");
        const string Columns = """{ "events": "events.csv", "columns": { "user": "u", "item": "i", "time": "t", "value": "v" }""";
        var shop = await EventLogLoader.LoadAsync(folder.Write("log.json", Columns + " }"), EventStorage.InMemory, default);
        Assert.Equal(3, shop.Interactions.Length);
        var finding = Assert.Single(shop.Findings);
        Assert.Equal((2, "kept"), (finding.Count, finding.Policy));
        Assert.Contains("leastValue", finding.What, StringComparison.Ordinal);
        var bounded = await EventLogLoader.LoadAsync(folder.Write("log.json", Columns + """, "rules": { "leastValue": 1 } }"""), EventStorage.InMemory, default);
        Assert.Equal(1, bounded.Interactions.Length);
        Assert.DoesNotContain(bounded.Findings, other => other.What.Contains("leastValue", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("missingTime", "a,1,\n", "without time")]
    [InlineData("missingId", ",1,1600000000\n", "without user or item")]
    [InlineData("duplicate", "a,1,1600000000\na,1,1600000000\n", "twice")]
    [InlineData("outOfRange", "a,1,99999999999\n", "out of range")]
    [InlineData("outOfOrder", "a,1,1600000000\na,2,1500000000\n", "older than")]
    [InlineData("unknownItem", "a,7,1600000000\n", "no catalogue row")]
    public async Task EventLog_EachFlaw_ObeysItsPolicy(string rule, string lines, string what)
    {
        folder.Write("events.csv", "customer,sku,ts\nz,1,1400000000\n" + lines);
        folder.Write("skus.csv", "sku,title,brand\n1,One,x\n2,Two,y\n");
        var dropped = await EventLogLoader.LoadAsync(Describe("events.csv", $"\"{rule}\": \"drop\""), EventStorage.InMemory, default);
        var finding = Assert.Single(dropped.Findings, finding => finding.What.Contains(what, StringComparison.Ordinal));
        Assert.Equal("dropped", finding.Policy);
        Assert.Equal(lines.Count(letter => letter == '\n'), dropped.Interactions.Length);
        var error = await Assert.ThrowsAsync<TrainingException>(() => EventLogLoader.LoadAsync(Describe("events.csv", $"\"{rule}\": \"fail\""), EventStorage.InMemory, default));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventLog_UnknownKey_NamesFileLineAndKey()
    {
        folder.Write("events.csv", "customer,sku,ts\na,1,1600000000\n");
        var error = await Assert.ThrowsAsync<TrainingException>(() => EventLogLoader.LoadAsync(Describe("events.csv", "\"noSuchRule\": \"drop\""), EventStorage.InMemory, default));
        Assert.Contains("noSuchRule", error.Message, StringComparison.Ordinal);
        Assert.Contains("shop.json, line 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventLog_FileThatIsNoParquet_SaysSo()
    {
        folder.Write("events.parquet", "customer,sku,ts\n");
        folder.Write("skus.csv", "sku,title,brand\n1,One,x\n");
        var error = await Assert.ThrowsAsync<TrainingException>(() => EventLogLoader.LoadAsync(Describe("events.parquet"), EventStorage.InMemory, default));
        Assert.Contains("events.parquet", error.Message, StringComparison.Ordinal);
    }

    private string Describe(string events, string rules = "") => folder.Write("shop.json",
        $$"""{ "events": "{{events}}", "columns": { "user": "customer", "item": "sku", "time": "ts" }, "items": { "path": "skus.csv", "id": "sku", "name": "title", "features": ["brand"] }, "rules": { {{rules}} } }""");

    private async Task WriteParquetAsync(string[] users, string[] items, long[] times)
    {
        var (user, item, time) = (new DataField<string>("customer"), new DataField<string>("sku"), new DataField<long>("ts"));
        await using var stream = File.Create(Path.Combine(folder.Path, "events.parquet"));
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(user, item, time), stream);
        foreach (var part in new[] { 0..2, 2..4 })
        {
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync(user, users[part]);
            await rows.WriteAsync(item, items[part]);
            await rows.WriteAsync<long>(time, times[part].AsMemory());
        }
    }
}
