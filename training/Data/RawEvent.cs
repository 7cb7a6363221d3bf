namespace Reco.Training.Data;

/// <summary>One event as a file tells it, before it is checked.</summary>
/// <param name="user">The shop's user ID.</param>
/// <param name="item">The shop's item ID.</param>
/// <param name="time">Unix seconds; null where the file says none.</param>
/// <param name="value">Quantity or rating; null where the file says none.</param>
/// <param name="place">File and line or row.</param>
internal readonly ref struct RawEvent(ReadOnlySpan<char> user, ReadOnlySpan<char> item, long? time, double? value, Place place)
{
    /// <summary>The shop's user ID.</summary>
    public ReadOnlySpan<char> User { get; } = user;

    /// <summary>The shop's item ID.</summary>
    public ReadOnlySpan<char> Item { get; } = item;

    /// <summary>Unix seconds; null where the file says none.</summary>
    public long? Time { get; } = time;

    /// <summary>Quantity or rating; null where the file says none.</summary>
    public double? Value { get; } = value;

    /// <summary>File and line or row.</summary>
    public Place Place { get; } = place;
}

/// <summary>A place in a file, put into words only where somebody is told of it.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Unit"><c>line</c> or <c>row</c>.</param>
/// <param name="Number">Which one, from 1.</param>
internal readonly record struct Place(string File, string Unit, long Number)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}, {Unit} {Number}";
}
