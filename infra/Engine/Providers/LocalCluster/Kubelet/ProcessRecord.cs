using System.Text.Json;

namespace Reco.LocalCluster.Kubelet;

/// <summary>What is written down about a run of a container before it begins, so that the next daemon finds it. The process
/// itself leaves its identity and its end in files beside it.</summary>
/// <param name="Run">Number of the run, from 0: the restarts before it.</param>
/// <param name="StartedAt">When it began.</param>
internal sealed record ProcessRecord(int Run, DateTimeOffset StartedAt)
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
