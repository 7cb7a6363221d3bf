using CsCheck;
using Reco.Training.Model;

namespace Reco.Training.Tests.Model;

public sealed class KMeansTests
{
    private static readonly Gen<(float[] Points, int Width, int K, int Seed)> Cases = Gen.Select(Gen.Int[1, 4], Gen.Int[1, 40], Gen.Int[1, 8], Gen.Int[0, 1_000])
        .SelectMany((width, count, k, seed) => Gen.Int[-9, 9].Array[width * count].Select(values => (values.Select(value => value / 2f).ToArray(), width, k, seed)));

    [Fact]
    public void Fit_AnyPoints_EachIsWithItsNearestCentre() => Cases.Sample(test =>
    {
        var found = KMeans.Fit(test.Points, test.Width, test.K, test.Seed);
        Assert.All(Rows(test.Points, test.Width).Zip(found.Groups), pair =>
        {
            Assert.Equal(found.Of(pair.First), pair.Second);
            var own = found.Distance(pair.Second, pair.First);
            Assert.All(Enumerable.Range(0, found.Count), group => Assert.True(own <= found.Distance(group, pair.First)));
        });
    }, iter: 300);

    [Fact]
    public void Fit_AnyPoints_CentresAreTheMeansOfTheirMembers() => Cases.Sample(test =>
    {
        var found = KMeans.Fit(test.Points, test.Width, test.K, test.Seed);
        foreach (var members in Rows(test.Points, test.Width).Zip(found.Groups).GroupBy(pair => pair.Second, pair => pair.First))
        {
            for (var c = 0; c < test.Width; c++)
            {
                Assert.Equal(members.Average(row => row[c]), found.Centres[(members.Key * test.Width) + c], 1e-3f);
            }
        }
    }, iter: 300);

    [Fact]
    public void Fit_AnyPoints_TheErrorNeverRisesAndTheSameSeedGivesTheSameGroups() => Cases.Sample(test =>
    {
        var found = KMeans.Fit(test.Points, test.Width, test.K, test.Seed);
        Assert.All(found.Errors.Zip(found.Errors.Skip(1)), pair => Assert.True(pair.Second <= pair.First + (1e-4 * (1 + pair.First)), $"{pair.First} to {pair.Second}"));
        var again = KMeans.Fit(test.Points, test.Width, test.K, test.Seed);
        Assert.Equal(found.Groups, again.Groups);
        Assert.Equal(found.Centres, again.Centres);
    }, iter: 300);

    [Fact]
    public void Fit_AsManyGroupsAsDistinctPoints_LeavesNoError() => Cases.Sample(test =>
    {
        var distinct = Rows(test.Points, test.Width).Select(row => string.Join(' ', row)).Distinct().Count();
        var found = KMeans.Fit(test.Points, test.Width, distinct + 3, test.Seed);
        Assert.Equal(distinct, found.Count);
        Assert.Equal(0, found.Errors[^1], 6);
    }, iter: 300);

    [Fact]
    public void Fit_ThreeHeapsFarApart_FindsThem()
    {
        var random = new Random(5);
        float[] points = [.. Enumerable.Range(0, 90).SelectMany(point => new[] { (100f * (point % 3)) + random.NextSingle(), random.NextSingle() })];
        for (var seed = 0; seed < 20; seed++)
        {
            var groups = KMeans.Fit(points, 2, 3, seed).Groups;
            Assert.Equal(3, groups.Distinct().Count());
            Assert.All(Enumerable.Range(0, 90), point => Assert.Equal(groups[point % 3], groups[point]));
        }
    }

    private static float[][] Rows(float[] points, int width) => [.. points.Chunk(width)];
}
