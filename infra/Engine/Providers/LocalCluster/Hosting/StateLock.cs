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
        try
        {
            var stream = new FileStream(Path.Combine(state, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            stream.SetLength(0);
            stream.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            stream.Flush();
            return new StateLock(stream);
        }
        catch (IOException)
        {
            throw new ClusterException($"another local cluster already runs on {state}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
