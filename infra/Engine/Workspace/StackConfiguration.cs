using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Reco.Engine.State;

namespace Reco.Engine.Workspace;

/// <summary>Configuration of a stack, decrypted, as programs get it.</summary>
/// <param name="Values">Text by full key.</param>
/// <param name="SecretKeys">Keys whose values are secret, or have a secret inside.</param>
internal sealed record StackConfiguration(ImmutableSortedDictionary<string, string> Values, ImmutableSortedSet<string> SecretKeys)
{
    /// <summary>Reads a stack's configuration and the project's defaults.</summary>
    /// <param name="project">Project.</param>
    /// <param name="file">The stack's file.</param>
    /// <param name="secrets">Called where something is encrypted.</param>
    public static StackConfiguration Load(ProjectFile project, StackConfigFile file, Func<ISecretsManager> secrets)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var secretKeys = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        values.AddRange(project.Defaults);
        foreach (var (key, value) in file.Values(project.Name))
        {
            var isSecret = value.IsSecret;
            values[key] = value.IsSecret ? Decrypt(secrets(), key, value.Text, file)
                : value.IsObject ? Open(JsonNode.Parse(value.Text), secrets, key, file, ref isSecret)!.ToJsonString()
                : value.Text;
            if (isSecret)
            {
                secretKeys.Add(key);
            }
        }

        return new StackConfiguration(values.ToImmutable(), secretKeys.ToImmutable());
    }

    private static JsonNode? Open(JsonNode? node, Func<ISecretsManager> secrets, string key, StackConfigFile file, ref bool isSecret)
    {
        switch (node)
        {
            case JsonObject { Count: 1 } map when map["secure"] is JsonValue value && value.TryGetValue<string>(out var text):
                isSecret = true;
                return JsonValue.Create(Decrypt(secrets(), key, text, file));
            case JsonObject map:
                var opened = new JsonObject();
                foreach (var (name, inner) in map)
                {
                    opened[name] = Open(inner, secrets, key, file, ref isSecret);
                }

                return opened;
            case JsonArray list:
                var items = new JsonArray();
                foreach (var inner in list)
                {
                    items.Add(Open(inner, secrets, key, file, ref isSecret));
                }

                return items;
            default:
                return node?.DeepClone();
        }
    }

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
