using System.Text.Json;

namespace Reco.LocalCluster.Kubelet;

/// <summary>What is written down about a container's process, so that the next daemon finds it.</summary>
/// <param name="Pid">Process.</param>
/// <param name="StartTicks">Its start time, in clock ticks since boot.</param>
/// <param name="Restarts">Restarts before this run.</param>
/// <param name="StartedAt">When this run began.</param>
internal sealed record ProcessRecord(int Pid, long StartTicks, int Restarts, DateTimeOffset StartedAt)
{
    /// <summary>Reads a record; null where there is none.</summary>
    public static ProcessRecord? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<ProcessRecord>(File.ReadAllText(file));
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the record.</summary>
    public void Write(string file)
    {
        PodFolders.Make(Path.GetDirectoryName(file)!);
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(this));
        File.Move(file + ".new", file, overwrite: true);
    }
}
