using System.Text.Json;
using Reco.Bundle;

namespace Reco.Scoring.Models;

/// <summary>The users of a bundle: what they bought last and what they have seen, by index.</summary>
internal sealed class UserDirectory(JsonLinesTable table, int items)
{
    /// <summary>Number of users.</summary>
    public int Count => table.Count;

    /// <summary>Finds the index of a user.</summary>
    public bool TryFind(ReadOnlySpan<char> id, out int user) => table.TryFind(id, out user);

    /// <summary>A user's ID.</summary>
    public string Id(int user) => table.Id(user);

    /// <summary>Writes the user's history as the tower takes it (item index plus one, most recent first, 0 after the last).</summary>
    /// <param name="user">Index of the user.</param>
    /// <param name="history">Row <c>[H]</c> to fill.</param>
    public void WriteHistory(int user, Span<long> history)
    {
        history.Clear();
        var reader = Open(user, "history"u8);
        for (var position = 0; reader.Read() && reader.TokenType == JsonTokenType.Number && position < history.Length; position++)
        {
            history[position] = Item(ref reader) + 1;
        }
    }

    /// <summary>Every item that the user has interacted with, ascending.</summary>
    public int[] Seen(int user)
    {
        var reader = Open(user, "seen"u8);
        var seen = new List<int>(64);
        while (reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            seen.Add(Item(ref reader));
        }

        return [.. seen];
    }

    private Utf8JsonReader Open(int user, ReadOnlySpan<byte> property)
    {
        var reader = new Utf8JsonReader(table.Line(user));
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(property);
            reader.Read();
            if (found && reader.TokenType == JsonTokenType.StartArray)
            {
                return reader;
            }

            reader.Skip();
        }

        throw new BundleException($"{BundleFiles.Users}, line {user + 1}: a list is missing.");
    }

    private int Item(ref Utf8JsonReader reader) => reader.TryGetInt32(out var item) && (uint)item < (uint)items
        ? item
        : throw new BundleException($"{BundleFiles.Users}: an item index is out of range; there are {items} items.");
}
