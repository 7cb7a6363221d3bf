using System.Text.Json;

namespace Reco.Scoring.Models;

/// <summary>The items of a bundle: IDs, names and attributes by index.</summary>
internal sealed class ItemCatalogue(JsonLinesTable table)
{
    /// <summary>Number of items.</summary>
    public int Count => table.Count;

    /// <summary>Finds the index of an item.</summary>
    public bool TryFind(ReadOnlySpan<char> id, out int item) => table.TryFind(id, out item);

    /// <summary>An item's ID.</summary>
    public string Id(int item) => table.Id(item);

    /// <summary>What a person reads.</summary>
    public string Name(int item) => ReadText(item, "name"u8);

    /// <summary>Its category, or empty.</summary>
    public string Category(int item) => ReadText(item, "category"u8);

    /// <summary>Hands each attribute to a visitor: name, then value.</summary>
    public void VisitAttributes(int item, Action<string, string> visit)
    {
        var reader = new Utf8JsonReader(table.Line(item));
        if (!Seek(ref reader, "attributes"u8) || reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                visit(name, reader.GetString()!);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>Writes <c>"id": ..., "name": ...</c> and, on request, category and attributes, as the bundle's own JSON.</summary>
    public void Write(Utf8JsonWriter writer, int item, bool attributes)
    {
        var line = table.Line(item);
        var reader = new Utf8JsonReader(line);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueTextEquals("id"u8) ? "id"u8
                : reader.ValueTextEquals("name"u8) ? "name"u8
                : attributes && reader.ValueTextEquals("category"u8) ? "category"u8
                : attributes && reader.ValueTextEquals("attributes"u8) ? "attributes"u8
                : default;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (!name.IsEmpty)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(line[start..(int)reader.BytesConsumed], skipInputValidation: true);
            }
        }
    }

    private string ReadText(int item, ReadOnlySpan<byte> property)
    {
        var reader = new Utf8JsonReader(table.Line(item));
        return Seek(ref reader, property) && reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
    }

    private static bool Seek(ref Utf8JsonReader reader, ReadOnlySpan<byte> property)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(property);
            reader.Read();
            if (found)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}
