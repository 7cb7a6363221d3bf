namespace Reco.Engine.Workspace;

/// <summary>Configuration keys: <c>namespace:name</c>; a bare name is the project's.</summary>
internal static class ConfigKey
{
    /// <summary>The full key.</summary>
    /// <exception cref="EngineException">It is malformed.</exception>
    public static string Parse(string text, string project)
    {
        var parts = text.Split(':');
        var key = parts switch
        {
            [{ Length: > 0 } name] => $"{project}:{name}",
            [{ Length: > 0 } space, { Length: > 0 } name] => $"{space}:{name}",
            // The old spelling has "config" in the middle.
            [{ Length: > 0 } space, "config", { Length: > 0 } name] => $"{space}:{name}",
            _ => throw new EngineException($"'{text}' is not a configuration key; it is NAME or NAMESPACE:NAME", 2),
        };
        return key.Any(char.IsWhiteSpace) ? throw new EngineException($"'{text}' is not a configuration key: it may not have spaces", 2) : key;
    }
}
