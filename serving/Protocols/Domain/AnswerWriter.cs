using System.Text.Json;
using Reco.Scoring.Models;
using Reco.Scoring.Recommendation;
using Reco.Scoring.Telemetry;

namespace Reco.Scoring.Protocols.Domain;

/// <summary>Writes answers of the domain API.</summary>
internal static class AnswerWriter
{
    /// <summary>Writes a list of items.</summary>
    public static void Write(Utf8JsonWriter writer, RecommendationResult result, RecommendQuery query)
    {
        writer.WriteStartObject();
        WriteModel(writer, result.Model);
        if (query.Subject.User is { } user)
        {
            writer.WriteString("user"u8, user);
        }

        writer.WriteString("path"u8, Name(result.Path));
        writer.WriteBoolean("ranked"u8, result.Ranked);
        if (result.UnknownItems.Count > 0)
        {
            writer.WriteStartArray("unknown_items"u8);
            foreach (var item in result.UnknownItems)
            {
                writer.WriteStringValue(item);
            }

            writer.WriteEndArray();
        }

        writer.WriteStartArray("items"u8);
        foreach (var hit in result.Hits)
        {
            writer.WriteStartObject();
            result.Model.Items.Write(writer, hit.Item, query.Attributes);
            writer.WriteNumber("score"u8, hit.Score);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes which model answers.</summary>
    public static void WriteModel(Utf8JsonWriter writer, ServedModel model)
    {
        writer.WriteString("model"u8, model.Name);
        writer.WriteString("version"u8, model.Version);
    }

    /// <summary>Writes a pair with its score.</summary>
    public static void WritePair(Utf8JsonWriter writer, string? user, string? item, PairScore score)
    {
        writer.WriteString("user_id"u8, user);
        writer.WriteString("item_id"u8, item);
        writer.WriteString("path"u8, Name(score.Path));
        writer.WriteString("item_path"u8, Name(score.ItemPath));
        writer.WriteBoolean("ranked"u8, score.Ranked);
        writer.WriteNumber("score"u8, score.Score);
    }

    /// <summary>Writes a model's groups of users.</summary>
    public static void WriteGroups(Utf8JsonWriter writer, ServedModel model)
    {
        writer.WriteStartObject();
        WriteModel(writer, model);
        writer.WriteStartArray("groups"u8);
        foreach (var group in model.Groups.All)
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, group.Id);
            writer.WriteString("label"u8, group.Label);
            writer.WriteNumber("users"u8, group.Users);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes a distribution at training time and live.</summary>
    public static void WriteDrift(Utf8JsonWriter writer, string name, DriftReport report)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("low"u8, report.Low);
        writer.WriteNumber("high"u8, report.High);
        writer.WriteNumber("psi"u8, report.Psi);
        Counts("reference"u8, report.Reference);
        Counts("live"u8, report.Live);
        writer.WriteEndObject();

        void Counts(ReadOnlySpan<byte> property, IReadOnlyList<long> counts)
        {
            writer.WriteStartArray(property);
            foreach (var count in counts)
            {
                writer.WriteNumberValue(count);
            }

            writer.WriteEndArray();
        }
    }

    private static ReadOnlySpan<byte> Name(AnswerPath path) => path switch
    {
        AnswerPath.User => "user"u8,
        AnswerPath.UserWithRecentItems => "user-with-recent-items"u8,
        AnswerPath.RecentItems => "recent-items"u8,
        AnswerPath.Group => "group"u8,
        AnswerPath.Item => "item"u8,
        AnswerPath.ItemByText => "item-by-text"u8,
        AnswerPath.Bm25 => "bm25"u8,
        AnswerPath.Hybrid => "hybrid"u8,
        _ => "unknown-user"u8,
    };
}
