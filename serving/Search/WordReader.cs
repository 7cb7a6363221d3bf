using System.Globalization;
using System.Text;

namespace Reco.Scoring.Search;

/// <summary>Words of a text: runs of letters and digits in lower case, Latin letters without their accents, plurals by their
/// singular.</summary>
/// <param name="text">The text.</param>
internal ref struct WordReader(ReadOnlySpan<char> text)
{
    /// <summary>What U+00E0 to U+00FF are without accents.</summary>
    private const string Latin1 = "aaaaaaæceeeeiiiiðnooooo÷ouuuuyþy";

    /// <summary>What U+0100 to U+017F are without accents.</summary>
    private const string LatinExtendedA = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiĳĳjjkkĸllllllllllnnnnnnnŋŋooooooœœrrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

    private readonly ReadOnlySpan<char> text = text;
    private int at;

    /// <summary>Reads the next word.</summary>
    /// <param name="buffer">Takes it; as long as the text at least.</param>
    /// <param name="word">The word, in the buffer.</param>
    /// <returns>False after the last one.</returns>
    public bool TryRead(Span<char> buffer, out ReadOnlySpan<char> word)
    {
        var length = 0;
        while (at < text.Length)
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out var taken);
            at += taken;
            if (Rune.IsLetterOrDigit(rune))
            {
                length += Fold(Rune.ToLowerInvariant(rune)).EncodeToUtf16(buffer[length..]);
            }
            else if (length > 0 && Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
            {
                break;
            }
        }

        word = buffer[..Stem(buffer[..length])];
        return length > 0;
    }

    /// <summary>The letter below an accent. The program runs without ICU, which would know more scripts.</summary>
    private static Rune Fold(Rune rune) => rune.Value switch
    {
        >= 0xE0 and <= 0xFF => new Rune(Latin1[rune.Value - 0xE0]),
        >= 0x100 and <= 0x17F => new Rune(LatinExtendedA[rune.Value - 0x100]),
        _ => rune,
    };

    /// <summary>Makes a plural its singular, in place.</summary>
    /// <returns>How long that is.</returns>
    private static int Stem(Span<char> word)
    {
        if (word.Length > 4 && word.EndsWith("ies"))
        {
            word[^3] = 'y';
            return word.Length - 2;
        }

        return word.Length > 3 && word[^1] == 's' && word[^2] is not ('s' or 'u') ? word.Length - 1 : word.Length;
    }
}
