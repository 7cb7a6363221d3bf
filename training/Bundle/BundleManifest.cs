using System.Collections.Immutable;

namespace Reco.Bundle;

/// <summary>The manifest of a model bundle: what is in the folder, how good it is and where it comes from.</summary>
public sealed record BundleManifest
{
    /// <summary>The schema that this library reads and writes. A member that an older reader may ignore does not change it.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Version of the bundle format.</summary>
    public int SchemaVersion { get; init; } = CurrentSchema;

    /// <summary>Name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>Version of the model: 16 hex digits derived from the content.</summary>
    public string Version { get; init; } = "";

    /// <summary>When the bundle was written; no part of the version.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Length of user and item vectors.</summary>
    public required int Dimension { get; init; }

    /// <summary>Most recent items that the user tower takes.</summary>
    public required int MaxHistory { get; init; }

    /// <summary>Number of known users.</summary>
    public required int Users { get; init; }

    /// <summary>Number of items.</summary>
    public required int Items { get; init; }

    /// <summary>The variant that the gate chose to be served: a key of <see cref="Variants"/>.</summary>
    public required string Precision { get; init; }

    /// <summary>Variants by precision: <c>fp32</c>, <c>fp16</c>, <c>int8</c>, <c>int8-static</c>.</summary>
    public required ImmutableSortedDictionary<string, BundleVariant> Variants { get; init; }

    /// <summary>The second stage, or null where the towers' order is final.</summary>
    public BundleRanker? Ranker { get; init; }

    /// <summary>Search by text, or null where the bundle has none: a reader that does not know it loses nothing else.</summary>
    public BundleSearch? Search { get; init; }

    /// <summary>File of the <see cref="ParityProbe"/>; null in a bundle that was written without one.</summary>
    public string? Parity { get; init; }

    /// <summary>Indices over the item matrices, which whoever serves the bundle may read instead of building its own. They follow from the
    /// content, and are no part of the version: <see cref="BundleIndexer"/> adds them afterwards.</summary>
    public ImmutableArray<BundleIndex> Indices { get; init; } = [];

    /// <summary>File of the <see cref="BundleGroup"/>s; null where users have no groups.</summary>
    public string? Groups { get; init; }

    /// <summary>Inputs of the ONNX models.</summary>
    public required ImmutableArray<TensorSpec> Inputs { get; init; }

    /// <summary>Outputs of the ONNX models.</summary>
    public required ImmutableArray<TensorSpec> Outputs { get; init; }

    /// <summary>Headline metrics of the towers on held-out data, by name (<c>ndcg@10</c>); those of both stages are in
    /// <see cref="Ranker"/>.</summary>
    public required ImmutableSortedDictionary<string, double> Metrics { get; init; }

    /// <summary>Where the model comes from.</summary>
    public required BundleLineage Lineage { get; init; }

    /// <summary>Every other file of the bundle with its checksum.</summary>
    public ImmutableSortedDictionary<string, BundleFile> Files { get; init; } = ImmutableSortedDictionary<string, BundleFile>.Empty;
}

/// <summary>One way to serve the model.</summary>
/// <param name="Model">File of the user tower.</param>
/// <param name="Items">File of the item matrix.</param>
/// <param name="Ranker">File of the second stage, where the manifest has a <see cref="BundleManifest.Ranker"/>.</param>
public sealed record BundleVariant(string Model, string Items, string? Ranker = null);

/// <summary>An index over an item matrix. Its file has a format of its own, which says what it is.</summary>
/// <param name="Kind">What it is: <c>hnsw</c>.</param>
/// <param name="Matrix">File of the item matrix.</param>
/// <param name="File">File of the index.</param>
public sealed record BundleIndex(string Kind, string Matrix, string File);

