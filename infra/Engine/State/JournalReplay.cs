using System.Text.Json.Nodes;
using Reco.Engine.Planning;

namespace Reco.Engine.State;

/// <summary>Adds what a journal says to the state that it builds on.</summary>
internal static class JournalReplay
{
    /// <summary>The state that checkpoint and journal together tell of.</summary>
    /// <param name="start">State of the checkpoint.</param>
    /// <param name="records">Records of the journal.</param>
    /// <param name="secrets">Decrypts what the journal holds.</param>
    /// <exception cref="CheckpointFormatException">A record is malformed.</exception>
    public static Snapshot Apply(Snapshot start, IReadOnlyList<JsonObject> records, ISecretsManager? secrets)
    {
        var values = new StateValueCodec(null, secrets is null ? null : secrets.Decrypt);
        List<ResourceState?> entries = [.. start.Resources];
        var order = new List<int>(Enumerable.Range(0, entries.Count));
        var places = order.ToList();
        var open = new SortedDictionary<long, PendingOperation>();
        foreach (var record in records.Skip(1))
        {
            try
            {
                if (record["begin"] is { } begin)
                {
                    open[begin.GetValue<long>()] = new PendingOperation(ResourceCodec.Decode(record["resource"], values), DeploymentCodec.TypeOf(record["type"]));
                }
                else if (record.ContainsKey("end"))
                {
                    End(record);
                }
            }
            catch (Exception error) when (error is InvalidOperationException or FormatException or ArgumentOutOfRangeException)
            {
                throw new CheckpointFormatException($"a record of the journal is malformed: {error.Message}", error);
            }
        }

        // What an earlier run may have made stays on record until a run that comes to its end has dealt with it.
        var kept = start.PendingOperations.Where(operation => operation.Type == PendingOperationType.Creating);
        return start with
        {
            Resources = SnapshotAssembly.Assemble([.. order.Select(number => entries[number]).OfType<ResourceState>()]),
            PendingOperations = [.. kept, .. open.Values],
        };

        void End(JsonObject record)
        {
            if (record["end"] is { } token)
            {
                open.Remove(token.GetValue<long>());
            }

            var place = -1;
            if (record["remove"]?.GetValue<int>() is { } number)
            {
                entries[number] = null;
                place = places[number];
            }

            if (record["put"] is not { } put)
            {
                return;
            }

            // An entry that takes another's place stands where that one stood.
            entries.Add(ResourceCodec.Decode(put, values));
            if (place < 0)
            {
                place = order.Count;
                order.Add(-1);
            }

            order[place] = entries.Count - 1;
            places.Add(place);
        }
    }
}
