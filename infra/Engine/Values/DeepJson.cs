using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Protocol;

namespace Reco.Engine.Values;

/// <summary>JSON that holds properties, which may nest deeper than the 64 levels that System.Text.Json takes by itself. What was
/// written has to be readable again, so that all who read and write such JSON do it here.</summary>
internal static class DeepJson
{
    // A value takes a level for each object, and a few around it: the checkpoint, its resource, signatures.
    private const int MaxDepth = (2 * MessageReader.MaxNesting) + 64;
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = MaxDepth };

    /// <summary>Writes one line, and no more escapes than JSON asks for.</summary>
    public static JsonSerializerOptions Line { get; } = new() { MaxDepth = MaxDepth, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes several lines.</summary>
    /// <param name="indent">Spaces a level.</param>
    public static JsonSerializerOptions Indented(int indent) => new(Line) { WriteIndented = true, IndentSize = indent };

    /// <summary>Reads.</summary>
    /// <exception cref="JsonException">It is malformed or nests too deep.</exception>
    public static JsonNode? Parse(string text) => JsonNode.Parse(text, documentOptions: Reading);

    /// <summary>Reads.</summary>
    /// <exception cref="JsonException">It is malformed or nests too deep.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> text) => JsonNode.Parse(text, documentOptions: Reading);
}
