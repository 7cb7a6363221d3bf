namespace Reco.Training.Model.Direct;

/// <summary>One step's examples in terms of the distinct rows that it reads: users, items, entries of the content's vocabulary. Its arrays are
/// used again for later batches.</summary>
internal sealed class StepBatch
{
    /// <summary>Number of examples.</summary>
    public int Count { get; set; }

    /// <summary>Distinct rows of the user table.</summary>
    public Distinct Users { get; }

    /// <summary>Distinct items: candidates and what the histories name.</summary>
    public Distinct Items { get; }

    /// <summary>Distinct entries of the content's vocabulary of these items.</summary>
    public Distinct Values { get; }

    /// <summary>User of each example, as a place in <see cref="Users"/>.</summary>
    public int[] User { get; private set; } = [];

    /// <summary>Which candidate each example bought.</summary>
    public int[] Bought { get; private set; } = [];

    /// <summary>Where the history of each example begins in <see cref="History"/>; one more entry says where the last one ends.</summary>
    public int[] Starts { get; private set; } = [];

    /// <summary>Histories, most recent item first, as places in <see cref="Items"/>.</summary>
    public int[] History { get; private set; } = [];

    /// <summary>Candidates, as places in <see cref="Items"/>: first what the examples bought, then the negatives; or the whole catalogue.</summary>
    public int[] Candidates { get; private set; } = [];

    /// <summary>Number of <see cref="Candidates"/>.</summary>
    public int CandidateCount { get; set; }

    /// <summary>What is taken off each candidate's score: the logarithm of how often it was to be expected.</summary>
    public float[] Offsets { get; private set; } = [];

    /// <summary>Another candidate that is the same item as this one, and so on; below 0 at the end. <see cref="FirstSame"/> begins.</summary>
    public int[] NextSame { get; private set; } = [];

    /// <summary>First candidate of each of <see cref="Items"/>; below 0 for none.</summary>
    public int[] FirstSame { get; private set; } = [];

    /// <summary>Where the content of each of <see cref="Items"/> begins in <see cref="Content"/>.</summary>
    public int[] ContentStarts { get; private set; } = [];

    /// <summary>Content: places in <see cref="Values"/> and weights.</summary>
    public List<(int Value, float Weight)> Content { get; } = [];

    /// <summary>Makes room.</summary>
    public StepBatch(int users, int items, int values) => (Users, Items, Values) = (new Distinct(users), new Distinct(items), new Distinct(values));

    /// <summary>Empties the batch, with room for as many.</summary>
    public void Clear(int count, int candidates, int history)
    {
        (Count, CandidateCount) = (count, candidates);
        Users.Clear();
        Items.Clear();
        Values.Clear();
        Content.Clear();
        (User, Bought, Starts) = (Room(User, count), Room(Bought, count), Room(Starts, count + 1));
        (Candidates, Offsets, NextSame, History) = (Room(Candidates, candidates), Room(Offsets, candidates), Room(NextSame, candidates), Room(History, count * history));
    }

    /// <summary>Fills in what follows from the candidates and histories.</summary>
    /// <param name="content">Content of all items.</param>
    public void Complete(ContentRows content)
    {
        (FirstSame, ContentStarts) = (Room(FirstSame, Items.Count), Room(ContentStarts, Items.Count + 1));
        FirstSame.AsSpan(0, Items.Count).Fill(-1);
        for (var candidate = CandidateCount - 1; candidate >= 0; candidate--)
        {
            ref var first = ref FirstSame[Candidates[candidate]];
            (NextSame[candidate], first) = (first, candidate);
        }

        for (var place = 0; place < Items.Count; place++)
        {
            ContentStarts[place] = Content.Count;
            foreach (var (value, weight) in content[Items.Rows[place]])
            {
                Content.Add((Values.Place(value), weight));
            }
        }

        ContentStarts[Items.Count] = Content.Count;
    }

    private static T[] Room<T>(T[] array, int length) => array.Length >= length ? array : new T[length];
}

/// <summary>Numbers the distinct rows that a batch names, in the order in which they come.</summary>
/// <param name="rows">Rows of the table.</param>
internal sealed class Distinct(int rows)
{
    private readonly int[] places = new int[rows];
    private readonly int[] batches = new int[rows];
    private int batch;

    /// <summary>The rows; the first <see cref="Count"/> count.</summary>
    public int[] Rows { get; private set; } = new int[16];

    /// <summary>Number of rows so far.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets them.</summary>
    public void Clear() => (batch, Count) = (batch + 1, 0);

    /// <summary>The place of a row.</summary>
    public int Place(int row)
    {
        if (batches[row] == batch)
        {
            return places[row];
        }

        if (Count == Rows.Length)
        {
            var longer = new int[2 * Count];
            Rows.CopyTo(longer, 0);
            Rows = longer;
        }

        (batches[row], places[row], Rows[Count]) = (batch, Count, row);
        return Count++;
    }
}
