using System.Globalization;

namespace Reco.LocalCluster.Hosting;

/// <summary>Sees to it that one daemon works with a state folder. The operating system releases the lock of a daemon that died.</summary>
internal sealed class StateLock : IDisposable
{
    private readonly FileStream stream;

    private StateLock(FileStream stream) => this.stream = stream;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="ClusterException">Another daemon has it.</exception>
    public static StateLock Take(string state)
    {
        var file = Path.Combine(state, "lock");
        var holder = Path.Combine(state, "lock.pid");
        try
        {
            // The lock's own file cannot be read by others while it is held.
            var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new StateLock(stream);
        }
        catch (IOException)
        {
            throw new ClusterException($"a local cluster already runs on {state} (process {(File.Exists(holder) ? File.ReadAllText(holder) : "unknown")})");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
