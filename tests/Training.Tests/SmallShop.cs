using System.Globalization;
using Reco.Training.Data;

namespace Reco.Training.Tests;

/// <summary>The seeded demo shop with a third of its customers: seconds to train on.</summary>
internal static class SmallShop
{
    /// <summary>The shop.</summary>
    public static Shop Make() => DemoShop.Make(customers: 200);

    /// <summary>Options of a run on it: it is written as files to a folder.</summary>
    public static async Task<string[]> OptionsAsync(string folder, string store, params string[] more)
    {
        var data = Path.Combine(folder, "data");
        if (!Directory.Exists(data))
        {
            await DemoShop.WriteAsync(Make(), data, CancellationToken.None);
        }

        return ["run", $"--data={data}", $"--store={Path.Combine(folder, store)}", "--name=shop", "--batch-size=256", string.Create(CultureInfo.InvariantCulture, $"--epochs={Epochs}"), $"--patience={Epochs}", "--baselines=personal", "--family=neural", .. more];
    }

    private const int Epochs = 4;
}

/// <summary>Tests that start processes of their own, train or make models: one after the other, so that two cores are enough and nobody
/// draws from the random numbers of libtorch between two draws of a fit.</summary>
[CollectionDefinition(Name)]
public sealed class TrainsCollection
{
    public const string Name = "trains";
}
