using System.Globalization;

namespace Reco.Infra.Configuration;

/// <summary>Life of a short-lived stack: <c>8h</c>, <c>3d</c>.</summary>
internal static class Ttl
{
    /// <summary>Reads it; false where it is none.</summary>
    public static bool TryParse(string text, out TimeSpan life)
    {
        life = default;
        if (text.Length < 2 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is 0 or > 8_760)
        {
            return false;
        }

        life = text[^1] switch
        {
            'h' => TimeSpan.FromHours(number),
            'd' => TimeSpan.FromDays(number),
            _ => TimeSpan.Zero,
        };
        return life > TimeSpan.Zero;
    }
}
