using Reco.Engine.Planning;
using Reco.Engine.State;

namespace Reco.Engine.Tests.Planning;

public sealed class TargetRulesTests
{
    [Fact]
    public void KeptWith_UrnWithTwoEntries_KeepsWhatEachOfThemNeeds()
    {
        var needed = Thing("needed", "1");
        var live = Thing("a", "2");
        var awaitsDeletion = Thing("a", "3") with { Delete = true, Dependencies = [needed.Urn] };
        var other = Thing("other", "4");
        var index = new DependencyIndex([live, needed, other, awaitsDeletion]);

        Assert.Equal([live.Urn, needed.Urn], TargetRules.KeptWith(index, [live, awaitsDeletion]).Order(StringComparer.Ordinal));
    }

    private static ResourceState Thing(string name, string id) => new() { Urn = $"urn:pulumi:dev::proj::test:index:Thing::{name}", Type = "test:index:Thing", Custom = true, Id = id };
}
