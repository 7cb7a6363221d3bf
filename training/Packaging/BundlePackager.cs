using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Reco.Bundle;
using Reco.Training.Compression;
using Reco.Training.Data;
using Reco.Training.Evaluation;
using Reco.Training.Onnx;
using Reco.Training.Search;

namespace Reco.Training.Packaging;

/// <summary>Everything that one run made of its data.</summary>
/// <param name="Shop">Data.</param>
/// <param name="Split">What the model learned from, and what it was asked about.</param>
/// <param name="Trained">The model.</param>
/// <param name="Variants">Ways to serve it, and others that were only measured.</param>
/// <param name="Served">The one that was chosen.</param>
/// <param name="Evaluation">How good it is.</param>
/// <param name="Groups">Groups of the users; null where there are none.</param>
/// <param name="Search">Search by text; null where the catalogue is too small.</param>
internal sealed record RunResult(Shop Shop, TimeSplit Split, TrainedModel Trained, VariantSet Variants, Variant Served, EvaluationReport Evaluation, UserGroups? Groups, SearchResult? Search);

/// <summary>Writes what a run made as a bundle and publishes it.</summary>
internal sealed class BundlePackager(RunOptions options, TimeProvider time, IReadOnlyList<StageTime> stages)
{
    /// <summary>Users who stand for a group: enough for a mean, few enough for one request.</summary>
    private const int GroupMembers = 20;

    /// <summary>Writes and publishes the bundle.</summary>
    public async Task<BundleManifest> PublishAsync(RunResult run, CancellationToken cancellation)
    {
        var (shop, split, trained, variants, served, evaluation, groups, search) = run;
        Directory.CreateDirectory(options.Store);
        using var writer = new BundleWriter(options.Store);

        // Variants may share a ranker or an item matrix.
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (var variant in variants.Variants)
        {
            var (model, items) = FilesOf(variant);
            await writer.AddAsync(model, (stream, token) => stream.WriteAsync(variant.Model, token).AsTask(), cancellation: cancellation).ConfigureAwait(false);
            if (variant.Ranker is { } ranker && written.Add(RankerFile(variant)))
            {
                await writer.AddAsync(RankerFile(variant), (stream, token) => stream.WriteAsync(ranker, token).AsTask(), cancellation: cancellation).ConfigureAwait(false);
            }

            if (written.Add(items))
            {
                await writer.AddAsync(items, (stream, _) => Task.Run(() => variant.Items.Write(stream), cancellation), cancellation: cancellation).ConfigureAwait(false);
            }
        }

        if (search is not null)
        {
            await AddSearchAsync(writer, search, shop.Items.Count, cancellation).ConfigureAwait(false);
        }

        await writer.AddLinesAsync(BundleFiles.Items, shop.Items.Select(item => ToBundle(item, shop.FeatureNames)), cancellation).ConfigureAwait(false);

        // What is served knows everything up to the end of the data; what was evaluated knew only the training side.
        var everything = shop.Interactions.Histories(shop.Users.Count);
        await writer.AddLinesAsync(BundleFiles.Users, Users(shop, everything), cancellation).ConfigureAwait(false);
        if (groups is not null)
        {
            await writer.AddLinesAsync(BundleFiles.Groups, Groups(shop, groups), cancellation).ConfigureAwait(false);
        }

        await writer.AddLinesAsync(BundleFiles.Parity, [ParityMaker.Make(variants.Variants, trained.Towers.Shape, everything)], cancellation).ConfigureAwait(false);
        var reference = ReferenceSketch.From(new TowerRanker(trained.Towers, split.Train.Histories(shop.Users.Count)), split, split.Train.Histories(shop.Users.Count), options.Training.History);
        await AddJsonAsync(writer, BundleFiles.Reference, reference, inVersion: true, cancellation).ConfigureAwait(false);
        await AddJsonAsync(writer, BundleFiles.Evaluation, RunSummary.Document(evaluation, trained.Search, variants, served, search?.Report), inVersion: false, cancellation).ConfigureAwait(false);
        var html = HtmlReport.Render(options.Name, shop, evaluation, trained, variants, served.Precision, search?.Report, options, stages);
        await writer.AddAsync(BundleFiles.Report, (stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(html), token).AsTask(), inVersion: false, cancellation).ConfigureAwait(false);
        return await writer.PublishAsync(Manifest(shop, variants.Variants, served, evaluation, search) with { Groups = groups is null ? null : BundleFiles.Groups }, cancellation).ConfigureAwait(false);
    }

