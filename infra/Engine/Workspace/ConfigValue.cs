namespace Reco.Engine.Workspace;

/// <summary>One configuration value of a stack.</summary>
/// <param name="Text">The value; JSON for objects; ciphertext for a secret.</param>
/// <param name="IsSecret">Whether it is encrypted.</param>
/// <param name="IsObject">Whether it is a list or map, whose inner values may be <c>secure</c>.</param>
internal sealed record ConfigValue(string Text, bool IsSecret, bool IsObject);
