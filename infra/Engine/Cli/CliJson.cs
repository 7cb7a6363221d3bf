using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Engine.Values;

namespace Reco.Engine.Cli;

/// <summary>JSON as commands print it.</summary>
internal static class CliJson
{
    private static readonly JsonSerializerOptions Indented = DeepJson.Indented(2);

    /// <summary>Over several lines.</summary>
    public static string Text(JsonNode? node) => node?.ToJsonString(Indented) ?? "null";

    /// <summary>On one line.</summary>
    public static string Line(JsonNode? node) => node?.ToJsonString(DeepJson.Line) ?? "null";

    /// <summary>A moment.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
