namespace Reco.Engine.Protocol;

/// <summary>Version ranges as in <c>&gt;=3.0.0 &lt;4.0.0 || 5.1.x</c>: alternatives of comparisons that all have to hold.</summary>
internal static class VersionRange
{
    /// <summary>True where the version is in the range; an empty range holds every version.</summary>
    public static bool Contains(string range, Version version) =>
        range.Split("||").Any(alternative => alternative
            .Replace(">= ", ">=", StringComparison.Ordinal).Replace("<= ", "<=", StringComparison.Ordinal)
            .Replace("> ", ">", StringComparison.Ordinal).Replace("< ", "<", StringComparison.Ordinal)
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .All(comparison => Holds(comparison, version)));

    private static bool Holds(string comparison, Version version)
    {
        var at = comparison.TakeWhile(c => "<>=!^~v".Contains(c, StringComparison.Ordinal)).Count();
        var parts = comparison[at..].Split('-', '+')[0].Split('.');
        var given = new int[3];
        var count = 0;
        foreach (var part in parts.Take(3))
        {
            if (part is "x" or "X" or "*" or "")
            {
                break;
            }

            if (!int.TryParse(part, out given[count]))
            {
                return false;
            }

            count++;
        }

        var bound = new Version(given[0], given[1], given[2]);
        return comparison[..at].TrimEnd('v') switch
        {
            ">" => version > bound,
            ">=" => version >= bound,
            "<" => version < bound,
            "<=" => version <= bound,
            "!" or "!=" => version != bound,
            "^" => version >= bound && version.Major == bound.Major,
            "~" => version >= bound && version.Major == bound.Major && (count < 2 || version.Minor == bound.Minor),
            _ => (count < 1 || version.Major == bound.Major) && (count < 2 || version.Minor == bound.Minor) && (count < 3 || version.Build == bound.Build),
        };
    }
}
