using System.Text.Json.Nodes;

namespace Reco.Engine.Workspace;

/// <summary>One configuration value of a stack.</summary>
/// <param name="Text">The value; JSON for objects; ciphertext for a secret.</param>
/// <param name="IsSecret">Whether it is encrypted.</param>
/// <param name="IsObject">Whether it is a list or map, whose inner values may be <c>secure</c>.</param>
internal sealed record ConfigValue(string Text, bool IsSecret, bool IsObject)
{
    /// <summary>Whether it is a secret or has one inside.</summary>
    public bool HasSecret => IsSecret || (IsObject && StackConfiguration.HasSecret(JsonNode.Parse(Text)));

    /// <summary>The value as JSON, secrets as <c>{"secure": CIPHERTEXT}</c>.</summary>
    public JsonNode? Json => IsSecret ? new JsonObject { ["secure"] = Text } : IsObject ? JsonNode.Parse(Text) : JsonValue.Create(Text);
}
