using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Reco.Engine.Values;

namespace Reco.Engine.State;

/// <summary>The <c>deployment</c> object of checkpoints and exports, as Pulumi writes it: version 3, or 4 with the list of
/// features where it uses any.</summary>
internal static class DeploymentCodec
{
    private const int Version = 3;
    private const int VersionWithFeatures = 4;

    // Members that are read and written here; all others stay as they are.
    private static readonly HashSet<string> Own = new(StringComparer.Ordinal) { "manifest", "secrets_providers", "resources", "pending_operations" };

    // A member that this engine does not act on, but keeps.
    private const string RefreshBeforeUpdate = "refreshBeforeUpdate";
    private static readonly string[] Supported = ["hooks", RefreshBeforeUpdate, "replaceWith", "taint"];

    /// <summary>The object around a deployment: <c>version</c>, <c>features</c> where there are any, then the body.</summary>
    public static JsonObject Envelope(Snapshot snapshot, string bodyName, JsonObject body)
    {
        var features = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var resource in snapshot.Resources)
        {
            if (resource.Taint)
            {
                features.Add("taint");
            }

            if (!resource.ReplaceWith.IsDefaultOrEmpty)
            {
                features.Add("replaceWith");
            }

            if (resource.Hooks.Count > 0)
            {
                features.Add("hooks");
            }

            if (resource.Unrecognised.ContainsKey(RefreshBeforeUpdate))
            {
                features.Add(RefreshBeforeUpdate);
            }
        }

        var envelope = new JsonObject { ["version"] = features.Count == 0 ? Version : VersionWithFeatures };
        if (features.Count > 0)
        {
            envelope["features"] = new JsonArray([.. features.Select(feature => JsonValue.Create(feature))]);
        }

        envelope[bodyName] = body;
        return envelope;
    }

    /// <summary>Checks that this engine reads the version of a checkpoint or export.</summary>
    /// <exception cref="EngineException">It does not.</exception>
    /// <exception cref="CheckpointFormatException">There is none.</exception>
    public static void RequireReadable(JsonObject envelope, string what)
    {
        var version = envelope["version"]?.GetValue<int>() ?? throw new CheckpointFormatException("it has no version");
        if (version > VersionWithFeatures)
        {
            throw new EngineException($"{what} is of version {version}; this engine reads versions {Version} and {VersionWithFeatures}. It was written by a newer engine: use that one.", 1);
        }

        if (version < Version)
        {
            throw new EngineException($"{what} is of version {version}; this engine reads versions {Version} and {VersionWithFeatures}. Open it once with the official CLI, which upgrades it.", 1);
        }

        var unknown = (envelope["features"] as JsonArray ?? []).Select(feature => feature?.ToString() ?? "").Except(Supported).ToList();
        if (version == VersionWithFeatures && unknown.Count > 0)
        {
            throw new EngineException($"{what} uses what this engine does not know ({string.Join(", ", unknown)}): use the official CLI for this stack.", 1);
        }
    }

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
            ["secrets_providers"] = SecretsProviders(secrets),
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
                ["type"] = NameOf(operation.Type),
            })]);
        }

        deployment["metadata"] = new JsonObject();
        foreach (var (name, json) in snapshot.Unrecognised)
        {
            deployment[name] = DeepJson.Parse(json);
        }

        return deployment;
    }

    /// <summary>The member <c>secrets_providers</c>.</summary>
    public static JsonObject SecretsProviders(ISecretsManager secrets) => new() { ["type"] = secrets.Type, ["state"] = JsonNode.Parse(secrets.StateJson) };

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
            PendingOperations = [.. Items(deployment, "pending_operations").Select(entry => new PendingOperation(ResourceCodec.Decode(entry?["resource"], values), TypeOf(entry?["type"])))],
            Unrecognised = deployment.Where(pair => !Own.Contains(pair.Key)).ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value?.ToJsonString(DeepJson.Line) ?? "null", StringComparer.Ordinal),
        };
    }

    /// <summary>Kind of operation as states spell it.</summary>
    public static string NameOf(PendingOperationType type) => type.ToString().ToLowerInvariant();

    /// <summary>Kind of operation from a state.</summary>
    /// <exception cref="CheckpointFormatException">There is no such kind.</exception>
    public static PendingOperationType TypeOf(JsonNode? name) => Enum.TryParse<PendingOperationType>(name?.GetValue<string>(), ignoreCase: true, out var type)
        ? type : throw new CheckpointFormatException($"unknown kind of pending operation: {name}");

    private static IEnumerable<JsonNode?> Items(JsonObject deployment, string name) => deployment[name] switch
    {
        null => [],
        JsonArray list => list,
        _ => throw new CheckpointFormatException($"'{name}' is not a list"),
    };
}
