using System.Globalization;
using System.Runtime.InteropServices;
using Reco.Training.Data;
using Reco.Training.Evaluation;
using Reco.Training.Model;

namespace Reco.Training.Ranking;

/// <summary>Learns the ranker on the validation period, from candidates of towers that know nothing of that period. Kinds and
/// their lengths are compared on users that a fit did not see, by folds: a fourth of them alone would say little.</summary>
internal sealed class RankerTrainer(TrainingOptions options, Action<string> say)
{
    private const int LeastUsers = 50;

    /// <summary>Users whose candidates are kept, with about 16 kB each: many for the two thousand parameters of the largest ranker.</summary>
    public const int MostUsers = 10_000;

    private const int Units = 32;
    private const int StudentUnits = 8;
    private const int MostEpochs = 20;
    private const int TreesAnEpoch = 5;
    private const int Folds = 4;

    /// <summary>Loss of nDCG@10 below which a smaller ranker counts as good as the best.</summary>
    private const double SameQuality = 0.005;

    /// <summary>Users by whom so small a difference can be seen.</summary>
    private const int UsersThatTell = 500;

    /// <summary>Share of the teacher in what a student learns; the rest is the purchases.</summary>
    private const float TeacherShare = 0.5f;

    private int Epochs => Math.Min(MostEpochs, options.Epochs);

