using System.Text.Json;
using System.Text.Json.Serialization;

namespace Reco.Scoring.Protocols.Domain;

/// <summary>Body of <c>POST /v1/recommend</c>: one question, or several in <c>requests</c>.</summary>
internal sealed record RecommendBody
{
    public IReadOnlyList<RecommendBody>? Requests { get; init; }

    public string? User { get; init; }

    public IReadOnlyList<string>? Items { get; init; }

    public IReadOnlyList<string>? Group { get; init; }

    public int? K { get; init; }

    public bool? ExcludeSeen { get; init; }

    public IReadOnlyList<string>? ExcludeItems { get; init; }

    [JsonConverter(typeof(FilterConverter))]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Filter { get; init; }

    public double? Diversify { get; init; }

    public bool? Attributes { get; init; }
}

/// <summary>Body of <c>POST /v1/similar</c>: one question, or several in <c>requests</c>.</summary>
internal sealed record SimilarBody
{
    public IReadOnlyList<SimilarBody>? Requests { get; init; }

    public string? Item { get; init; }

    public string? Text { get; init; }

    public int? K { get; init; }

    public IReadOnlyList<string>? ExcludeItems { get; init; }

    [JsonConverter(typeof(FilterConverter))]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Filter { get; init; }

    public double? Diversify { get; init; }

    public bool? Attributes { get; init; }
}

/// <summary>Body of <c>POST /v1/search</c>: one question, or several in <c>requests</c>.</summary>
internal sealed record SearchBody
{
    public IReadOnlyList<SearchBody>? Requests { get; init; }

    public string? Query { get; init; }

    public int? K { get; init; }

    public IReadOnlyList<string>? ExcludeItems { get; init; }

    [JsonConverter(typeof(FilterConverter))]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Filter { get; init; }

    public bool? Attributes { get; init; }
}

/// <summary>Body of <c>POST /v1/predictions</c>: one pair, or several in <c>requests</c>.</summary>
internal sealed record PredictionBody
{
    public IReadOnlyList<PredictionBody>? Requests { get; init; }

    public string? UserId { get; init; }

    public string? ItemId { get; init; }

    public IReadOnlyList<string>? Items { get; init; }

    public IReadOnlyList<string>? Group { get; init; }

    public string? Text { get; init; }
}

/// <summary>Reads bodies. A field that is not known is an error: a misspelt one would be passed over in silence.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, MaxDepth = 8)]
[JsonSerializable(typeof(RecommendBody))]
[JsonSerializable(typeof(SimilarBody))]
[JsonSerializable(typeof(SearchBody))]
[JsonSerializable(typeof(PredictionBody))]
internal sealed partial class DomainJson : JsonSerializerContext;

/// <summary>Reads <c>{"brand": "a", "category": ["b", "c"]}</c>.</summary>
internal sealed class FilterConverter : JsonConverter<IReadOnlyDictionary<string, IReadOnlyList<string>>>
{
    private const int MostAttributes = 16;
    private const int MostValues = 256;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, IReadOnlyList<string>> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("filter must be an object of attributes with a value or a list of values");
        }

        var filter = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var attribute = reader.GetString()!;
            reader.Read();
            filter[attribute] = reader.TokenType switch
            {
                JsonTokenType.String => [reader.GetString()!],
                JsonTokenType.StartArray => Values(ref reader),
                _ => throw new JsonException($"filter {attribute} must be a string or a list of strings"),
            };
        }

        return filter.Count <= MostAttributes ? filter : throw new JsonException($"filter names {filter.Count} attributes; at most {MostAttributes} are taken");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, IReadOnlyList<string>> value, JsonSerializerOptions options) => throw new NotSupportedException();

    private static List<string> Values(ref Utf8JsonReader reader)
    {
        var values = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            values.Add(reader.TokenType == JsonTokenType.String && values.Count < MostValues ? reader.GetString()! : throw new JsonException($"a filter is a list of at most {MostValues} strings"));
        }

        return values;
    }
}
