namespace Reco.Training.Data;

/// <summary>Numbers IDs in the order in which they come.</summary>
internal sealed class Indices
{
    private readonly Dictionary<string, int> numbers;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;

    /// <summary>Starts without any.</summary>
    public Indices()
    {
        numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        lookup = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>IDs by number.</summary>
    public IReadOnlyCollection<string> Names => numbers.Keys;

    /// <summary>Number of an ID; a new one where it is new.</summary>
    public int Of(ReadOnlySpan<char> id)
    {
        if (!lookup.TryGetValue(id, out var number))
        {
            lookup[id] = number = numbers.Count;
        }

        return number;
    }
}
