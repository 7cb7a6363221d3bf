using System.Globalization;

namespace Reco.Image;

/// <summary>The time that a reproducible build says it was made at.</summary>
internal static class SourceDate
{
    /// <summary>Reads <c>SOURCE_DATE_EPOCH</c> (seconds since 1970); 1970 where it is not set.</summary>
    /// <exception cref="InvalidDataException">It is not a number of seconds.</exception>
    public static DateTimeOffset Read() => Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH") switch
    {
        null or "" => DateTimeOffset.UnixEpoch,
        { } text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= uint.MaxValue => DateTimeOffset.FromUnixTimeSeconds(seconds),
        { } text => throw new InvalidDataException($"SOURCE_DATE_EPOCH is \"{text}\"; it must be a number of seconds since 1970."),
    };
}
