using CsCheck;
using Reco.Training.Checkpoints;
using Reco.Training.Data;
using Reco.Training.Evaluation;
using Reco.Training.Model;
using Reco.Training.Ranking;

namespace Reco.Training.Tests.Ranking;

[Collection(TrainsCollection.Name)]
public sealed class RankerTests : IDisposable
{
    private const int Items = 60;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(nameof(RankerKind.Neural))]
    [InlineData(nameof(RankerKind.Trees))]
    [InlineData(nameof(RankerKind.Distilled))]
    public void Fit_RepeatBuyersAndTowersThatIgnoreThem_LearnsToPutTheHistoryFirst(string name)
    {
        var kind = Enum.Parse<RankerKind>(name);
        var search = Fit(kind, seed: 3);
        var kept = Assert.Single(search.Choices, choice => choice.Kept);
        Assert.Equal(kind, kept.Kind);
        Assert.True(kept.Ndcg > search.TowersNdcg + 0.2, $"{kept.Ndcg} against {search.TowersNdcg}");
        Assert.Equal(kind == RankerKind.Trees, search.Weights!.Head is TreeHead);

        // Item 5 was bought, item 6 was not; the towers prefer item 6.
        var scores = search.Weights.Score([6, 0, 0, 0, 0, 0], [5, 6, 7, 8], [0.1f, 0.9f, 0.2f, 0.3f]);
        Assert.Equal(0, Array.IndexOf(scores, scores.Max()));
    }

    [Fact]
    public void Fit_Auto_KeepsTheSmallestThatOrdersAsWellAsTheBest()
    {
        var search = Fit(RankerKind.Auto, seed: 4);
        Assert.Equal([RankerKind.Neural, RankerKind.Trees, RankerKind.Distilled], search.Choices.Select(choice => choice.Kind));
        var good = search.Choices.Where(choice => choice.Ndcg >= search.Choices.Max(other => other.Ndcg) * 0.995).ToArray();
        Assert.Equal(good.MinBy(choice => choice.Bytes), Assert.Single(search.Choices, choice => choice.Kept));
    }

    [Fact]
    public void Fit_NothingToLearn_KeepsTheTowersOrder()
    {
        // Everybody buys what the towers put first.
        var held = Enumerable.Range(0, 80).ToDictionary(user => user, user => new[] { (user % Items) });
        var search = new RankerTrainer(Options(RankerKind.Auto, 1), _ => { }).Fit(
            new FixedTowers((user, item) => item == user % Items ? 1 : 0.001f * ((item * 7) % 13)), Tables(), Tables(), new Histories(Log(1), 200), held, CancellationToken.None);
        Assert.Equal(1, search.TowersNdcg, 6);
        Assert.Null(search.Weights);
        Assert.DoesNotContain(search.Choices, choice => choice.Kept);
    }

    [Fact]
    public void Fit_TooFewRowsForATree_GrowsNone()
    {
        var lists = Enumerable.Range(0, 20).Select(user => new CandidateList([user % 2, 1, (user + 1) % 2, 1], [1, 0], 1)).ToArray();
        var forest = LambdaRank.Fit(lists, 5, seed: 1);
        Assert.Empty(forest.Roots);
        Assert.Equal(0, forest.Score([1, 1]));
        Assert.Empty(forest.Take(3).Roots);
    }

    [Fact]
    public void Fit_GainWithinWhatCountsAsEqual_KeepsTheTowersOrder()
    {
        // Everybody buys what the towers put first, but for one of a hundred, who buys again what the towers put second.
        var held = Enumerable.Range(0, 600).ToDictionary(user => user, user => new[] { user % Items });
        var log = Log(1).Where(entry => entry.User % 100 != 0).Concat([new Interaction(0, 1, 5_000_000), new Interaction(100, 41, 5_000_000)]).ToArray();
        (held[0], held[100]) = ([1], [41]);
        var search = new RankerTrainer(Options(RankerKind.Auto, 1), _ => { }).Fit(
            new FixedTowers((user, item) => item == user % Items ? 2 : item == (user % Items) + 1 ? 1.9f : 0.001f * ((item * 7) % 13)), Tables(), Tables(), new Histories(log, 600), held, CancellationToken.None);
        Assert.Null(search.Weights);
        Assert.DoesNotContain(search.Choices, choice => choice.Kept);
    }

    [Fact]
    public void Fit_SameSeed_GivesTheSameTreesAndAnotherNumberOfThemTheirBeginning()
    {
        var (first, second) = ((TreeHead)Fit(RankerKind.Trees, 5).Weights!.Head, (TreeHead)Fit(RankerKind.Trees, 5).Weights!.Head);
        Assert.Equal(first.Value, second.Value);
        Assert.Equal(first.Feature, second.Feature);
        Gen.Float[-3, 3].Array[Tables().Count].Sample(features =>
        {
            var taken = Enumerable.Range(0, first.Roots.Length + 1).Select(trees => first.Take(trees).Score(features)).ToArray();
            Assert.Equal(0, taken[0]);
            Assert.Equal(first.Score(features), taken[^1]);
            Assert.All(Enumerable.Range(0, first.Roots.Length), tree => Assert.Equal(first.Tree(first.Roots[tree], features), taken[tree + 1] - taken[tree], 1e-5f));
        }, iter: 50, threads: 1);
    }

    [Theory]
    [InlineData(nameof(RankerKind.Neural))]
    [InlineData(nameof(RankerKind.Trees))]
    public void WeightFile_OfARanker_ReadsWhatWasWritten(string kind)
    {
        var ranker = Fit(Enum.Parse<RankerKind>(kind), 6).Weights!;
        WeightFile.Write(Path.Combine(folder.Path, "ranker.bin"), ranker);
        var read = WeightFile.ReadRanker(Path.Combine(folder.Path, "ranker.bin"))!;
        Gen.Select(Gen.Long[1, Items].Array[6], Gen.Int[0, Items - 1].HashSet[1, 20], Gen.Int).Sample((recent, candidates, seed) =>
        {
            var random = new Random(seed);
            int[] items = [.. candidates];
            float[] scores = [.. items.Select(_ => random.NextSingle())];
            Assert.Equal(ranker.Score(recent, items, scores), read.Score(recent, items, scores));
        }, iter: 50, threads: 1);
    }

    private static TrainingOptions Options(RankerKind kind, int seed) => new() { Ranker = kind, Candidates = 20, Epochs = 6, History = 6, Seed = seed };

    /// <summary>Users who buy again what they bought, and towers that order by chance.</summary>
    private static RankerSearch Fit(RankerKind kind, int seed)
    {
        var log = Log(seed);
        var histories = new Histories(log, 200);
        var held = Enumerable.Range(0, 200).ToDictionary(user => user, user => histories.All(user).Distinct().Order().Take(2).ToArray());
        return new RankerTrainer(Options(kind, seed), _ => { }).Fit(
            new FixedTowers((user, item) => new Random((user * 1_000) + item).NextSingle()), Tables(), Tables(), histories, held, CancellationToken.None);
    }

    private static Interaction[] Log(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 200 * 4).Select(index => new Interaction(index % 200, random.Next(Items), index * 3_600))];
    }

    private static RankerFeatures Tables()
    {
        var categories = new long[Items, 1];
        for (var item = 0; item < Items; item++)
        {
            categories[item, 0] = 1 + (item % 5);
        }

        return RankerFeatures.From(Log(9), 200, categories, history: 6, days: 7);
    }

    private sealed class FixedTowers(Func<int, int, float> score) : IRanker
    {
        public string Name => "fixed";

        public int Items => RankerTests.Items;

        public void Score(int user, Span<float> scores)
        {
            for (var item = 0; item < scores.Length; item++)
            {
                scores[item] = score(user, item);
            }
        }
    }
}
