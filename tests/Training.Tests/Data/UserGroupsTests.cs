using Reco.Training.Data;
using Reco.Training.Model;

namespace Reco.Training.Tests.Data;

[Collection(TrainsCollection.Name)]
public sealed class UserGroupsTests
{
    [Fact]
    public void Learn_UsersOfTwoTastes_AreApartAndNamedByTheirTaste()
    {
        var shop = Shop(["tea", "soap"]);
        var groups = UserGroups.Learn(shop, shop.Interactions, 2, seed: 1)!;
        Assert.Equal(2, groups.Count);
        Assert.All(Enumerable.Range(0, 10), user => Assert.Equal(groups.Of[user % 2], groups.Of[user]));
        Assert.NotEqual(groups.Of[0], groups.Of[1]);
        Assert.StartsWith("tea", groups.Labels[groups.Of[0]], StringComparison.Ordinal);
        Assert.StartsWith("soap", groups.Labels[groups.Of[1]], StringComparison.Ordinal);

        // The last user bought too little to say anything.
        Assert.Equal(-1, groups.Of[10]);
    }

    [Fact]
    public void Members_PurchasesOfLater_FindTheGroupOfWhoWasUnknown()
    {
        var shop = Shop(["tea", "soap"]);
        var groups = UserGroups.Learn(shop, shop.Interactions, 2, seed: 1)!;
        var members = groups.Members([.. shop.Interactions, .. Enumerable.Range(0, 5).Select(step => new Interaction(10, 1, 1_000 + step))]);
        Assert.Contains(10, members[groups.Of[1]]);
        Assert.Equal(11, members.Sum(list => list.Length));
    }

    [Fact]
    public void Learn_CatalogueWithoutCategories_GoesByWhatSells()
    {
        var shop = Shop(["", ""]);
        var groups = UserGroups.Learn(shop, shop.Interactions, 2, seed: 1)!;
        Assert.NotEqual(groups.Of[0], groups.Of[1]);
        Assert.Null(UserGroups.Learn(shop, shop.Interactions, 0, seed: 1));
        Assert.Null(UserGroups.Learn(shop, [.. shop.Interactions.Where(entry => entry.User % 2 == 0)], 1, seed: 1));
    }

    [Fact]
    public void Learn_ManyUsersAndCategories_TakesSomeAndGroupsAllWhoAreKnown()
    {
        // Every second user buys tea or soap; each item besides is a category of its own.
        const int Users = UserGroups.MostLearners + 1_000;
        const int Rare = UserGroups.MostCategories + 500;
        var shop = Shop(["tea", "soap"]) with
        {
            Users = [.. Enumerable.Range(0, Users).Select(user => $"u{user}")],
            Items = [new Item("a", "A", ["shop", "tea"]), new Item("b", "B", ["shop", "soap"]), .. Enumerable.Range(0, Rare).Select(item => new Item($"r{item}", "R", ["shop", $"rare {item}"]))],
            Interactions = Enumerable.Range(0, 4 * Users).Select(step => new Interaction(step % Users, step < Users ? 2 + (step % Rare) : step % Users % 2, step)).ToArray(),
        };
        var groups = UserGroups.Learn(shop, shop.Interactions, 2, seed: 1)!;
        Assert.Equal(2, groups.Of.Distinct().Count());
        Assert.NotEqual(groups.Of[0], groups.Of[1]);
        Assert.All(Enumerable.Range(0, Users), user => Assert.Equal(groups.Of[user % 2], groups.Of[user]));
        Assert.StartsWith("tea", groups.Labels[groups.Of[0]], StringComparison.Ordinal);
    }

    [Fact]
    public void Of_UserWithoutTrainingPurchases_IsTheUnknownUserInTheTower()
    {
        var shop = Shop(["tea", "soap"]);
        var segments = UserSegments.Of([.. shop.Interactions.Where(entry => entry.User != 3)], 11, null);
        var shape = new TwoTowerShape(11, 2, 3, 4, 8);
        var model = new TwoTowerModel(shape, new ItemContent(new long[2, 1], new float[2, 1], 3), [1, 1], 0, segments);
        foreach (var parameter in model.parameters())
        {
            using var off = TorchSharp.torch.no_grad();
            parameter.add_(TorchSharp.torch.randn(parameter.shape, generator: new TorchSharp.torch.Generator(3)));
        }

        var rows = model.Export().Users.Chunk(7).ToArray();
        Assert.Equal(rows[0], rows[3 + 1]);
        Assert.NotEqual(rows[0], rows[2 + 1]);
    }

    /// <summary>Ten users who buy of one item or the other most of the time, and one who bought once.</summary>
    private static Shop Shop(string[] categories) => new()
    {
        Name = "two tastes",
        Hash = "",
        Users = [.. Enumerable.Range(0, 11).Select(user => $"u{user}")],
        Items = [new Item("a", "A", ["shop", categories[0]]), new Item("b", "B", ["shop", categories[1]])],
        FeatureNames = ["department", "category"],
        Interactions = [.. Enumerable.Range(0, 100).Select(step => new Interaction(step % 10, step % 10 % 2 == 0 ^ step / 10 == 7 ? 0 : 1, step)), new Interaction(10, 0, 100)],
        Findings = [],
    };
}
