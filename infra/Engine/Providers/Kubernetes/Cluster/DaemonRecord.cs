using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Cluster;

/// <summary>What the local cluster's daemon writes about itself into <c>daemon.json</c>.</summary>
/// <param name="Pid">Its process.</param>
internal sealed record DaemonRecord(int Pid)
{
    /// <summary>Reads the file; null where it is not there or half written.</summary>
    public static DaemonRecord? Read(string path)
    {
        try
        {
            var pid = JsonNode.Parse(File.ReadAllText(path)).Number("pid");
            return pid is > 0 and <= int.MaxValue ? new DaemonRecord((int)pid) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
