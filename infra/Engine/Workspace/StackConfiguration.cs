using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Reco.Engine.State;

namespace Reco.Engine.Workspace;

/// <summary>Configuration of a stack, decrypted, as programs get it.</summary>
/// <param name="Given">Values as they stand in the files, by full key.</param>
/// <param name="Values">Text by full key.</param>
/// <param name="SecretKeys">Keys whose values are secret, or have a secret inside.</param>
internal sealed record StackConfiguration(SortedDictionary<string, ConfigValue> Given, ImmutableSortedDictionary<string, string> Values, ImmutableSortedSet<string> SecretKeys)
{
    /// <summary>Reads a stack's configuration and the project's defaults.</summary>
    /// <param name="project">Project.</param>
    /// <param name="file">The stack's file.</param>
    /// <param name="secrets">Called where something is encrypted.</param>
    public static StackConfiguration Load(ProjectFile project, StackConfigFile file, Func<ISecretsManager> secrets)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var secretKeys = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        var given = file.Values(project);
        foreach (var (key, value) in given)
        {
            values[key] = value.IsSecret ? Decrypt(secrets(), key, value.Text, file)
                : value.IsObject ? ConfigJson.Text(Reveal(JsonNode.Parse(value.Text), text => Decrypt(secrets(), key, text, file)))
                : value.Text;
            if (value.HasSecret)
            {
                secretKeys.Add(key);
            }
        }

        return new StackConfiguration(given, values.ToImmutable(), secretKeys.ToImmutable());
    }

    /// <summary>Whether a value has a secret inside.</summary>
    public static bool HasSecret(JsonNode? node) => node switch
    {
        JsonObject { Count: 1 } map when map["secure"] is JsonValue => true,
        JsonObject map => map.Any(pair => HasSecret(pair.Value)),
        JsonArray list => list.Any(HasSecret),
        _ => false,
    };

    /// <summary>A value with its secrets in plain text.</summary>
    public static JsonNode? Reveal(JsonNode? node, Func<string, string> decrypt) => node switch
    {
        JsonObject { Count: 1 } map when map["secure"] is JsonValue value && value.TryGetValue<string>(out var text) => JsonValue.Create(decrypt(text)),
        JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, Reveal(pair.Value, decrypt)))),
        JsonArray list => new JsonArray([.. list.Select(item => Reveal(item, decrypt))]),
        _ => node?.DeepClone(),
    };

    private static string Decrypt(ISecretsManager secrets, string key, string text, StackConfigFile file)
    {
        try
        {
            return secrets.Decrypt(text);
        }
        catch (EngineException error)
        {
            throw new EngineException($"{file.Path}: the value of '{key}' cannot be decrypted: it was encrypted with another passphrase, or is damaged", error.ExitCode, error);
        }
    }
}