    private BundleManifest Manifest(Shop shop, IReadOnlyList<Variant> variants, Variant served, EvaluationReport evaluation, SearchResult? search) => new()
    {
        Name = options.Name,
        CreatedAt = time.GetUtcNow(),
        Dimension = options.Training.Dimension,
        MaxHistory = options.Training.History,
        Users = shop.Users.Count,
        Items = shop.Items.Count,
        Precision = served.Precision,
        Variants = variants.ToImmutableSortedDictionary(variant => variant.Precision, variant => new BundleVariant(FilesOf(variant).Model, FilesOf(variant).Items, variant.Ranker is null ? null : RankerFile(variant)), StringComparer.Ordinal),
        Ranker = served.Ranker is null ? null : new BundleRanker(options.Training.Candidates, IncludeHistory: true, Means(evaluation, "two-stage")),
        Search = search is null ? null : new BundleSearch(
            BundleFiles.SearchModel, BundleFiles.SearchItems, search.Weights.Dimension, SearchWeights.MostTokens, search.Weights.Buckets, SearchTokens.Scheme,
            search.Report.Sets.ToImmutableSortedDictionary(set => set.Key, set => set.Value[search.Weights.Name].Ndcg10.Mean, StringComparer.Ordinal)),
        Parity = BundleFiles.Parity,
        Inputs = [new TensorSpec("user", "INT64", [-1]), new TensorSpec("history", "INT64", [-1, options.Training.History])],
        Outputs = [new TensorSpec("embedding", "FP32", [-1, options.Training.Dimension])],
        Metrics = Means(evaluation, "two-tower"),
        Lineage = new BundleLineage
        {
            Dataset = shop.Name,
            DataHash = shop.Hash,
            CodeVersion = typeof(BundlePackager).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
            Parameters = options.Parameters(),
            Seed = options.Training.Seed,
        },
    };

    private static ImmutableSortedDictionary<string, double> Means(EvaluationReport evaluation, string ranker) =>
        evaluation.Rankers[ranker].ToImmutableSortedDictionary(metric => metric.Key, metric => metric.Value.Mean, StringComparer.Ordinal);

    private IEnumerable<BundleUser> Users(Shop shop, Histories histories)
    {
        var recent = new long[options.Training.History];
        for (var user = 0; user < shop.Users.Count; user++)
        {
            var length = histories.Write(user, long.MaxValue, recent);
            yield return new BundleUser(shop.Users[user], [.. recent.Take(length).Select(item => (int)item - 1)], [.. histories.All(user).Distinct().Order()]);
        }
    }

    private static IEnumerable<BundleGroup> Groups(Shop shop, UserGroups groups) => groups.Members(shop.Interactions).Select((members, group) =>
        new BundleGroup(UserGroups.Name(group), groups.Labels[group], members.Length, [.. members.Take(GroupMembers).Select(user => shop.Users[user])]));

    private static async Task AddSearchAsync(BundleWriter writer, SearchResult search, int items, CancellationToken cancellation)
    {
        var model = QueryTowerGraph.Build(search.Weights).ToByteArray();
        using (var tower = new OnnxQueryTower(model))
        {
            tower.Check(search.Weights, search.Queries);
        }

        await writer.AddAsync(BundleFiles.SearchModel, (stream, token) => stream.WriteAsync(model, token).AsTask(), cancellation: cancellation).ConfigureAwait(false);
        var matrix = ItemMatrix.Quantise(search.Weights.Items, items, search.Weights.Dimension);
        await writer.AddAsync(BundleFiles.SearchItems, (stream, _) => Task.Run(() => matrix.Write(stream), cancellation), cancellation: cancellation).ConfigureAwait(false);
    }

    private static Task AddJsonAsync<T>(BundleWriter writer, string name, T value, bool inVersion, CancellationToken cancellation) =>
        writer.AddAsync(name, (stream, token) => JsonSerializer.SerializeAsync(stream, value, BundleFiles.Json, token), inVersion, cancellation);

    private static (string Model, string Items) FilesOf(Variant variant) => variant.Precision switch
    {
        "int8" => (BundleFiles.ModelInt8, BundleFiles.ItemsInt8),
        "int8-static" => (BundleFiles.ModelInt8Static, BundleFiles.ItemsInt8),
        "fp16" => (BundleFiles.ModelFp16, BundleFiles.ItemsFp16),
        _ => (BundleFiles.Model, BundleFiles.ItemsFp32),
    };

    private static string RankerFile(Variant variant) => variant.Precision is "int8" or "int8-static" ? BundleFiles.RankerInt8 : BundleFiles.Ranker;

    private static BundleItem ToBundle(Item item, IReadOnlyList<string> features) => new(item.Id, item.Name, item.Features.Length > 1 ? item.Features[1] : "",
        features.Zip(item.Features).Where(pair => pair.Second.Length > 0).ToImmutableSortedDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal));
}
