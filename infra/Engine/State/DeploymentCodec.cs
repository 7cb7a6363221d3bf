using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Reco.Engine.State;

/// <summary>The <c>deployment</c> object of checkpoints and exports (version 3), as Pulumi writes it.</summary>
internal static class DeploymentCodec
{
    /// <summary>Version of the format.</summary>
    public const int Version = 3;

    /// <summary>A snapshot as a deployment.</summary>
    /// <param name="snapshot">The state.</param>
    /// <param name="secrets">Encrypts secrets.</param>
    /// <param name="showSecrets">Writes secrets in plain text.</param>
    /// <param name="now">Time of the manifest.</param>
    public static JsonObject Encode(Snapshot snapshot, ISecretsManager secrets, bool showSecrets, DateTimeOffset now)
    {
        var values = new StateValueCodec(showSecrets ? null : secrets.Encrypt, secrets.Decrypt);
        var version = $"v{EngineVersion.Pulumi}";
        var deployment = new JsonObject
        {
            ["manifest"] = new JsonObject
            {
                ["time"] = now.ToString("yyyy-MM-ddTHH:mm:ss.fffffffK", CultureInfo.InvariantCulture),
                ["magic"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(version))),
                ["version"] = version,
            },
            ["secrets_providers"] = new JsonObject { ["type"] = secrets.Type, ["state"] = JsonNode.Parse(secrets.StateJson) },
        };
        if (snapshot.Resources.Length > 0)
        {
            deployment["resources"] = new JsonArray([.. snapshot.Resources.Select(resource => ResourceCodec.Encode(resource, values))]);
        }

        if (snapshot.PendingOperations.Length > 0)
        {
            deployment["pending_operations"] = new JsonArray([.. snapshot.PendingOperations.Select(operation => new JsonObject
            {
                ["resource"] = ResourceCodec.Encode(operation.Resource, values),
                ["type"] = operation.Type.ToString().ToLowerInvariant(),
            })]);
        }

        deployment["metadata"] = new JsonObject();
        return deployment;
    }

    /// <summary>The state of the secrets provider that a deployment was written with: type and JSON text; null for none.</summary>
    public static (string Type, string State)? SecretsOf(JsonObject deployment) =>
        deployment["secrets_providers"] is JsonObject provider && provider["type"]?.GetValue<string>() is { Length: > 0 } type
            ? (type, provider["state"]?.ToJsonString() ?? "{}") : null;

    /// <summary>A snapshot from a deployment.</summary>
    /// <exception cref="CheckpointFormatException">It is malformed.</exception>
    public static Snapshot Decode(JsonObject deployment, ISecretsManager? secrets)
    {
        var values = new StateValueCodec(null, secrets is null ? null : secrets.Decrypt);
        return new Snapshot
        {
            Resources = [.. Items(deployment, "resources").Select(entry => ResourceCodec.Decode(entry, values))],
            PendingOperations = [.. Items(deployment, "pending_operations").Select(entry => new PendingOperation(
                ResourceCodec.Decode(entry?["resource"], values),
                Enum.TryParse<PendingOperationType>(entry?["type"]?.GetValue<string>(), ignoreCase: true, out var type)
                    ? type : throw new CheckpointFormatException($"unknown kind of pending operation: {entry?["type"]}")))],
        };
    }

    private static IEnumerable<JsonNode?> Items(JsonObject deployment, string name) => deployment[name] switch
    {
        null => [],
        JsonArray list => list,
        _ => throw new CheckpointFormatException($"'{name}' is not a list"),
    };
}
