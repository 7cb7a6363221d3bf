using System.Globalization;
using Reco.Training.Data;
using Reco.Training.Distributed;

namespace Reco.Training.Model;

/// <summary>What was chosen on a validation period.</summary>
/// <param name="Weights">Towers that know nothing of the period.</param>
/// <param name="Ndcg">Their nDCG@10 in it.</param>
/// <param name="Neural">The search for the number of epochs, where that family was tried.</param>
/// <param name="Lambda">Regularisation of linear towers; null where neural ones were chosen.</param>
internal sealed record TowerChoice(TowerWeights Weights, double Ndcg, SearchResult? Neural, double? Lambda)
{
    /// <summary>The family.</summary>
    public Family Family => Lambda is null ? Family.Neural : Family.Linear;
}

/// <summary>Chooses the family of the towers and its settings on a validation period, and fits them again to more data.</summary>
/// <param name="options">Hyper-parameters.</param>
/// <param name="shape">Sizes.</param>
/// <param name="trainer">Fits neural towers.</param>
/// <param name="say">Is told what was found.</param>
/// <param name="workers">Other workers; the first one decides for all.</param>
internal sealed class TowerSearch(TrainingOptions options, TwoTowerShape shape, Trainer trainer, Action<string> say, ICollective? workers = null)
{
    /// <summary>Chooses.</summary>
    /// <param name="train">Purchases before the period.</param>
    /// <param name="held">Purchases in it.</param>
    /// <param name="hideSeen">True where nothing is consumed twice: what a user has had already is no answer.</param>
    /// <param name="cancellation">Stops it.</param>
    public TowerChoice Choose(InteractionLog train, IReadOnlyDictionary<int, int[]> held, bool hideSeen, CancellationToken cancellation)
    {
        var neural = options.Family == Family.Linear ? null : trainer.FindEpochs(train, held, hideSeen, cancellation);
        var linear = TriesLinear(train) ? LinearTowers.Tune(train, held, shape, options.Seed, hideSeen, cancellation) : default;
        if (neural is not null && linear.Weights is not null)
        {
            say(string.Create(CultureInfo.InvariantCulture, $"validation ndcg@10: neural towers {neural.Ndcg:F4}, linear towers {linear.Ndcg:F4} with lambda {linear.Lambda}"));
        }

        // One worker decides for all, for sums may differ in their last bit.
        double[] decided = [neural is not null && !(linear.Weights is not null && linear.Ndcg > neural.Ndcg) ? 1 : 0];
        workers?.Broadcast(decided);
        return decided[0] == 1 ? new TowerChoice(neural!.Weights, neural.Ndcg, neural, null) : new TowerChoice(linear.Weights!, linear.Ndcg, neural, linear.Lambda);
    }

    /// <summary>Fits what was chosen to more purchases.</summary>
    public TowerWeights Fit(TowerChoice choice, InteractionLog train, CancellationToken cancellation) => choice.Lambda is { } lambda
        ? LinearTowers.Fit(train, shape, lambda, options.Seed)
        : trainer.Fit(train, choice.Neural!.Turns, cancellation).Weights;

    private bool TriesLinear(InteractionLog train)
    {
        if (options.Family != Family.Auto || LinearTowers.IsCheap(shape, train))
        {
            return options.Family != Family.Neural;
        }

        say($"linear towers: not tried, for they would take too long or too much memory with {train.Length} interactions of {shape.Users} users and {shape.Items} items; --family=linear tries them alone");
        return false;
    }
}
