using System.Text.Json.Nodes;
using Reco.Engine.State;

namespace Reco.Engine.Workspace;

/// <summary>A change of a stack's configuration file: read once, written once, and nobody else of this kind changes it in between.</summary>
internal sealed class ConfigEdit : IDisposable
{
    private readonly StackSession session;
    private readonly FileStream gate;

    /// <summary>Begins.</summary>
    /// <exception cref="EngineException">Somebody else changes it for too long, or it cannot be read.</exception>
    public ConfigEdit(StackSession session)
    {
        this.session = session;
        gate = StackLock.EnterGate(session.Backend.Folder, session.Name, "config");
        session.ForgetConfig();
    }

    /// <summary>A key or path, as its parts and the full key of its first.</summary>
    /// <exception cref="EngineException">It is malformed.</exception>
    public static (IReadOnlyList<object> Parts, string Key) Locate(StackSession session, string key, bool isPath)
    {
        IReadOnlyList<object> parts = isPath ? ConfigPath.Parse(key) : [key];
        return (parts, ConfigKey.Parse((string)parts[0], session.Project.Name));
    }

    /// <summary>Text to set: with a path, booleans and numbers are what they look like.</summary>
    public static JsonNode Plain(string text, int parts) => parts > 1 ? ConfigPath.Typed(text) : JsonValue.Create(text);

    /// <summary>Sets a value.</summary>
    /// <param name="key">Key, or path.</param>
    /// <param name="isPath">Whether it is a path.</param>
    /// <param name="value">The value, from the number of the path's parts.</param>
    public void Set(string key, bool isPath, Func<int, JsonNode> value)
    {
        var (parts, full) = Locate(session, key, isPath);
        var node = value(parts.Count);
        if (parts.Count > 1)
        {
            var old = session.Config.Values(session.Project.Name).GetValueOrDefault(full);
            node = ConfigPath.Set(old is { IsObject: true } ? JsonNode.Parse(old.Text) : null, parts.Skip(1).ToArray(), node);
        }

        session.Config.Set(full, session.Project.Name, node);
    }

    /// <summary>Removes a value.</summary>
    public void Remove(string key, bool isPath)
    {
        var (parts, full) = Locate(session, key, isPath);
        if (parts.Count == 1)
        {
            session.Config.Set(full, session.Project.Name, null, remove: true);
        }
        else if (session.Config.Values(session.Project.Name).GetValueOrDefault(full) is { IsObject: true } old && JsonNode.Parse(old.Text) is { } root)
        {
            ConfigPath.Remove(root, [.. parts.Skip(1)]);
            session.Config.Set(full, session.Project.Name, root);
        }
    }

    /// <summary>A secret as the file has it.</summary>
    public JsonObject Sealed(string text) => new() { ["secure"] = session.EncryptForConfig(text) };

    /// <summary>Writes the file.</summary>
    public void Save() => session.Config.Save();

    /// <inheritdoc/>
    public void Dispose() => gate.Dispose();
}