    /// <summary>Fits a ranker.</summary>
    /// <param name="towers">First stage, fitted before the validation period.</param>
    /// <param name="features">Tables made before the validation period.</param>
    /// <param name="final">Tables that the ranker is to be served with.</param>
    /// <param name="histories">Histories before the validation period.</param>
    /// <param name="held">Purchases of the validation period.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public RankerSearch Fit(
        IRanker towers, RankerFeatures features, RankerFeatures final, Histories histories, IReadOnlyDictionary<int, int[]> held, CancellationToken cancellation)
    {
        var lists = Lists(towers, features, histories, held);
        if (lists.Count < LeastUsers)
        {
            say($"ranker: none, for {lists.Count} users bought something in the validation period and it takes {LeastUsers}; a longer --holdout-days has more");
            return RankerSearch.None;
        }

        new Random(options.Seed).Shuffle(CollectionsMarshal.AsSpan(lists));
        var folds = Enumerable.Range(0, Folds).Select(fold => new Fold(
            [.. lists.Where((_, place) => place % Folds != fold)], [.. lists.Where((_, place) => place % Folds == fold)])).ToArray();
        var alone = lists.Sum(list => list.Ndcg(null));
        var tried = new List<Trial>();
        if (options.Ranker != RankerKind.Trees)
        {
            tried.Add(Best(RankerKind.Neural, alone, Networks(folds, Units, null, cancellation)));
        }

        if (options.Ranker != RankerKind.Neural && CanGrowTrees())
        {
            tried.Add(Best(RankerKind.Trees, alone, Forests(folds, features.Count, cancellation)));
        }

        if (options.Ranker is RankerKind.Auto or RankerKind.Distilled && tried.MaxBy(trial => trial.Sum) is { Steps: > 0 } teacher)
        {
            tried.Add(Best(RankerKind.Distilled, alone, Networks(folds, StudentUnits, teacher, cancellation)) with { Teacher = teacher });
        }

        var kept = Choose(tried, alone, lists.Count);
        var choices = tried.Select(trial => new RankerChoice(trial.Kind, trial.Sum / lists.Count, trial.Steps, trial.Heads[0].Bytes, trial == kept)).ToArray();
        foreach (var choice in choices)
        {
            say(string.Create(CultureInfo.InvariantCulture,
                $"ranker, {choice.Name}: ndcg@10 {choice.Ndcg:F4} on users that it did not see ({lists.Count} in {Folds} folds), towers alone {alone / lists.Count:F4}, {choice.Steps} {(choice.Kind == RankerKind.Trees ? "trees" : "epochs")}, {choice.Bytes} bytes{(choice.Kept ? " (kept)" : "")}"));
        }

        return new RankerSearch(kept is null ? null : new RankerWeights(final, Fit(kept, lists, cancellation)), choices, alone / lists.Count);
    }

    private bool CanGrowTrees()
    {
        const string Missing = "LightGBM cannot be loaded; it needs libgomp.so.1 (apt-get install libgomp1)";
        if (LambdaRank.IsAvailable)
        {
            return true;
        }

        if (options.Ranker == RankerKind.Trees)
        {
            throw new TrainingException($"--ranker=trees: {Missing}.");
        }

        say($"ranker, trees: not tried, for {Missing}");
        return false;
    }

    private Trial? Choose(List<Trial> tried, double alone, int users)
    {
        // No ranker is the smallest of all: what gains less than what counts as equal is not worth its time. Few users cannot tell.
        if (options.Ranker == RankerKind.Auto && users >= UsersThatTell && alone >= tried.Max(trial => trial.Sum) * (1 - SameQuality))
        {
            return null;
        }

        var able = tried.Where(trial => trial.Sum > alone && (options.Ranker != RankerKind.Distilled || trial.Kind == RankerKind.Distilled)).ToArray();
        var best = able.Select(trial => trial.Sum).DefaultIfEmpty().Max();
        return able.Where(trial => trial.Sum >= best * (1 - SameQuality)).MinBy(trial => trial.Heads[0].Bytes);
    }

    private List<CandidateList> Lists(IRanker towers, RankerFeatures features, Histories histories, IReadOnlyDictionary<int, int[]> held)
    {
        var users = held.Keys.Order().ToArray();
        if (users.Length > MostUsers)
        {
            new Random(options.Seed).Shuffle(users);
            users = [.. users.Take(MostUsers).Order()];
            say($"ranker: learns from a random sample of {MostUsers} of the {held.Count} users");
        }

        var lists = new CandidateList[users.Length];
        Parallel.For(0, users.Length, row =>
        {
            var scores = new float[towers.Items];
            var recent = new long[options.History];
            towers.Score(users[row], scores);
            histories.Write(users[row], long.MaxValue, recent);
            var candidates = Candidates.Of(scores, recent, options.Candidates);
            var relevant = held[users[row]];
            var labels = candidates.Select(item => Array.BinarySearch(relevant, item) >= 0 ? 1f : 0f).ToArray();
            var values = new float[candidates.Length * features.Count];
            features.Write(recent, candidates, [.. candidates.Select(item => scores[item])], values);
            lists[row] = new CandidateList(values, labels, relevant.Length);
        });
        return [.. lists];
    }

    /// <summary>Networks of every fold, by epoch.</summary>
    private Curve Networks(Fold[] folds, int units, Trial? teacher, CancellationToken cancellation) => ByFold(folds, Epochs, cancellation, (fold, sums) =>
    {
        var after = new NetworkHead[Epochs + 1];
        RankerNetwork.Fit(folds[fold].Learn, teacher is null ? null : Targets(teacher.Heads[fold]), units, Epochs, options.Seed, (network, epoch) =>
        {
            sums[epoch] = folds[fold].Check.Sum(list => list.Ndcg(network.Score(list)));
            after[epoch] = network.Export();
        }, cancellation);
        return step => after[step];
    });

    /// <summary>Forests of every fold, by their first trees.</summary>
    private Curve Forests(Fold[] folds, int features, CancellationToken cancellation) => ByFold(folds, Epochs * TreesAnEpoch, cancellation, (fold, sums) =>
    {
        var forest = LambdaRank.Fit(folds[fold].Learn, sums.Length - 1, options.Seed);
        foreach (var list in folds[fold].Check)
        {
            var scores = new float[list.Labels.Length];
            for (var tree = 0; tree < forest.Roots.Length; tree++)
            {
                for (var place = 0; place < scores.Length; place++)
                {
                    scores[place] += forest.Tree(forest.Roots[tree], list.Features.AsSpan(place * features, features));
                }

                sums[tree + 1] += list.Ndcg(scores);
            }
        }

        return forest.Take;
    });

    /// <summary>Fits on every fold; a fit works on one thread, and folds go side by side.</summary>
    /// <param name="folds">Folds.</param>
    /// <param name="steps">Most steps of a fit.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="fit">Fits on a fold, given by its number, and fills in the sum of nDCG over the users that it did not see by step; returns
    /// what was learned by step.</param>
    private static Curve ByFold(Fold[] folds, int steps, CancellationToken cancellation, Func<int, double[], Func<int, RankerHead>> fit)
    {
        var (sums, heads) = (new double[folds.Length][], new Func<int, RankerHead>[folds.Length]);
        Parallel.For(0, folds.Length, new ParallelOptions { CancellationToken = cancellation }, fold => heads[fold] = fit(fold, sums[fold] = new double[steps + 1]));
        return new Curve([.. Enumerable.Range(0, steps + 1).Select(step => sums.Sum(fold => fold[step]))], step => [.. heads.Select(head => head(step))]);
    }

    /// <summary>The step at which a kind was best; 0 stands for the towers' own order.</summary>
    private static Trial Best(RankerKind kind, double alone, Curve curve)
    {
        curve.Sums[0] = alone;
        var best = Array.IndexOf(curve.Sums, curve.Sums.Max());
        return new Trial(kind, curve.Sums[best], best, curve.Heads(Math.Max(1, best)));
    }

    /// <summary>What a student learns of a list: the purchases, and as much of what the teacher makes of them.</summary>
    private static Func<CandidateList, float[]> Targets(RankerHead teacher) => list =>
    {
        var scores = teacher.ScoreRows(list.Features, list.Features.Length / list.Labels.Length);
        var (most, purchases) = (scores.Max(), list.Labels.Sum());
        var weights = scores.Select(score => MathF.Exp(score - most)).ToArray();
        var sum = weights.Sum();
        return [.. list.Labels.Select((label, place) => ((1 - TeacherShare) * label) + (TeacherShare * purchases * weights[place] / sum))];
    };

    private RankerHead Fit(Trial trial, List<CandidateList> lists, CancellationToken cancellation) => trial.Kind == RankerKind.Trees
        ? LambdaRank.Fit(lists, trial.Steps, options.Seed)
        : RankerNetwork.Fit(
            lists, trial.Teacher is null ? null : Targets(Fit(trial.Teacher, lists, cancellation)), trial.Teacher is null ? Units : StudentUnits,
            trial.Steps, options.Seed, static (_, _) => { }, cancellation).Export();

    private sealed record Fold(List<CandidateList> Learn, List<CandidateList> Check);

    private sealed record Curve(double[] Sums, Func<int, RankerHead[]> Heads);

    private sealed record Trial(RankerKind Kind, double Sum, int Steps, RankerHead[] Heads)
    {
        public Trial? Teacher { get; init; }
    }
}
