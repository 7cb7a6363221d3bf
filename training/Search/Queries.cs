using Reco.Bundle;
using Reco.Training.Data;

namespace Reco.Training.Search;

/// <summary>A query with what it should find.</summary>
/// <param name="Text">What a person types.</param>
/// <param name="Relevant">Items, ascending.</param>
internal sealed record Query(string Text, int[] Relevant);

/// <summary>Makes queries from the catalogue: no log of searches is needed.</summary>
internal static class Queries
{
    private const double WordKept = 0.5;
    private const double TypoShare = 0.15;

    /// <summary>Text of each item: name and columns.</summary>
    public static string[] Texts(IReadOnlyList<Item> items) => [.. items.Select(item => string.Join(' ', item.Features.Prepend(item.Name).Distinct(StringComparer.OrdinalIgnoreCase)))];

    /// <summary>What somebody who looks for an item might type: some of its words in any order, now and then mistyped.</summary>
    public static string Draw(string text, Random random)
    {
        var words = SearchTokens.Words(text).Distinct(StringComparer.Ordinal).ToArray();
        random.Shuffle(words);
        var chosen = words.Where(_ => random.NextDouble() < WordKept).ToList();
        if (chosen.Count == 0 && words.Length > 0)
        {
            chosen.Add(words[0]);
        }

        return string.Join(' ', chosen.Select(word => random.NextDouble() < TypoShare ? Typo(word, random) : word));
    }

    /// <summary>Known-item queries for texts that training did not see: a few words, each longer one mistyped where asked for. Every item
    /// that has all the words is relevant, for nobody could tell which was meant.</summary>
    public static Query[] KnownItem(string[] texts, IReadOnlyList<int> sources, int words, bool typos, int seed)
    {
        var random = new Random(seed);
        var byWord = texts.SelectMany((text, item) => SearchTokens.Words(text).Distinct(StringComparer.Ordinal).Select(word => (word, item)))
            .ToLookup(entry => entry.word, entry => entry.item, StringComparer.Ordinal);
        var queries = new List<Query>(sources.Count);
        foreach (var source in sources)
        {
            var own = SearchTokens.Words(texts[source]).Distinct(StringComparer.Ordinal).ToArray();
            random.Shuffle(own);
            var chosen = own.Take(words).ToArray();
            if (chosen.Length > 0)
            {
                var relevant = chosen.Select(word => byWord[word].AsEnumerable()).Aggregate((left, right) => left.Intersect(right)).Order().ToArray();
                queries.Add(new Query(string.Join(' ', chosen.Select(word => typos && word.Length > 3 ? Typo(word, random) : word)), relevant));
            }
        }

        return [.. queries];
    }

    /// <summary>One query for each value of a column, which should find what people bought of it in the held-out period: the order within
    /// a category is behaviour, not text.</summary>
    public static Query[] ByCategory(IReadOnlyList<Item> items, int column, IReadOnlyDictionary<int, int[]> held) =>
        [.. held.Values.SelectMany(bought => bought).Distinct().Order().GroupBy(item => items[item].Features[column], StringComparer.Ordinal)
            .Where(group => group.Key.Length > 0).Select(group => new Query(group.Key, [.. group]))];

    /// <summary>One slip: two letters swapped, one left out, or one doubled.</summary>
    public static string Typo(string word, Random random)
    {
        if (word.Length < 3)
        {
            return word;
        }

        var place = random.Next(word.Length - 1);
        return random.Next(3) switch
        {
            0 => string.Concat(word.AsSpan(0, place), word.AsSpan(place + 1, 1), word.AsSpan(place, 1), word.AsSpan(place + 2)),
            1 => word.Remove(place, 1),
            _ => word.Insert(place, word[place].ToString()),
        };
    }
}