/// <summary>The second stage: an ONNX model that puts candidates of the towers in their final order. Inputs: <c>history</c> INT64
/// <c>[batch, MaxHistory]</c> as the user tower takes it, <c>candidates</c> INT64 <c>[batch, K]</c> (item index + 1, 0 for padding),
/// <c>scores</c> FP32 <c>[batch, K]</c> (dot products of the user and item vectors). Output: <c>ranking</c> FP32 <c>[batch, K]</c>,
/// higher is better, -1e9 for padding. K is free. A service that does not apply it still serves a valid first-stage order.</summary>
/// <param name="Candidates">Best items by dot product to hand over.</param>
/// <param name="IncludeHistory">True: the items of the history that are not among them are handed over as well.</param>
/// <param name="Metrics">Metrics of both stages together on held-out data, by name.</param>
public sealed record BundleRanker(int Candidates, bool IncludeHistory, ImmutableSortedDictionary<string, double> Metrics);

/// <summary>Search by text: an ONNX model with input <c>tokens</c> INT64 <c>[batch, Tokens]</c> (see <see cref="SearchTokens"/>, 0 for
/// padding) and output <c>embedding</c> FP32 <c>[batch, Dimension]</c>, whose dot products with the rows of an item matrix rank the
/// items.</summary>
/// <param name="Model">File of the query tower.</param>
/// <param name="Items">File of the item matrix.</param>
/// <param name="Dimension">Length of query and item vectors.</param>
/// <param name="Tokens">Most tokens of a query.</param>
/// <param name="Buckets">Number of token buckets.</param>
/// <param name="Scheme">How text becomes tokens: <see cref="SearchTokens.Scheme"/>.</param>
/// <param name="Metrics">nDCG@10 by set of queries that training did not see; those of BM25 are in <c>evaluation.json</c>.</param>
public sealed record BundleSearch(string Model, string Items, int Dimension, int Tokens, int Buckets, string Scheme, ImmutableSortedDictionary<string, double> Metrics);

/// <summary>An input or output of the ONNX models.</summary>
/// <param name="Name">Name in the graph.</param>
/// <param name="Datatype">Open Inference Protocol name, for example <c>INT64</c>.</param>
/// <param name="Shape">Shape; -1 is the batch.</param>
public sealed record TensorSpec(string Name, string Datatype, ImmutableArray<long> Shape);

/// <summary>Where a model comes from.</summary>
public sealed record BundleLineage
{
    /// <summary>What the data set is called.</summary>
    public required string Dataset { get; init; }

    /// <summary>SHA-256 of the training data in hex.</summary>
    public required string DataHash { get; init; }

    /// <summary>Version of the training code.</summary>
    public required string CodeVersion { get; init; }

    /// <summary>Hyper-parameters by name.</summary>
    public required ImmutableSortedDictionary<string, string> Parameters { get; init; }

    /// <summary>Seed of everything random.</summary>
    public required int Seed { get; init; }
}

/// <summary>A file of a bundle.</summary>
/// <param name="Sha256">Checksum in hex.</param>
/// <param name="Bytes">Size.</param>
public sealed record BundleFile(string Sha256, long Bytes);

/// <summary>One line of <c>items.jsonl</c>: the item of that index.</summary>
/// <param name="Id">The shop's ID.</param>
/// <param name="Name">What a person reads.</param>
/// <param name="Category">Its category, or empty.</param>
/// <param name="Attributes">Whatever else the catalogue says.</param>
public sealed record BundleItem(string Id, string Name, string Category, ImmutableSortedDictionary<string, string> Attributes);

/// <summary>One line of <c>users.jsonl</c>: the user of that index plus one (0 is the unknown user).</summary>
/// <param name="Id">The shop's ID.</param>
/// <param name="History">Item indices, most recent first, at most <see cref="BundleManifest.MaxHistory"/>.</param>
/// <param name="Seen">Every item index that the user has interacted with, ascending.</param>
public sealed record BundleUser(string Id, ImmutableArray<int> History, ImmutableArray<int> Seen);

/// <summary>One line of <c>groups.jsonl</c>: users who buy alike.</summary>
/// <param name="Id">Name of the group in the report.</param>
/// <param name="Label">What it buys more than others.</param>
/// <param name="Users">Number of its users.</param>
/// <param name="Group">IDs of the users who stand for it, the most typical first: what a request for somebody who is not known, but is
/// likely to belong here, gives the scoring service as <c>group</c>.</param>
public sealed record BundleGroup(string Id, string Label, int Users, ImmutableArray<string> Group);
