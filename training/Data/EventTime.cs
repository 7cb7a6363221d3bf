using System.Globalization;

namespace Reco.Training.Data;

/// <summary>Reads moments as files write them.</summary>
internal static class EventTime
{
    /// <summary>What a text may be.</summary>
    public const string Expected = "a time in ISO 8601 such as 2017-01-28T19:06:53Z, or a number of seconds, milliseconds, microseconds or nanoseconds since 1970";

    /// <summary>Unix seconds of a text; false where it is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long seconds)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            seconds = Seconds(whole);
            return true;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            seconds = Seconds(number);
            return true;
        }

        // Some databases write UTC, which .NET does not know as the name of a zone.
        text = text.EndsWith(" UTC", StringComparison.Ordinal) ? text[..^4] : text;
        var read = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
        seconds = time.ToUnixTimeSeconds();
        return read;
    }

    /// <summary>Unix seconds of a number: each unit's numbers of this millennium are past those of the next larger one by a factor of a
    /// thousand.</summary>
    public static long Seconds(double number) => (long)(Math.Abs(number) switch
    {
        >= 1e17 => number / 1e9,
        >= 1e14 => number / 1e6,
        >= 1e11 => number / 1e3,
        _ => number,
    });

    /// <summary>Unix seconds of a moment; without a zone it is taken for UTC.</summary>
    public static long Seconds(DateTime time) =>
        new DateTimeOffset(time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : DateTime.SpecifyKind(time, DateTimeKind.Utc)).ToUnixTimeSeconds();
}
