namespace Reco.Training.Data;

/// <summary>Splits catalogue text into words: runs of letters and digits, in lower case, with a plural's s taken off where enough
/// is left. What a shop writes is short and has no grammar, so that more would find little.</summary>
internal static class Words
{
    private const int LeastStem = 4;

    /// <summary>The words of some texts, in order.</summary>
    public static IEnumerable<string> Of(params IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            var start = -1;
            for (var place = 0; place <= text.Length; place++)
            {
                if (place < text.Length && char.IsLetterOrDigit(text[place]))
                {
                    start = start < 0 ? place : start;
                }
                else if (start >= 0)
                {
                    yield return Normal(text[start..place]);
                    start = -1;
                }
            }
        }
    }

    private static string Normal(string word)
    {
        var lower = word.ToLowerInvariant();
        return lower.Length > LeastStem && lower[^1] == 's' && lower[^2] != 's' ? lower[..^1] : lower;
    }
}
