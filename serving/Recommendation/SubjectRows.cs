using System.Buffers;
using Reco.Scoring.Batching;
using Reco.Scoring.Hosting;
using Reco.Scoring.Models;
using Reco.Scoring.Telemetry;

namespace Reco.Scoring.Recommendation;

/// <summary>The rows that the user tower is run on for one subject, and the vector that comes out.</summary>
internal sealed class SubjectRows : IDisposable
{
    private readonly ServedModel model;
    private readonly long[] users;
    private readonly long[] histories;
    private readonly float[] vectors;
    private readonly int rows;

    private SubjectRows(ServedModel model, int rows)
    {
        this.model = model;
        this.rows = rows;
        users = ArrayPool<long>.Shared.Rent(rows);
        histories = ArrayPool<long>.Shared.Rent(rows * model.Tower.History);
        vectors = ArrayPool<float>.Shared.Rent(rows * model.Tower.Dimension);
    }

    /// <summary>Which way the subject was found.</summary>
    public AnswerPath Path { get; private set; }

    /// <summary>Index of the user; -1 for somebody unknown.</summary>
    public int User { get; private set; } = -1;

    /// <summary>Recent items that the model does not know.</summary>
    public IReadOnlyList<string> UnknownItems { get; private set; } = [];

    /// <summary>The subject's vector <c>[d]</c>, once the rows were run.</summary>
    public Span<float> Vector => vectors.AsSpan(0, model.Tower.Dimension);

    /// <summary>The history <c>[H]</c> that the vector was made of; empty for a group, whose members have one each.</summary>
    public ReadOnlySpan<long> History => Path == AnswerPath.Group ? [] : histories.AsSpan(0, model.Tower.History);

    /// <summary>Finds out what is known of a subject and runs the tower.</summary>
    /// <exception cref="ApiException">The queue is full or the time is up.</exception>
    public static async Task<SubjectRows> EmbedAsync(ServedModel model, Subject subject, CallLimits limits)
    {
        var found = Find(model, subject);
        try
        {
            var job = new EmbedJob
            {
                Users = found.users.AsMemory(0, found.rows),
                Histories = found.histories.AsMemory(0, found.rows * model.Tower.History),
                Embeddings = found.vectors.AsMemory(0, found.rows * model.Tower.Dimension),
                Limits = limits,
            };
            using (ScoringMetrics.Source.StartActivity("encode"))
            {
                await model.Batcher.RunAsync(job).ConfigureAwait(false);
            }

            found.Average();
            return found;
        }
        catch
        {
            found.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<long>.Shared.Return(users);
        ArrayPool<long>.Shared.Return(histories);
        ArrayPool<float>.Shared.Return(vectors);
    }

    private static SubjectRows Find(ServedModel model, Subject subject)
    {
        var user = -1;
        var known = subject.User is not null && model.Users.TryFind(subject.User, out user);
        if (!known && subject.RecentItems.Count == 0 && subject.Group.Count > 0)
        {
            return Members(model, subject.Group);
        }

        var found = new SubjectRows(model, 1) { User = known ? user : -1 };
        var row = found.histories.AsSpan(0, model.Tower.History);
        var recent = found.WriteRecent(subject.RecentItems, row);
        if (known)
        {
            model.Users.WriteHistory(user, row[recent..]);
        }

        found.users[0] = found.User + 1;
        found.Path = (known, recent) switch
        {
            (true, 0) => AnswerPath.User,
            (true, _) => AnswerPath.UserWithRecentItems,
            (false, 0) => AnswerPath.Unknown,
            _ => AnswerPath.RecentItems,
        };
        model.Drift.HistoryLength(row.IndexOf(0L) is var length && length < 0 ? row.Length : length);
        return found;
    }

    private static SubjectRows Members(ServedModel model, IReadOnlyList<string> group)
    {
        var members = new List<int>(group.Count);
        foreach (var id in group)
        {
            if (model.Users.TryFind(id, out var member))
            {
                members.Add(member);
            }
        }

        // Each once, however often it is named.
        foreach (var id in group.Distinct(StringComparer.Ordinal))
        {
            if (!model.Users.TryFind(id, out _) && model.Groups.TryFind(id, out var users))
            {
                members.AddRange(users);
            }
        }

        if (members.Count == 0)
        {
            throw new ApiException(StatusCodes.Status404NotFound, $"group names neither a user nor a group that is known to model {model.Name} {model.Version}; "
                + (model.Groups.All.IsEmpty ? "it has no groups" : $"its groups are {string.Join(", ", model.Groups.All.Select(known => $"\"{known.Id}\""))}"));
        }

        var found = new SubjectRows(model, members.Count) { Path = AnswerPath.Group };
        for (var row = 0; row < members.Count; row++)
        {
            found.users[row] = members[row] + 1;
            model.Users.WriteHistory(members[row], found.histories.AsSpan(row * model.Tower.History, model.Tower.History));
        }

        return found;
    }

    /// <summary>Writes the items of this visit to the front of the history row.</summary>
    private int WriteRecent(IReadOnlyList<string> items, Span<long> row)
    {
        List<string>? missing = null;
        var count = 0;
        row.Clear();
        foreach (var id in items)
        {
            if (!model.Items.TryFind(id, out var item))
            {
                (missing ??= []).Add(id);
            }
            else if (count < row.Length)
            {
                row[count++] = item + 1;
            }
        }

        UnknownItems = (IReadOnlyList<string>?)missing ?? [];
        return count;
    }

    /// <summary>A group is the mean of its members.</summary>
    private void Average()
    {
        for (var row = 1; row < rows; row++)
        {
            var member = vectors.AsSpan(row * model.Tower.Dimension, model.Tower.Dimension);
            for (var c = 0; c < member.Length; c++)
            {
                vectors[c] += member[c];
            }
        }

        if (rows > 1)
        {
            foreach (ref var value in Vector)
            {
                value /= rows;
            }
        }
    }
}
