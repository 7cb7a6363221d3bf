using System.Globalization;
using Reco.Engine.State;

namespace Reco.Engine.Protocol;

/// <summary>Time limits as programs write them: <c>1h30m</c>, <c>90s</c>, <c>500ms</c>.</summary>
internal static class Durations
{
    /// <summary>Time limits in seconds; null where none is given.</summary>
    public static ResourceTimeouts? Parse(string create, string update, string delete, string read) =>
        create.Length + update.Length + delete.Length + read.Length == 0
            ? null
            : new ResourceTimeouts(Seconds(create), Seconds(update), Seconds(delete), Seconds(read));

    private static double Seconds(string text)
    {
        var total = 0.0;
        var at = 0;
        while (at < text.Length)
        {
            var number = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
            {
                at++;
            }

            var unit = at;
            while (at < text.Length && !char.IsAsciiDigit(text[at]) && text[at] != '.')
            {
                at++;
            }

            var factor = text[unit..at] switch
            {
                "h" => 3600,
                "m" => 60,
                "s" => 1,
                "ms" => 1e-3,
                "us" or "µs" => 1e-6,
                "ns" => 1e-9,
                _ => double.NaN,
            };
            if (double.IsNaN(factor) || !double.TryParse(text[number..unit], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
            {
                throw new EngineException($"'{text}' is no time limit; write it like 1h30m, 90s or 500ms.", 4);
            }

            total += value * factor;
        }

        return total;
    }
}
