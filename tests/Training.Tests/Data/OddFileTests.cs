using System.IO.Compression;
using System.Text;
using Reco.Training.Data;
using Reco.Training.Data.Storage;

namespace Reco.Training.Tests.Data;

/// <summary>Files as people have them: right, or refused with what is wrong, where, and what to do.</summary>
public sealed class OddFileTests : IDisposable
{
    private const string Rows = "u,i,t\na,1,1600000000\nb,2,1600000100\n";
    private const string Columns = """ "columns": { "user": "u", "item": "i", "time": "t" } """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("u,i,t\r\na,1,1600000000\r\nb,2,1600000100\r\n")]
    [InlineData("\uFEFFu,i,t\na,1,1600000000\nb,2,1600000100\n")]
    [InlineData("u,i,t\n\na,1,1600000000\n\n\nb,2,1600000100\n\n")]
    [InlineData("u,i,t,,\na,1,1600000000,,\nb,2,1600000100,,\n")]
    [InlineData("u,i,t\n\"a\",\"1\",2020-09-13 12:26:40 UTC\nb,2,2020-09-13T12:28:20Z\n")]
    [InlineData("u,i,t\na,1,1600000000000\nb,2,1600000100000\n")]
    [InlineData("u,i,t\na,1,1600000000000000\nb,2,1600000100000000\n")]
    [InlineData("u,i,t\na,1,1600000000000000000\nb,2,1600000100000000000\n")]
    public async Task Csv_WaysToWriteTheSame_GiveTheSameEvents(string text)
    {
        var shop = await LoadAsync(Encoding.UTF8.GetBytes(text));
        Assert.Equal([new Interaction(0, 0, 1_600_000_000), new Interaction(1, 1, 1_600_000_100)], shop.Interactions);
        Assert.Equal(["a", "b"], shop.Users);
    }

    [Fact]
    public async Task Csv_QuotesLineBreaksAndLetters_ComeBackWhole()
    {
        var shop = await LoadAsync(Encoding.UTF8.GetBytes("u,i,t\n\"line\nbreak, \"\"quote\"\"\",日本 😀,1600000000\n"));
        Assert.Equal("line\nbreak, \"quote\"", Assert.Single(shop.Users));
        Assert.Equal("日本 😀", Assert.Single(shop.Items).Id);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("u,i,t\n", "no rows")]
    [InlineData("u;i;t\na;1;1600000000\n", "separated by commas")]
    [InlineData("u,u,i,t\na,x,1,1600000000\n", "two columns u")]
    [InlineData("u,i,t\na,1,13/01/2020\n", "line 2: t is \"13/01/2020\"")]
    [InlineData("u,i,t\na,1,\n", "1 events without time (first: events.csv, line 2), dropped")]
    [InlineData("u,i,t\n\"a,1,1600000000\n", "line 2")]
    public async Task Csv_ThatCannotBeRight_SaysWhy(string text, string message) => await RefusesAsync(Encoding.UTF8.GetBytes(text), message);

    [Fact]
    public async Task Csv_BytesThatAreNoUtf8_AreRefused() => await RefusesAsync(Encoding.Latin1.GetBytes("u,i,t\nü,1,1600000000\nö,1,1600000000\n"), "no UTF-8");

    [Fact]
    public async Task Csv_PackedOtherwise_SaysHow() => await RefusesAsync([0x28, 0xB5, 0x2F, 0xFD, 0, 0, 0, 0], "Zstandard");

    [Fact]
    public async Task Gzip_TwoPartsWhateverTheName_AreReadWhole()
    {
        var split = Rows.IndexOf("b,", StringComparison.Ordinal);
        var shop = await LoadAsync([.. Pack(Rows[..split]), .. Pack(Rows[split..])]);
        Assert.Equal(2, shop.Interactions.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(0)]
    public async Task Gzip_CutOff_IsRefusedAlsoWhereALineEnds(int bytes)
    {
        using var packed = new MemoryStream();
        await using (var stream = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(Rows));
            await stream.FlushAsync();
            if (bytes == 0)
            {
                await RefusesAsync(packed.ToArray(), "cut off");
                return;
            }
        }

        await RefusesAsync(packed.ToArray()[..^bytes], "cut off");
    }

    [Theory]
    [InlineData("""{ "events": null, $ }""", "'events'")]
    [InlineData("""{ "events": "events.csv", $, "items": { "id": "x" } }""", "'path'")]
    [InlineData("""{ "events": "events.csv", "columns": { "user": "u", "item": "i" } }""", "'time'")]
    [InlineData("""{ "events": "events.csv", "columns": { "user": "u", "item": "u", "time": "t" } }""", "u is named twice")]
    [InlineData("""{ "events": "events.csv", $, "rules": { "duplicate": "explode" } }""", "$.rules.duplicate")]
    public async Task Configuration_Wrong_NamesTheKeyAndNoType(string json, string message)
    {
        folder.Write("events.csv", Rows);
        var path = folder.Write("data.json", json.Replace("$,", Columns + ",", StringComparison.Ordinal).Replace("$ ", Columns, StringComparison.Ordinal));
        var error = await Assert.ThrowsAsync<TrainingException>(() => EventLogLoader.LoadAsync(path, EventStorage.InMemory, default));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("data.json", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Reco.Training", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RecBole_SeveralSplits_AreRefused()
    {
        folder.Write("x.train.inter", "user_id:token\titem_id:token\ttimestamp:float\nu\ti\t1\n");
        folder.Write("x.test.inter", "user_id:token\titem_id:token\ttimestamp:float\nu\ti\t2\n");
        var error = await Assert.ThrowsAsync<TrainingException>(() => RecBoleLoader.LoadAsync(folder.Path, new ValidationRules(), EventStorage.InMemory, default));
        Assert.Contains("x.test.inter, x.train.inter", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Pack(string text)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    private async Task RefusesAsync(byte[] events, string message)
    {
        var error = await Assert.ThrowsAsync<TrainingException>(() => LoadAsync(events));
        Assert.Contains("events.csv", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private async Task<Shop> LoadAsync(byte[] events)
    {
        await File.WriteAllBytesAsync(Path.Combine(folder.Path, "events.csv"), events);
        return await EventLogLoader.LoadAsync(folder.Write("data.json", $$"""{ "events": "events.csv", {{Columns}} }"""), EventStorage.InMemory, default);
    }
}
