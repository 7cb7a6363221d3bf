using Reco.Engine.State;

namespace Reco.Engine.Tests.Lifecycle;

/// <summary>The disk of a process that dies: at its N-th write part of the data gets there, or all of it, or nothing; and
/// after that nothing at all.</summary>
internal sealed class CrashingFiles(int crashAt) : IStateFiles
{
    private readonly Lock gate = new();
    private int writes;

    /// <summary>True once the process is dead.</summary>
    public bool Dead { get; private set; }

    public void Write(string path, ReadOnlySpan<byte> content)
    {
        lock (gate)
        {
            if (Dies())
            {
                StateFiles.Disk.Write(path, content[..Part(content.Length)]);
                Die();
            }

            StateFiles.Disk.Write(path, content);
        }
    }

    public void Append(string path, ReadOnlySpan<byte> content)
    {
        lock (gate)
        {
            if (Dies())
            {
                StateFiles.Disk.Append(path, content[..Part(content.Length)]);
                Die();
            }

            StateFiles.Disk.Append(path, content);
        }
    }

    public void Move(string from, string to)
    {
        lock (gate)
        {
            if (Dies())
            {
                Die();
            }

            StateFiles.Disk.Move(from, to);
        }
    }

    public void Delete(string path)
    {
        lock (gate)
        {
            if (Dies())
            {
                Die();
            }

            StateFiles.Disk.Delete(path);
        }
    }

    private bool Dies()
    {
        if (Dead)
        {
            Die();
        }

        return ++writes == crashAt;
    }

    // 0, a part, or all of it; from the number of the crash, so that a case repeats.
    private int Part(int length) => (crashAt % 4) switch { 0 => 0, 1 => length, 2 => length / 2, _ => Math.Max(0, length - 1) };

    private void Die()
    {
        Dead = true;
        throw new ProcessDiedException();
    }
}

/// <summary>The engine's process is gone.</summary>
internal sealed class ProcessDiedException() : Exception("the process died");
