using Reco.Engine.Planning;
using Reco.Engine.State;

namespace Reco.Engine.Tests.Planning;

public sealed class SnapshotAssemblyTests
{
    private const string Provider = "urn:pulumi:dev::proj::pulumi:providers:test::p";
    private const string Old = "urn:pulumi:dev::proj::test:index:Thing::old";
    private const string Child = "urn:pulumi:dev::proj::test:index:Thing$test:index:Thing::child";

    // A run that leaves "old" alone can make its provider depend on a child of it: the dependency cannot be kept, the parent
    // and the provider have to be.
    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(0, 2, 1)]
    [InlineData(1, 0, 2)]
    [InlineData(1, 2, 0)]
    [InlineData(2, 0, 1)]
    [InlineData(2, 1, 0)]
    public void Assemble_ProviderDependsOnChildOfItsResource_DropsTheDependencyOnly(params int[] order)
    {
        ResourceState[] entries =
        [
            new() { Urn = Provider, Type = "pulumi:providers:test", Custom = true, Id = "1", Dependencies = [Child] },
            new() { Urn = Old, Type = "test:index:Thing", Custom = true, Id = "2", Provider = $"{Provider}::1" },
            new() { Urn = Child, Type = "test:index:Thing", Custom = true, Id = "3", Parent = Old },
        ];
        var snapshot = new Snapshot { Resources = SnapshotAssembly.Assemble([.. order.Select(at => entries[at])]) };

        Assert.Null(SnapshotIntegrity.Verify(snapshot));
        Assert.Equal([Provider, Old, Child], snapshot.Resources.Select(entry => entry.Urn));
        Assert.Empty(snapshot.Resources[0].Dependencies);
    }

    // Of something that was deleted before its replacement only a mark is left. It goes over to the provider that follows its own;
    // where a later run no longer knows of such a one, its own has to stay.
    [Theory]
    [InlineData("p", "", 0)]
    [InlineData("q", "p", 0)]
    [InlineData("q", "", 1)]
    public void Among_MarkOfReplacedProvider_KeepsThatOneWhereNoneFollows(string follower, string alias, int kept)
    {
        ResourceState copy = new() { Urn = Provider, Type = "pulumi:providers:test", Custom = true, Id = "1", Delete = true };
        ResourceState next = copy with { Urn = Provider[..^1] + follower, Id = "2", Delete = false, Aliases = alias.Length == 0 ? [] : [Provider] };
        ResourceState mark = new() { Urn = Old, Type = "test:index:Thing", Custom = true, Id = "3", Provider = $"{Provider}::1", PendingReplacement = true };

        Assert.Equal(kept, CopiesInUse.Among([copy], [next, mark]).Count);
        Assert.Null(SnapshotIntegrity.Verify(new Snapshot { Resources = SnapshotAssembly.Assemble(kept == 0 ? [next, mark] : [copy, next, mark]) }));
    }
}
