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
    /// <exception cref="BundleException">An answer is not the one that was packaged; the message says which and by how much.</exception>
    public void Check(string precision, Func<long, long[], float[]> embed, Func<float[], int, IReadOnlyList<ParityHit>>? search = null, Func<long[], long[], float[], float[]>? rank = null)
    {
        if (!Answers.TryGetValue(precision, out var answers))
        {
            return;
        }

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
            }
        }
    }

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
