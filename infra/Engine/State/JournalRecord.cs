using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Engine.Values;

namespace Reco.Engine.State;

/// <summary>Lines of a journal. The first one names the checkpoint that the rest builds on; each other one is the begin or
/// the end of an operation. Entries are known by number: those of the checkpoint by their place in it, those that the
/// journal adds by the order in which they come.</summary>
internal static class JournalRecord
{
    private const int Version = 1;

    /// <summary>What identifies a checkpoint: the SHA-256 of its file.</summary>
    public static string Fingerprint(ReadOnlySpan<byte> checkpoint) => Convert.ToHexStringLower(SHA256.HashData(checkpoint));

    /// <summary>The first line.</summary>
    public static byte[] Header(string fingerprint, ISecretsManager secrets) => Line(new JsonObject
    {
        ["journal"] = Version,
        ["engine"] = $"reco v{EngineVersion.Reco}",
        ["base"] = fingerprint,
        ["secrets_providers"] = DeploymentCodec.SecretsProviders(secrets),
    });

    /// <summary>An operation begins.</summary>
    public static byte[] Begin(long token, PendingOperation operation, StateValueCodec values) => Line(new JsonObject
    {
        ["begin"] = token,
        ["type"] = DeploymentCodec.NameOf(operation.Type),
        ["resource"] = ResourceCodec.Encode(operation.Resource, values),
    });

    /// <summary>An operation has ended, or a step that needs no operation has been taken.</summary>
    /// <param name="token">Of the operation; null for none.</param>
    /// <param name="remove">Number of the entry that goes; null for none.</param>
    /// <param name="put">The entry that comes; null for none.</param>
    public static byte[] End(long? token, int? remove, JsonObject? put)
    {
        var record = new JsonObject { ["end"] = token };
        if (remove is { } number)
        {
            record["remove"] = number;
        }

        if (put is not null)
        {
            record["put"] = put;
        }

        return Line(record);
    }

    /// <summary>The update is over; its state is the checkpoint of this fingerprint.</summary>
    public static byte[] Complete(string fingerprint) => Line(new JsonObject { ["complete"] = fingerprint });

    /// <summary>The records of a journal; a last line that a crash cut short is left out.</summary>
    /// <exception cref="CheckpointFormatException">Another line is damaged.</exception>
    public static List<JsonObject> Parse(ReadOnlySpan<byte> content)
    {
        var records = new List<JsonObject>();
        while (content.IndexOf((byte)'\n') is >= 0 and var end)
        {
            try
            {
                records.Add(DeepJson.Parse(content[..end]) as JsonObject ?? throw new CheckpointFormatException($"line {records.Count + 1} is not an object"));
            }
            catch (JsonException error)
            {
                throw new CheckpointFormatException($"line {records.Count + 1} is damaged: {error.Message}", error);
            }

            content = content[(end + 1)..];
        }

        if (records.Count > 0 && records[0]["journal"]?.GetValue<int>() is var version && version != Version)
        {
            throw new CheckpointFormatException(version is null ? "its first line is not a journal's" : $"it is of version {version}, which a newer engine wrote");
        }

        return records;
    }

    private static byte[] Line(JsonObject record) => Encoding.UTF8.GetBytes(record.ToJsonString(DeepJson.Line) + "\n");
}
