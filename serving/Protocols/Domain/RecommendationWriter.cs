using System.Text.Json;
using Reco.Scoring.Models;
using Reco.Scoring.Recommendation;

namespace Reco.Scoring.Protocols.Domain;

/// <summary>Writes answers of the domain API.</summary>
internal static class RecommendationWriter
{
    /// <summary>Writes a recommendation.</summary>
    public static void Write(Utf8JsonWriter writer, RecommendationResult result, string? user, bool attributes)
    {
        writer.WriteStartObject();
        WriteModel(writer, result.Model);
        if (user is not null)
        {
            writer.WriteString("user"u8, user);
        }

        writer.WriteString("path"u8, Name(result.Path));
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
            result.Model.Items.Write(writer, hit.Item, attributes);
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

    /// <summary>The word for a path.</summary>
    public static ReadOnlySpan<byte> Name(UserPath path) => path switch
    {
        UserPath.User => "user"u8,
        UserPath.UserWithRecentItems => "user-with-recent-items"u8,
        UserPath.RecentItems => "recent-items"u8,
        _ => "unknown-user"u8,
    };
}
