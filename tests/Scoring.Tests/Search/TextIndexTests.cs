using System.Collections.Immutable;
using CsCheck;
using Reco.Bundle;
using Reco.Fixtures;
using Reco.Scoring.Models;
using Reco.Scoring.Retrieval;
using Reco.Scoring.Search;
using Reco.Training.Model;

namespace Reco.Scoring.Tests.Search;

/// <summary>Search by words, against BM25 as the book has it, on a generated catalogue.</summary>
public sealed class TextIndexTests : IAsyncLifetime
{
    private const int Items = 400;

    // Plain singular words, some of which begin others; common ones first.
    private static readonly string[] Vocabulary = ["tea", "green", "mint", "minted", "mineral", "milk", "oat", "bread", "rye", "dark", "olive", "oil", "teapot", "lemon", "honey", "cocoa"];

    private readonly string store = Directory.CreateTempSubdirectory("reco-text-").FullName;
    private readonly BundleItem[] catalogue = [.. Generate(new Random(7))];
    private TextIndex index = null!;

    public async Task InitializeAsync()
    {
        var weights = SeededBundle.Weights(new TwoTowerShape(1, Items, 0, 2, 4), 1);
        var manifest = await SeededBundle.PublishAsync(store, "shop", 1, weights, catalogue, [new BundleUser("u", [0], [0])]);
        var bundle = await BundleReader.OpenAsync(Path.Combine(store, "shop", manifest.Version), CancellationToken.None);
        index = new TextIndex(new ItemCatalogue(JsonLinesTable.Open(bundle, BundleFiles.Items, Items)));
    }

    public Task DisposeAsync()
    {
        Directory.Delete(store, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public void Search_AnyWords_GivesBm25sOrderAndScores() => Gen.Select(Gen.Int[0, Vocabulary.Length - 1].Select(word => Vocabulary[word]).Array[1, 4], Gen.Int[1, Items], Gen.Int[0, 3]).Sample((words, count, excluded) =>
    {
        var filter = new ItemFilter([.. Enumerable.Range(0, excluded * 5)], []);
        var expected = Expected(words.Distinct().ToArray()).Where(hit => hit.Item >= excluded * 5).ToArray();
        var hits = new Hit[count];
        var found = hits.AsSpan(0, index.Search(string.Join(' ', words), filter, hits)).ToArray();
        Assert.Equal(Math.Min(count, expected.Length), found.Length);
        Assert.Equal(found.OrderByDescending(hit => hit.Score).ThenBy(hit => hit.Item), found);
        Assert.All(found, hit => Assert.Equal(expected.Single(other => other.Item == hit.Item).Score, hit.Score, 1e-4));
        Assert.Equal(expected.Take(found.Length).Select(hit => hit.Score), found.Select(hit => hit.Score), (a, b) => Math.Abs(a - b) < 1e-4);
    });

    [Fact]
    public void Search_ManyAtOnce_AnswersEachAsAlone()
    {
        string[] queries = ["tea", "green mint", "oil olive dark", "bread"];
        var alone = queries.Select(Find).ToArray();
        Parallel.For(0, 400, number => Assert.Equal(alone[number % queries.Length], Find(queries[number % queries.Length])));
    }

    // "min" is no word: mineral, mint and minted are what it may become.
    [Fact]
    public void Search_BeginningOfWords_FindsTheItemsOfEach() => Assert.Equal(
        Expected(["mineral"]).Concat(Expected(["mint"])).Concat(Expected(["minted"])).Select(hit => hit.Item).Distinct().Order(),
        Find("min").Select(hit => hit.Item).Order());

    [Theory]
    [InlineData("Cafés CRÈME", "cafe creme")]
    [InlineData("berries ties glass bus gas", "berry tie glass bus gas")]
    [InlineData("no. 12-B/x\u0301y \U0001D400", "no 12 b xy \U0001D400")]
    [InlineData("Ł\ud800ódź", "l odz")]
    [InlineData(" -- ", "")]
    public void WordReader_Text_FoldsAndStems(string text, string expected)
    {
        var buffer = new char[text.Length];
        var words = new List<string>();
        for (var reader = new WordReader(text); reader.TryRead(buffer, out var word);)
        {
            words.Add(word.ToString());
        }

        Assert.Equal(expected, string.Join(' ', words));
    }

    private Hit[] Find(string query)
    {
        var hits = new Hit[Items];
        return hits[..index.Search(query, default, hits)];
    }

    private static IEnumerable<BundleItem> Generate(Random random)
    {
        string Word() => Vocabulary[Math.Min(random.Next(Vocabulary.Length), random.Next(Vocabulary.Length))];
        for (var item = 0; item < Items; item++)
        {
            var name = string.Join(' ', Enumerable.Range(0, 1 + random.Next(5)).Select(_ => Word()));
            yield return new BundleItem($"sku-{item}", name, Word(), ImmutableSortedDictionary<string, string>.Empty.Add("kind", Word()));
        }
    }

    private Hit[] Expected(string[] query)
    {
        var documents = catalogue.Select(item => $"{item.Name} {item.Name} {item.Category} {item.Attributes["kind"]}".Split(' ')).ToArray();
        var mean = documents.Average(document => document.Length);
        var rarity = query.ToDictionary(word => word, word =>
        {
            var with = documents.Count(document => document.Contains(word));
            return Math.Log(1 + ((Items - with + 0.5) / (with + 0.5)));
        });
        return [.. documents
            .Select((document, item) => new Hit(item, (float)query.Sum(word => document.Count(word.Equals) is var count and > 0
                ? rarity[word] * count * 2.2 / (count + (1.2 * (0.25 + (0.75 * document.Length / mean))))
                : 0)))
            .Where(hit => hit.Score > 0)
            .OrderByDescending(hit => hit.Score).ThenBy(hit => hit.Item)];
    }
}
