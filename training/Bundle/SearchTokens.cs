using System.Text;

namespace Reco.Bundle;

/// <summary>What the query tower reads: numbers of hashed words and of hashed runs of three letters. Whoever asks the tower makes them
/// as training did. A word is a run of letters and digits, in lower case, without a plural's s; its runs are those of the word between
/// two <c>#</c>. The hash is FNV-1a in 32 bits over UTF-8. Runs of letters are what a mistyped word still shares with the right
/// one.</summary>
public static class SearchTokens
{
    /// <summary>Name of this scheme in the manifest; another scheme has another name.</summary>
    public const string Scheme = "words-trigrams-fnv1a/1";

    private const int LeastStem = 4;
    private const int Run = 3;

    /// <summary>Writes the tokens of a query as the ONNX model takes them, zero-padded.</summary>
    /// <param name="text">What a person typed.</param>
    /// <param name="buckets">Size of the table, from the manifest.</param>
    /// <param name="destination">As long as the model's input.</param>
    /// <returns>Number of tokens written; 0 for a text without a word.</returns>
    public static int Write(string text, int buckets, Span<long> destination)
    {
        destination.Clear();
        var count = 0;
        foreach (var token in Of(text, buckets))
        {
            if (count == destination.Length)
            {
                break;
            }

            destination[count++] = token;
        }

        return count;
    }

    /// <summary>Tokens of some texts, from 1 to the number of buckets, words before their runs of letters.</summary>
    public static IEnumerable<long> Of(string text, int buckets)
    {
        foreach (var word in Words(text))
        {
            yield return Bucket('w', word, buckets);
            var framed = $"#{word}#";
            for (var start = 0; start + Run <= framed.Length; start++)
            {
                yield return Bucket('t', framed.AsSpan(start, Run), buckets);
            }
        }
    }

    /// <summary>The words of a text, in order.</summary>
    public static IEnumerable<string> Words(string text)
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

    private static string Normal(string word)
    {
        var lower = word.ToLowerInvariant();
        return lower.Length > LeastStem && lower[^1] == 's' && lower[^2] != 's' ? lower[..^1] : lower;
    }

    private static long Bucket(char kind, ReadOnlySpan<char> token, int buckets)
    {
        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(token.Length)];
        var length = Encoding.UTF8.GetBytes(token, bytes);
        var hash = (2_166_136_261u ^ kind) * 16_777_619u;
        foreach (var value in bytes[..length])
        {
            hash = (hash ^ value) * 16_777_619u;
        }

        return 1 + (hash % (uint)buckets);
    }
}
