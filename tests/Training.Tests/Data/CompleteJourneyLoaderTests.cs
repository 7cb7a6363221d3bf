using System.IO.Compression;
using System.Text;
using Reco.Training.Data;
using Reco.Training.Data.Storage;

namespace Reco.Training.Tests.Data;

public sealed class CompleteJourneyLoaderTests : IDisposable
{
    private const string Products = "product_id,manufacturer_id,department,brand,product_category,product_type,package_size\n1,m,D,B,C,\"Milk, whole\",1 L\n2,m,D,B,NA,NA,\n";
    private const string Header = "household_id,product_id,quantity,transaction_timestamp\n";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Load_GapsInTheData_KeepsThemAndSaysSo()
    {
        var shop = await LoadAsync(Header + "7,1,1,2017-01-02T00:00:00Z\n7,9,2,2017-01-01T00:00:00Z\n8,2,0,2017-01-01T00:00:00Z\n");
        Assert.Equal(2, shop.Interactions.Length);
        Assert.True(shop.Interactions[0].Time < shop.Interactions[1].Time);
        Assert.Equal(["1", "9", "2"], shop.Items.Select(item => item.Id));
        Assert.Equal("Milk, Whole, 1 L", shop.Items[0].Name);
        Assert.Contains(shop.Findings, finding => finding.What.Contains("no positive quantity", StringComparison.Ordinal) && finding.Example.Contains("line 4", StringComparison.Ordinal));
        Assert.Contains(shop.Findings, finding => finding.What.Contains("no catalogue row", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("7,1,1,2017-01-02T00:00:00Z\n7,1,x,2017-01-02T00:00:00Z\n", "line 3", "quantity")]
    [InlineData("7,1,1,yesterday\n", "line 2", "transaction_timestamp")]
    [InlineData("7,1,1\n", "line 2", "3 fields")]
    [InlineData(",1,1,2017-01-02T00:00:00Z\n", "line 2", "household_id")]
    public async Task Load_MalformedLine_NamesFileLineAndColumn(string lines, string line, string what)
    {
        var error = await Assert.ThrowsAsync<TrainingException>(() => LoadAsync(Header + lines));
        Assert.Contains("transactions.csv", error.Message, StringComparison.Ordinal);
        Assert.Contains(line, error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_MissingColumn_NamesIt()
    {
        var error = await Assert.ThrowsAsync<TrainingException>(() => LoadAsync("household_id,product_id,transaction_timestamp\n"));
        Assert.Contains("no column quantity", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_NoTransaction_SaysSo()
    {
        var error = await Assert.ThrowsAsync<TrainingException>(() => LoadAsync(Header));
        Assert.Contains("no transaction", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_MissingFile_NamesIt()
    {
        folder.Write("products.csv", Products);
        var error = await Assert.ThrowsAsync<TrainingException>(() => CompleteJourneyLoader.LoadAsync(folder.Path, EventStorage.InMemory, default));
        Assert.Contains("transactions.csv", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_EmptyFile_SaysSo()
    {
        var error = await Assert.ThrowsAsync<TrainingException>(() => LoadAsync(""));
        Assert.Contains("transactions.csv", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_DamagedGzip_NamesTheFile()
    {
        folder.Write("products.csv", Products);
        var path = Path.Combine(folder.Path, "transactions.csv.gz");
        await using (var stream = new GZipStream(File.Create(path), CompressionLevel.Fastest))
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(Header + string.Concat(Enumerable.Range(0, 5_000).Select(line => $"7,{line},1,2017-01-02T00:00:00Z\n"))));
        }

        var bytes = await File.ReadAllBytesAsync(path);
        bytes.AsSpan(bytes.Length / 2, 64).Fill(0xFF);
        await File.WriteAllBytesAsync(path, bytes);
        var error = await Assert.ThrowsAsync<TrainingException>(() => CompleteJourneyLoader.LoadAsync(folder.Path, EventStorage.InMemory, default));
        Assert.Contains("transactions.csv.gz", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_DemoShop_IsReadBackTheSame()
    {
        var demo = DemoShop.Make();
        await DemoShop.WriteAsync(demo, folder.Path, default);
        var shop = await CompleteJourneyLoader.LoadAsync(folder.Path, EventStorage.InMemory, default);
        static IEnumerable<(string, string, long)> Named(Shop shop) =>
            shop.Interactions.Select(entry => (shop.Users[entry.User], shop.Items[entry.Item].Id, entry.Time)).Order();
        Assert.Equal(Named(demo), Named(shop));
    }

    private Task<Shop> LoadAsync(string transactions)
    {
        folder.Write("products.csv", Products);
        folder.Write("transactions.csv", transactions);
        return CompleteJourneyLoader.LoadAsync(folder.Path, EventStorage.InMemory, default);
    }
}
