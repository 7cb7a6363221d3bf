using System.Globalization;
using Reco.Training.Cli;
using Reco.Training.Model;
using Reco.Training.Tuning;

namespace Reco.Training.Tests.Tuning;

[Collection(TrainsCollection.Name)]
public sealed class HyperSearchTests
{
    private static readonly TrainingOptions Options = new() { Epochs = 1, BatchSize = 512, Dimension = 16, Device = "cpu" };

    [Fact]
    public void Run_SeveralTrials_StartsWithWhatIsGivenAndRanksByValidation()
    {
        var said = new List<string>();
        var ranked = new HyperSearch(Options, SmallShop.Make(), TimeProvider.System, said.Add).Run(3, TimeSpan.FromHours(1), CancellationToken.None);
        Assert.Equal(3, ranked.Count);
        Assert.Equal(3, said.Count);
        Assert.Contains("--dimension=16", said[0], StringComparison.Ordinal);
        Assert.Equal(ranked.Select(trial => trial.Ndcg).OrderDescending(), ranked.Select(trial => trial.Ndcg));
        Assert.Equal(3, ranked.Select(trial => trial.Options).Distinct().Count());
        Assert.All(ranked, trial => Assert.Equal(Options.Seed, trial.Options.Seed));
    }

    [Fact]
    public void Run_BudgetThatIsSpent_StopsAfterTheTrialThatRuns() =>
        Assert.Single(new HyperSearch(Options, SmallShop.Make(), TimeProvider.System, _ => { }).Run(50, TimeSpan.Zero, CancellationToken.None));

    [Fact]
    public async Task Tune_DemoShop_SaysWhatToRunWith()
    {
        using var folder = new TemporaryFolder();
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var error = new StringWriter(CultureInfo.InvariantCulture);
        string[] args = ["tune", .. (await SmallShop.OptionsAsync(folder.Path, "store"))[1..].Where(option => option.StartsWith("--data", StringComparison.Ordinal)), "--trials=1", "--epochs=1", "--batch-size=512"];
        Assert.True(await TrainingCommand.RunAsync(args, output, error) == 0, error.ToString());
        Assert.Contains("best of 1: validation ndcg@10", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, await TrainingCommand.RunAsync([.. args, "--minutes=0"], output, error));
        Assert.Contains("--minutes is 0", error.ToString(), StringComparison.Ordinal);
    }
}
