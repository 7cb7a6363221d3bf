using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Reco.Scoring.Protocols;

/// <summary>What all readers of JSON bodies have in common: the mark that some clients begin a text with, and what a caller is told
/// of a body that is wrong. The framework's own words name types of this program.</summary>
internal static class JsonBody
{
    /// <summary>What is wrong with a text that has half of a surrogate pair.</summary>
    public const string Unpaired = "a text in the body is not well-formed Unicode";

    /// <summary>The JSON of a body: without the byte order mark that RFC 8259 lets a reader pass over.</summary>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> body) => body.StartsWith("\uFEFF"u8) ? body[3..] : body;

    /// <summary>What is wrong with a text that is no JSON, and where.</summary>
    public static string Problem(JsonException error)
    {
        var message = error.Message;
        foreach (var end in (ReadOnlySpan<string>)[" Path: ", " LineNumber: ", " Change the reader options"])
        {
            message = message.IndexOf(end, StringComparison.Ordinal) is >= 0 and var index ? message[..index] : message;
        }

        return error is { LineNumber: { } line, BytePositionInLine: { } position }
            ? string.Create(CultureInfo.InvariantCulture, $"the body is not JSON: {message.TrimEnd('.')} (line {line + 1}, byte {position + 1})")
            : $"the body is not JSON: {message}";
    }

    /// <summary>What is wrong with a body that does not fit its type: the field and what it must be.</summary>
    /// <param name="error">What the reader found.</param>
    /// <param name="type">The type; a question, or several of the same type in one of its fields.</param>
    public static string Problem(JsonException error, JsonTypeInfo type)
    {
        const string Unmapped = "The JSON property '";
        if (error.Message.StartsWith(Unmapped, StringComparison.Ordinal))
        {
            var name = error.Message[Unmapped.Length..error.Message.IndexOf('\'', Unmapped.Length)];
            return $"the body has a field {name}, which is not known; known are {string.Join(", ", type.Properties.Select(property => property.Name))}";
        }

        if (!error.Message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal))
        {
            // What a converter says is meant for callers as it is.
            return error.Path is null || error.Message.Contains(" Path: ", StringComparison.Ordinal) ? Problem(error) : error.Message;
        }

        if (error.InnerException is InvalidOperationException inner && !inner.Message.StartsWith("Cannot get the value of a token type", StringComparison.Ordinal))
        {
            return Unpaired;
        }

        var path = (error.Path ?? "$").TrimStart('$').TrimStart('.');
        var field = path.Split('.').Reverse().Select(part => part.Split('[')[0]).Select(part => type.Properties.FirstOrDefault(property => property.Name == part)).FirstOrDefault(property => property is not null);
        return field is null ? "the body must be an object" : $"{path} must be {Expected(field.PropertyType, inside: path.EndsWith(']'))}";
    }

    private static string Expected(Type type, bool inside) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var value when value == typeof(string) => "a string",
        var value when value == typeof(int) => "an integer",
        var value when value == typeof(double) => "a number",
        var value when value == typeof(bool) => "true or false",
        var value when value == typeof(IReadOnlyList<string>) => inside ? "a string" : "a list of strings",
        _ => inside ? "an object" : "a list of objects",
    };
}
