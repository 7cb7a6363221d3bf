using System.Globalization;

namespace Reco.Engine.State;

/// <summary>Paths of Pulumi's self-managed state layout, below a folder <c>.pulumi</c>.</summary>
/// <param name="root">The folder <c>.pulumi</c>.</param>
internal sealed class StateFolder(string root)
{
    /// <summary>Ending of a compressed checkpoint.</summary>
    public const string Gzip = ".gz";
    private const string Zstandard = ".zst";

    /// <summary>The folder itself.</summary>
    public string Root => root;

    /// <summary>Version of the layout.</summary>
    public string Meta => Path.Combine(root, "meta.yaml");

    /// <summary>Which stack is selected; ours, not part of the official layout.</summary>
    public string Selection => Path.Combine(root, "workspace.json");

    /// <summary>Folder of all stacks.</summary>
    public string Stacks => Path.Combine(root, "stacks");

    /// <summary>Checkpoint of a stack: plain, unless the one that is there is compressed.</summary>
    /// <exception cref="EngineException">It is compressed in a way that this engine does not read.</exception>
    public string Checkpoint(StackName name)
    {
        var plain = Path.Combine(Stacks, name.Project, $"{name.Stack}.json");
        var newest = new[] { plain, plain + Gzip, plain + Zstandard }.Where(File.Exists).MaxBy(File.GetLastWriteTimeUtc) ?? plain;
        return newest.EndsWith(Zstandard, StringComparison.Ordinal)
            ? throw new EngineException($"the checkpoint '{newest}' is compressed with zstd, which the embedded engine does not read; have the official CLI write it without (unset PULUMI_DIY_BACKEND_COMPRESSION) and run it once", 1)
            : newest;
    }

    /// <summary>Tags of a stack.</summary>
    public string Tags(StackName name) => Path.Combine(Stacks, name.Project, $"{name.Stack}.pulumi-tags");

    /// <summary>The checkpoint before the last one.</summary>
    public string Previous(StackName name) => Checkpoint(name) + ".bak";

    /// <summary>Folder of the checkpoints before each update.</summary>
    public string Backups(StackName name) => Path.Combine(root, "backups", name.Project, name.Stack);

    /// <summary>Folder of the history.</summary>
    public string History(StackName name) => Path.Combine(root, "history", name.Project, name.Stack);

    /// <summary>Folder of the locks. The official engine takes any file in it for a lock.</summary>
    public string Locks(StackName name) => Path.Combine(root, "locks", StackName.Organization, name.Project, name.Stack);

    /// <summary>What an update that is under way has done so far; ours, not part of the official layout.</summary>
    public string Journal(StackName name) => Path.Combine(Journals(name), $"{name.Stack}.jsonl");

    /// <summary>Folder of journals; new lock files are made here, too.</summary>
    public string Journals(StackName name) => Path.Combine(root, "journals", name.Project);

    /// <summary>Stacks that have a checkpoint.</summary>
    public IReadOnlyList<StackName> List() => !Directory.Exists(Stacks) ? [] :
    [
        .. Directory.GetDirectories(Stacks)
            .SelectMany(project => Directory.GetFiles(project).Select(file => (Project: Path.GetFileName(project), Stack: StackOf(Path.GetFileName(file)))))
            .Where(found => found.Stack.Length > 0)
            .Distinct()
            .Select(found => new StackName(found.Project, found.Stack))
            .OrderBy(name => name.Project, StringComparer.Ordinal).ThenBy(name => name.Stack, StringComparer.Ordinal),
    ];

    /// <summary>Nanoseconds since 1970, as file names have them.</summary>
    public static string Stamp(DateTimeOffset time) => ((time - DateTimeOffset.UnixEpoch).Ticks * 100).ToString(CultureInfo.InvariantCulture);

    private static string StackOf(string file)
    {
        foreach (var compression in (string[])[Gzip, Zstandard])
        {
            file = file.EndsWith(compression, StringComparison.Ordinal) ? file[..^compression.Length] : file;
        }

        return file.EndsWith(".json", StringComparison.Ordinal) ? file[..^".json".Length] : "";
    }
}
