using System.Collections.Immutable;
using System.Text.Json;
using Reco.Bundle;

namespace Reco.Training.Tests.Bundle;

public sealed class ParityProbeTests
{
    private static readonly ParityProbe Probe = new()
    {
        Requests = [new ParityRequest(3, [2, 0])],
        Answers = ImmutableSortedDictionary<string, ImmutableArray<ParityAnswer>>.Empty.Add("fp32", [new ParityAnswer([0.5f, -2], [new ParityHit(7, 4), new ParityHit(1, 3)], new ParityRanking([8, 2], [4, 3], [1, 2]))]),
        Tolerance = 0.01,
    };

    [Fact]
    public void Check_SameAnswersWithinTheTolerance_Passes() => Check([0.51f, -1.99f], [new ParityHit(7, 4.01f), new ParityHit(1, 3)], [1.01f, 2]);

    [Theory]
    [InlineData(0.6f)]
    [InlineData(float.NaN)]
    public void Check_OtherCoordinate_IsRefusedByName(float value) =>
        Assert.Contains("embedding", Assert.Throws<BundleException>(() => Check([value, -2], [new ParityHit(7, 4), new ParityHit(1, 3)], [1, 2])).Message, StringComparison.Ordinal);

    [Fact]
    public void Check_OtherBestItem_IsRefusedThoughScoresAgree() =>
        Assert.Contains("item 7", Assert.Throws<BundleException>(() => Check([0.5f, -2], [new ParityHit(9, 4), new ParityHit(1, 3)], [1, 2])).Message, StringComparison.Ordinal);

    [Fact]
    public void Check_NearTieAtTheEnd_MayFallEitherWay() => Check([0.5f, -2], [new ParityHit(7, 4), new ParityHit(5, 3.01f)], [1, 2]);

    [Fact]
    public void Check_OtherRanking_IsRefused() =>
        Assert.Contains("ranking", Assert.Throws<BundleException>(() => Check([0.5f, -2], [new ParityHit(7, 4), new ParityHit(1, 3)], [2, 1])).Message, StringComparison.Ordinal);

    [Fact]
    public void Json_WrittenAndRead_ChecksTheSame()
    {
        var read = JsonSerializer.Deserialize<ParityProbe>(JsonSerializer.Serialize(Probe, BundleFiles.JsonLine), BundleFiles.Json)!;
        read.Check("fp32", (user, history) => user == 3 && history is [2, 0] ? [0.5f, -2] : [], (_, _) => [new ParityHit(7, 4), new ParityHit(1, 3)], (_, _, _) => [1, 2]);
        Assert.Throws<BundleException>(() => read.Check("fp32", (_, _) => [0.5f, -3]));
    }

    private static void Check(float[] embedding, ParityHit[] top, float[] ranking) => Probe.Check("fp32", (_, _) => embedding, (_, _) => top, (_, _, _) => ranking);
}
