using CsCheck;
using Reco.Scoring.Search;

namespace Reco.Scoring.Tests.Search;

/// <summary>The table of strings against a dictionary.</summary>
public sealed class StringTableTests
{
    [Fact]
    public void Add_AnyStrings_NumbersThemByFirstAppearanceAndSortsByCodeUnits() => Gen.String[0, 4].Array[0, 300].Sample(strings =>
    {
        var table = new StringTable();
        var expected = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var text in strings)
        {
            expected.TryAdd(text, expected.Count);
            Assert.Equal(expected[text], table.Add(text));
        }

        Assert.Equal(expected.Count, table.Count);
        Assert.All(expected, entry =>
        {
            Assert.True(table.TryFind(entry.Key, out var number));
            Assert.Equal(entry.Value, number);
            Assert.Equal(entry.Key, table[number].ToString());
        });
        Assert.False(table.TryFind("longer than any of them", out _));
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), table.Sort().Select(number => table[number].ToString()));
    });
}
