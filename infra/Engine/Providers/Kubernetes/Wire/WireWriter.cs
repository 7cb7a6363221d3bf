using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;

namespace Reco.Providers.Kubernetes.Wire;

/// <summary>Writes a plain Kubernetes object as properties on the wire.</summary>
internal static class WireWriter
{
    /// <summary>The properties, with no secret marked (see <see cref="SecretMarks"/>).</summary>
    public static Struct Write(JsonObject members)
    {
        var result = new Struct();
        foreach (var (key, value) in members)
        {
            result.Fields[DashedKeys.ToPulumi(key)] = WriteValue(value);
        }

        return result;
    }

    private static Value WriteValue(JsonNode? node) => node switch
    {
        null => Value.ForNull(),
        JsonObject members => Value.ForStruct(Write(members)),
        JsonArray items => Value.ForList([.. items.Select(WriteValue)]),
        _ => node.GetValueKind() switch
        {
            JsonValueKind.True => Value.ForBool(true),
            JsonValueKind.False => Value.ForBool(false),
            JsonValueKind.Number => Value.ForNumber(Json.Number(node)),
            JsonValueKind.String => Value.ForString(node.GetValue<string>()),
            _ => Value.ForNull(),
        },
    };
}
