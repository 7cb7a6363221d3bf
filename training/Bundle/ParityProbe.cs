using System.Collections.Immutable;
using System.Globalization;

namespace Reco.Bundle;

/// <summary>What <c>parity.json</c> holds: some real requests with what every variant answered when it was packaged. Whoever
/// loads the bundle asks them again and refuses it where an answer differs: another version of the runtime, another execution
/// provider or a wrong file is found before traffic is.</summary>
public sealed record ParityProbe
{
    /// <summary>Requests: the unknown user without a history, one with a history, and known users.</summary>
    public required ImmutableArray<ParityRequest> Requests { get; init; }

    /// <summary>Answers by precision, each in the order of <see cref="Requests"/>.</summary>
    public required ImmutableSortedDictionary<string, ImmutableArray<ParityAnswer>> Answers { get; init; }

    /// <summary>Largest relative error that is allowed: of a coordinate, to the largest of its vector; of a score, to the largest of
    /// its list. It leaves room for other instruction sets and for half precision, not for other weights.</summary>
    public required double Tolerance { get; init; }

    /// <summary>Asks every request again.</summary>
    /// <param name="precision">The variant that is loaded.</param>
    /// <param name="embed">Vector of one user <c>[d]</c>: arguments are <c>user</c> and <c>history</c> as the ONNX model takes them.</param>
    /// <param name="search">The best items of a vector, best first; null: not checked.</param>
    /// <param name="rank">Order of the second stage: history, candidates (item index + 1) and their scores; null: not checked.</param>
    /// <returns>What was compared: nothing where the probe has no answers of that variant.</returns>
    /// <exception cref="BundleException">An answer is not the one that was packaged; the message says which and by how much.</exception>
    public ParityCoverage Check(string precision, Func<long, long[], float[]> embed, Func<float[], int, IReadOnlyList<ParityHit>>? search = null, Func<long[], long[], float[], float[]>? rank = null)
    {
        if (!Answers.TryGetValue(precision, out var answers))
        {
            return new ParityCoverage(0, false, false);
        }

        var ranked = false;
        foreach (var (request, answer) in Requests.Zip(answers))
        {
            var history = request.History.ToArray();
            var vector = embed(request.User, history);
            Compare(precision, request, "embedding", answer.Embedding.AsSpan(), vector);
            if (search is not null)
            {
                CheckHits(precision, request, answer.Top, search(vector, answer.Top.Length));
            }

            if (rank is not null && answer.Ranking is { } ranking)
            {
                Compare(precision, request, "ranking", ranking.Ranking.AsSpan(), rank(history, [.. ranking.Candidates], [.. ranking.Scores]));
                ranked = true;
            }
        }

        return new ParityCoverage(answers.Length, search is not null, ranked);
    }

    /// <summary>Sees that every request and answer fits the bundle, so that <see cref="Check"/> leaves none out and no model is asked what it cannot take.</summary>
    /// <exception cref="BundleException">Something does not fit.</exception>
    internal void Validate(string path, BundleManifest manifest)
    {
        if (Requests.IsDefaultOrEmpty || Answers is null || !(Tolerance > 0))
        {
            throw new BundleException($"{path} has no requests, no answers or no tolerance; package the bundle again.");
        }

        foreach (var request in Requests)
        {
            if (request.History.IsDefault || request.History.Length != manifest.MaxHistory || !IsIn(request.User, manifest.Users) || !request.History.All(item => IsIn(item, manifest.Items)))
            {
                throw new BundleException($"{path}: user {request.User}: the request does not fit the manifest's users, items and history; package the bundle again.");
            }
        }

        foreach (var (precision, answers) in Answers)
        {
            if (answers.IsDefault || answers.Length != Requests.Length || !answers.All(answer => Fits(answer, manifest)))
            {
                throw new BundleException($"{path}: {precision}: the answers do not fit the requests or the manifest; package the bundle again.");
            }
        }
    }

