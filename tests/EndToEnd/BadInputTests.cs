using System.IO.Compression;
using System.Net;
using System.Net.Sockets;

namespace Reco.EndToEnd;

/// <summary>What users give that cannot work, and what they are told.</summary>
public sealed class BadInputTests
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    [Fact]
    public async Task Up_UnknownConfigKey_NamesKeyAndKnownOnes()
    {
        await using var project = new ShopProject();
        await project.SucceedAsync("config", "set", "epocs", "5", "--stack", "dev");
        var up = await project.UpFailsAsync();
        Assert.Contains("reco:epocs", up.Text);
        Assert.Contains("did you mean epochs?", up.Text);
    }

    [Fact]
    public async Task Up_ValueOutOfRange_NamesKeyAndAllowedValues()
    {
        await using var project = new ShopProject();
        await project.SucceedAsync("config", "set", "target", "moon", "--stack", "dev");
        await project.SucceedAsync("config", "set", "scoringPort", "80", "--stack", "dev");
        var up = await project.UpFailsAsync();
        Assert.Contains("local, kubernetes", up.Text);
        Assert.Contains("from 30000 to 32767", up.Text);
    }

    [Fact]
    public async Task Up_MissingDataFolder_NamesKeyAndFolder()
    {
        await using var project = new ShopProject();
        await project.SucceedAsync("config", "set", "dataset", "no/such/folder", "--stack", "dev");
        var up = await project.UpFailsAsync();
        Assert.Contains("reco:dataset", up.Text);
        Assert.Contains("no/such/folder", up.Text);
    }

    [Fact]
    public async Task Up_MalformedCsvLine_FailsWithTheJobsLastLines()
    {
        await using var project = new ShopProject();
        var data = Directory.CreateDirectory(Path.Combine(project.Folder, "data")).FullName;
        await WriteAsync(data, "transactions.csv.gz", "household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,coupon_match_disc,week,transaction_timestamp\n"
            + "1,2,3,4,1,2.5,0,0,0,1,2017-01-01T10:00:00Z\n1,2,3,4,not-a-number,2.5,0,0,0,1,2017-01-02T10:00:00Z\n");
        await WriteAsync(data, "products.csv.gz", "product_id,manufacturer_id,department,brand,product_category,product_type,package_size\n4,1,GROCERY,National,MILK,WHOLE,1 L\n");
        await WriteAsync(data, "households.csv.gz", "household_id,age,income,home_ownership,marital_status,household_size,household_comp,kids_count\n1,19-24,Under 15K,NA,NA,1,NA,0\n");
        await project.SucceedAsync("config", "set", "dataset", "data", "--stack", "dev");

        var up = await project.UpFailsAsync();
        Assert.Contains("transactions.csv.gz", up.Text);
        Assert.Contains("line 3", up.Text);
    }

    [Fact]
    public async Task Up_PortInUse_NamesPort()
    {
        await using var project = new ShopProject();
        using var squatter = new TcpListener(IPAddress.Loopback, project.Port);
        squatter.Start();
        var up = await project.UpFailsAsync();
        Assert.Contains($"{project.Port}", up.Text);
        Assert.Contains("in use", up.Text);

        // The port is free again: the next run carries on and does not train anew.
        squatter.Stop();
        var second = await project.SucceedAsync("up", "--yes", "--stack", "dev");
        Assert.Equal(HttpStatusCode.OK, (await Http.GetAsync($"http://127.0.0.1:{project.Port}/v2/health/ready")).StatusCode);
        Assert.DoesNotContain("error", second.Output);
    }

    private static async Task WriteAsync(string folder, string name, string text)
    {
        await using var file = new GZipStream(File.Create(Path.Combine(folder, name)), CompressionLevel.Fastest);
        await using var writer = new StreamWriter(file);
        await writer.WriteAsync(text);
    }
}
