namespace Reco.LocalCluster.Kubelet;

/// <summary>Files that one run of a container leaves.</summary>
/// <param name="Identity">Its line of <c>/proc/PID/stat</c> and the boot it ran in, written by the process itself before it does
/// anything: who finds the file there already is not the first and ends.</param>
/// <param name="ExitCode">Its exit code; blank until it has ended.</param>
internal sealed record RunFiles(string Identity, string ExitCode)
{
    /// <summary>The files of a run.</summary>
    public static RunFiles Of(PodFolders folders, string uid, string container, int run)
    {
        var start = Path.Combine(folders.Pod(uid), "containers", $"{container}.{run}");
        return new RunFiles($"{start}.id", $"{start}.exit");
    }

    /// <summary>Removes them.</summary>
    public void Delete()
    {
        File.Delete(Identity);
        File.Delete(ExitCode);
    }
}
