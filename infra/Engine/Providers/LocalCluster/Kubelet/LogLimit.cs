namespace Reco.LocalCluster.Kubelet;

/// <summary>Keeps the logs of containers from filling the disk. Containers append to their file themselves, so it is cut in
/// place, and its end is kept as the previous log.</summary>
internal static class LogLimit
{
    private const long MostBytes = 64L << 20;
    private const int KeptBytes = 1 << 20;

    /// <summary>Cuts a log that is too long.</summary>
    public static void Enforce(string file)
    {
        var info = new FileInfo(file);
        if (!info.Exists || info.Length <= MostBytes)
        {
            return;
        }

        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        stream.Seek(-KeptBytes, SeekOrigin.End);
        using (var kept = new FileStream(Path.ChangeExtension(file, ".previous.log"), FileMode.Create))
        {
            stream.CopyTo(kept);
        }

        stream.SetLength(0);
    }
}
