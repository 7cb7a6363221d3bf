using System.Globalization;
using P = Reco.Protocol;

namespace Pulumi;

/// <summary>How long operations on a resource may take; the provider's own limits where none is given.</summary>
public sealed class CustomTimeouts
{
    /// <summary>Limit of a create.</summary>
    public TimeSpan? Create { get; set; }

    /// <summary>Limit of an update.</summary>
    public TimeSpan? Update { get; set; }

    /// <summary>Limit of a delete.</summary>
    public TimeSpan? Delete { get; set; }

    internal CustomTimeouts Clone() => new() { Create = Create, Update = Update, Delete = Delete };

    internal P.RegisterResourceRequest.Types.CustomTimeouts ToProtocol()
        => new() { Create = GoDuration.Format(Create), Update = GoDuration.Format(Update), Delete = GoDuration.Format(Delete) };

    internal static CustomTimeouts FromProtocol(P.RegisterResourceRequest.Types.CustomTimeouts timeouts)
        => new()
        {
            Create = GoDuration.Parse(timeouts.Create),
            Update = GoDuration.Parse(timeouts.Update),
            Delete = GoDuration.Parse(timeouts.Delete),
        };
}

/// <summary>Durations as Go writes them (1h2m3.5s), the protocol's form.</summary>
internal static class GoDuration
{
    // Longest unit names first, since "m" is the start of "ms". Values are ticks of 100 ns.
    private static readonly (string Name, double Ticks)[] Units =
    [
        ("ns", 0.01), ("us", 10), ("µs", 10), ("μs", 10), ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    /// <summary>A duration's text; empty for none. Whole nanoseconds, so nothing is lost.</summary>
    public static string Format(TimeSpan? duration)
        => duration is { } value ? value.Ticks.ToString(CultureInfo.InvariantCulture) + (value.Ticks == 0 ? "ns" : "00ns") : "";

    /// <summary>A text's duration; none if it is empty.</summary>
    /// <exception cref="FormatException">The text is no duration.</exception>
    public static TimeSpan? Parse(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }
        var rest = text.AsSpan().TrimStart("+-");
        if (rest is "0")
        {
            return TimeSpan.Zero;
        }
        double ticks = 0;
        do
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                throw Invalid(text);
            }
            rest = rest[digits..];
            var found = false;
            foreach (var (name, size) in Units)
            {
                if (rest.StartsWith(name, StringComparison.Ordinal))
                {
                    found = true;
                    ticks += number * size;
                    rest = rest[name.Length..];
                    break;
                }
            }
            if (!found)
            {
                throw Invalid(text);
            }
        }
        while (rest.Length > 0);
        return TimeSpan.FromTicks((long)(text[0] == '-' ? -ticks : ticks));
    }

    private static FormatException Invalid(string text) => new($"'{text}' is no duration; write it like 30s, 5m or 1h30m.");
}