    private static bool Fits(ParityAnswer answer, BundleManifest manifest) =>
        !answer.Embedding.IsDefault && !answer.Top.IsDefaultOrEmpty && answer.Top.Length <= manifest.Items
        && (answer.Ranking is not { } ranking || (!ranking.Candidates.IsDefault && !ranking.Scores.IsDefault && !ranking.Ranking.IsDefault
            && ranking.Candidates.Length == ranking.Scores.Length && ranking.Candidates.All(item => IsIn(item, manifest.Items))));

    private static bool IsIn(long value, int most) => value >= 0 && value <= most;

    private void CheckHits(string precision, ParityRequest request, ImmutableArray<ParityHit> expected, IReadOnlyList<ParityHit> actual)
    {
        Compare(precision, request, "scores of the best items", [.. expected.Select(hit => hit.Score)], [.. actual.Select(hit => hit.Score)]);
        var room = Room([.. expected.Select(hit => hit.Score)]);
        var found = actual.Select(hit => hit.Item).ToHashSet();

        // Items that nearly tie with the last place may change places with those behind it.
        foreach (var hit in expected.Where(hit => !found.Contains(hit.Item) && hit.Score - expected[^1].Score > 2 * room))
        {
            throw new BundleException($"{BundleFiles.Parity}: {precision}, user {request.User}: item {hit.Item} is missing among the best {expected.Length}. {Advice}");
        }
    }

    private void Compare(string precision, ParityRequest request, string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        if (expected.Length != actual.Length)
        {
            throw new BundleException($"{BundleFiles.Parity}: {precision}, user {request.User}: {what}: {actual.Length} values where {expected.Length} were packaged. {Advice}");
        }

        var room = Room(expected);
        for (var index = 0; index < expected.Length; index++)
        {
            // Written so that a value that is no number fails, too.
            if (!(Math.Abs(expected[index] - actual[index]) <= room))
            {
                throw new BundleException(string.Create(CultureInfo.InvariantCulture,
                    $"{BundleFiles.Parity}: {precision}, user {request.User}: {what}: value {index} is {actual[index]:G6}; {expected[index]:G6} was packaged (allowed difference {room:G3}). {Advice}"));
            }
        }
    }

    private const string Advice = "The model does not compute here what it did where it was trained; it is not served.";

    private double Room(ReadOnlySpan<float> expected)
    {
        var most = 1e-6f;
        foreach (var value in expected)
        {
            most = Math.Max(most, Math.Abs(value));
        }

        return Tolerance * most;
    }
}

/// <summary>What a check has compared.</summary>
/// <param name="Requests">Requests that were asked; 0 where there were no answers to compare with.</param>
/// <param name="Search">Whether the best items were compared.</param>
/// <param name="Ranking">Whether the second stage was compared.</param>
public sealed record ParityCoverage(int Requests, bool Search, bool Ranking);

/// <summary>A request.</summary>
/// <param name="User">Input <c>user</c>: user index + 1, 0 for an unknown one.</param>
/// <param name="History">Input <c>history</c>: item indices + 1, most recent first, 0 for padding.</param>
public sealed record ParityRequest(long User, ImmutableArray<long> History);

/// <summary>What one variant answered.</summary>
/// <param name="Embedding">Output <c>embedding</c>.</param>
/// <param name="Top">Its best items by dot product, best first.</param>
/// <param name="Ranking">What the second stage made of them; null where there is none.</param>
public sealed record ParityAnswer(ImmutableArray<float> Embedding, ImmutableArray<ParityHit> Top, ParityRanking? Ranking = null);

/// <summary>An item and its score.</summary>
/// <param name="Item">Item index.</param>
/// <param name="Score">Dot product.</param>
public sealed record ParityHit(int Item, float Score);

/// <summary>One call of the second stage.</summary>
/// <param name="Candidates">Input <c>candidates</c>: item indices + 1.</param>
/// <param name="Scores">Input <c>scores</c>.</param>
/// <param name="Ranking">Output <c>ranking</c>.</param>
public sealed record ParityRanking(ImmutableArray<long> Candidates, ImmutableArray<float> Scores, ImmutableArray<float> Ranking);
