using System.Globalization;

namespace Reco.Engine.State;

/// <summary>Paths of Pulumi's self-managed state layout, below a folder <c>.pulumi</c>.</summary>
/// <param name="root">The folder <c>.pulumi</c>.</param>
internal sealed class StateFolder(string root)
{
    /// <summary>The folder itself.</summary>
    public string Root => root;

    /// <summary>Version of the layout.</summary>
    public string Meta => Path.Combine(root, "meta.yaml");

    /// <summary>Which stack is selected; ours, not part of the official layout.</summary>
    public string Selection => Path.Combine(root, "workspace.json");

    /// <summary>Folder of all stacks.</summary>
    public string Stacks => Path.Combine(root, "stacks");

    /// <summary>Checkpoint of a stack.</summary>
    public string Checkpoint(StackName name) => Path.Combine(Stacks, name.Project, $"{name.Stack}.json");

    /// <summary>The checkpoint before the last one.</summary>
    public string Previous(StackName name) => Checkpoint(name) + ".bak";

    /// <summary>Folder of the checkpoints before each update.</summary>
    public string Backups(StackName name) => Path.Combine(root, "backups", name.Project, name.Stack);

    /// <summary>Folder of the history.</summary>
    public string History(StackName name) => Path.Combine(root, "history", name.Project, name.Stack);

    /// <summary>Folder of the locks.</summary>
    public string Locks(StackName name) => Path.Combine(root, "locks", StackName.Organization, name.Project, name.Stack);

    /// <summary>Nanoseconds since 1970, as file names have them.</summary>
    public static string Stamp(DateTimeOffset time) => ((time - DateTimeOffset.UnixEpoch).Ticks * 100).ToString(CultureInfo.InvariantCulture);
}
