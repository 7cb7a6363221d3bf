using System.Globalization;
using Reco.Training.Data;
using Reco.Training.Model;

namespace Reco.Training.Tuning;

/// <summary>One set of hyper-parameters that was tried.</summary>
/// <param name="Options">The set.</param>
/// <param name="Ndcg">nDCG@10 on the validation period, after the best number of epochs.</param>
/// <param name="Epochs">That number.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record Trial(TrainingOptions Options, double Ndcg, string Epochs, double Seconds)
{
    /// <summary>The set as options of a run.</summary>
    public string Arguments => string.Create(CultureInfo.InvariantCulture,
        $"--dimension={Options.Dimension} --learning-rate={Options.LearningRate:G3} --weight-decay={Options.WeightDecay:G3} --negatives={Options.Negatives} --popular-negatives={Options.PopularNegatives} --item-dropout={Options.ItemDropout}");
}

/// <summary>Searches hyper-parameters of the neural towers at random (Bergstra and Bengio 2012) within a budget. Everything is decided on
/// the validation period, which lies inside the training side: the held-out period stays unseen, so that what is reported of the
/// winner later is not flattered.</summary>
/// <param name="options">What is tried first, and what is not searched.</param>
/// <param name="shop">Data.</param>
/// <param name="time">Measures the budget.</param>
/// <param name="say">Is told of each trial.</param>
internal sealed class HyperSearch(TrainingOptions options, Shop shop, TimeProvider time, Action<string> say)
{
    private static readonly int[] Dimensions = [32, 64, 96, 128];
    private static readonly int[] Negatives = [256, 1_024, 4_096];
    private static readonly double[] PopularShares = [0, 0.25, 0.5];
    private static readonly double[] ItemDropouts = [0, 0.1, 0.3];

    /// <summary>Tries sets until the budget is spent. The trial that is running when the time is up is finished; at least one is made.</summary>
    /// <param name="trials">Most trials.</param>
    /// <param name="budget">Most time.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <returns>The trials, best first; of equal ones the earlier first.</returns>
    public IReadOnlyList<Trial> Run(int trials, TimeSpan budget, CancellationToken cancellation)
    {
        var split = TimeSplit.Last(shop.Interactions, options.HoldoutDays);
        var validation = TimeSplit.Validation(split.Train, options.HoldoutDays).Sample(options.EvaluationUsers, options.Seed);
        var random = new Random(options.Seed);
        var begin = time.GetTimestamp();
        var done = new List<Trial>();
        while (done.Count < trials && (done.Count == 0 || time.GetElapsedTime(begin) < budget))
        {
            cancellation.ThrowIfCancellationRequested();
            var choice = done.Count == 0 ? options : Draw(random);
            var start = time.GetTimestamp();
            var trainer = new Trainer(choice, shop, null, (_, _) => { });
            var found = trainer.FindEpochs(validation.Train, validation.Held, hideSeen: false, cancellation);
            var trial = new Trial(choice, found.Ndcg, trainer.Turns.InEpochs(found.Turns), time.GetElapsedTime(start).TotalSeconds);
            done.Add(trial);
            say(string.Create(CultureInfo.InvariantCulture, $"trial {done.Count}/{trials}: validation ndcg@10 {trial.Ndcg:F4} after {trial.Epochs} epochs, {trial.Seconds:F0} s: {trial.Arguments}"));
        }

        return [.. done.OrderByDescending(trial => trial.Ndcg)];
    }

    private TrainingOptions Draw(Random random) => options with
    {
        Dimension = Pick(Dimensions, random),
        LearningRate = LogUniform(0.0005, 0.02, random),
        WeightDecay = LogUniform(0.0001, 0.1, random),
        Negatives = Pick(Negatives, random),
        PopularNegatives = Pick(PopularShares, random),
        ItemDropout = Pick(ItemDropouts, random),
    };

    private static T Pick<T>(T[] choices, Random random) => choices[random.Next(choices.Length)];

    /// <summary>Three digits are enough, and what is printed is what was tried.</summary>
    private static double LogUniform(double low, double high, Random random)
    {
        var value = low * Math.Pow(high / low, random.NextDouble());
        return double.Parse(value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
