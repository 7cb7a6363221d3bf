namespace Reco.Engine.Plugins;

/// <summary>Finds what npm has installed, as Node itself resolves it: in the folder, then in those above it.</summary>
internal static class NodeModules
{
    /// <summary>Path of a file or folder below <c>node_modules</c>, or null.</summary>
    public static string? Find(string folder, string path)
    {
        for (var at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            var candidate = Path.Combine(at, "node_modules", path);
            if (Directory.Exists(candidate) || File.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
