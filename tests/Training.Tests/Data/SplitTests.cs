using CsCheck;
using Reco.Training.Data;

namespace Reco.Training.Tests.Data;

public sealed class SplitTests
{
    private static readonly Gen<Interaction[]> Logs = Gen.Select(Gen.Int[0, 6], Gen.Int[0, 9], Gen.Long[0, 40 * 86_400L])
        .Array[2, 60].Select(entries => entries.Select(entry => new Interaction(entry.Item1, entry.Item2, entry.Item3))
            .OrderBy(entry => entry.Time).ThenBy(entry => entry.User).ThenBy(entry => entry.Item).ToArray());

    [Fact]
    public void Last_AnyLog_LeaksNothingAndLosesNothing() =>
        Logs.Where(log => log[^1].Time - log[0].Time >= 10 * 86_400L).Sample(log =>
        {
            var split = TimeSplit.Last(log, 10);
            Assert.All(split.Train, entry => Assert.True(entry.Time < split.Cut));
            var after = log.Where(entry => entry.Time >= split.Cut).ToArray();
            Assert.Equal(log.Length, split.Train.Length + after.Length);
            Assert.Equal(after.Select(entry => (entry.User, entry.Item)).Distinct().Order(), split.Held.SelectMany(user => user.Value.Select(item => (user.Key, item))).Order());
        }, iter: 500);

    [Fact]
    public void Validation_FewUsersInThePeriod_IsLongerButLeavesHalfToLearnFrom()
    {
        // One user a day.
        var log = Enumerable.Range(0, 1_000).Select(day => new Interaction(day % 400, 0, day * 86_400L)).ToArray();
        var longer = TimeSplit.Validation(log, 20);
        Assert.InRange(longer.HeldUsers, TimeSplit.ValidationUsers, 2 * TimeSplit.ValidationUsers);
        Assert.Equal(log.Length, longer.Train.Length + log.Count(entry => entry.Time >= longer.Cut));

        // Here half of the log has not as many, and here the period has enough.
        Assert.Equal(80, TimeSplit.Validation(log[..200], 20).HeldUsers);
        Assert.Equal(TimeSplit.Last(log, 180).Cut, TimeSplit.Validation(log, 180).Cut);
    }

    [Fact]
    public void Sample_MoreUsersThanWanted_IsTheSameSampleOfSomeAndLeavesTheRestAlone()
    {
        var split = TimeSplit.Last(Enumerable.Range(0, 400).Select(place => new Interaction(place % 100, place / 100, place * 86_400L)).ToArray(), 150);
        var sample = split.Sample(30, seed: 5);
        Assert.Equal(30, sample.Held.Count);
        Assert.Equal(100, sample.HeldUsers);
        Assert.Same(split.Train, sample.Train);
        Assert.All(sample.Held, user => Assert.Equal(split.Held[user.Key], user.Value));
        Assert.Equal(sample.Held.Keys, split.Sample(30, seed: 5).Held.Keys);
        Assert.NotEqual(sample.Held.Keys, split.Sample(30, seed: 6).Held.Keys);

        // As likely from either half: a sample of the first users would be those who came first.
        Assert.InRange(sample.Held.Keys.Count(user => user < 50), 8, 22);
        Assert.Same(split, split.Sample(100, seed: 5));
    }

    [Fact]
    public void Write_HistoryBeforeAMoment_NeverShowsThatMomentOrLater() =>
        Gen.Select(Logs, Gen.Int[0, 6], Gen.Long[0, 40 * 86_400L]).Sample((log, user, moment) =>
        {
            var recent = new long[8];
            var length = new Histories(log, 7).Write(user, moment, recent);
            var expected = log.Where(entry => entry.User == user && entry.Time < moment).Reverse().Take(8).Select(entry => entry.Item + 1L).ToArray();
            Assert.Equal(expected.Length, length);
            Assert.Equal(expected.Order(), recent[..length].Order());
            Assert.All(recent[length..], item => Assert.Equal(0, item));
        }, iter: 500);

    [Fact]
    public void Stratified_EachUser_KeepsItsShare()
    {
        var log = Enumerable.Range(0, 400).Select(index => new Interaction(index % 4, index, index)).ToArray();
        var split = StratifiedSplit.Make(log, 0.75, seed: 5);
        Assert.All(split.Train.CountBy(entry => entry.User), user => Assert.Equal(75, user.Value));
        Assert.All(split.Held.Values, items => Assert.Equal(25, items.Length));
        Assert.Empty(split.Train.Select(entry => entry.Item).Intersect(split.Held.Values.SelectMany(items => items)));
        Assert.Equal(split.Train, StratifiedSplit.Make(log, 0.75, seed: 5).Train);
        Assert.NotEqual(split.Train, StratifiedSplit.Make(log, 0.75, seed: 6).Train);
    }

    [Fact]
    public void LeaveLastOut_EachUser_HoldsOutTheLatestOnly()
    {
        var split = LeaveLastOutSplit.Make([new(0, 1, 1), new(1, 9, 2), new(0, 2, 3), new(0, 3, 4)]);
        Assert.Equal([3], split.Held[0]);
        Assert.False(split.Held.ContainsKey(1));
        Assert.Equal([1, 9, 2], split.Train.Select(entry => entry.Item));
    }
}
