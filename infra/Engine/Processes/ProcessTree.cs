using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Reco.Engine.Processes;

/// <summary>Signals to a process, and the end of it with what it started.</summary>
internal static partial class ProcessTree
{
    private const int SignalInterrupt = 2;
    private const int SignalKill = 9;
    private const int SignalStop = 19;

    /// <summary>Ends a process, those that it started, and theirs; without effect where it has ended.</summary>
    /// <remarks>The framework's own way reads every process and every thread of the machine, twice for each process that it
    /// ends: a quarter of a second of a command's time where much runs. Linux names a process's children.</remarks>
    public static void Kill(Process process)
    {
        if (process.HasExited)
        {
            return;
        }

        if (OperatingSystem.IsLinux() && File.Exists($"/proc/{process.Id}/task/{process.Id}/children"))
        {
            Kill(process.Id);
        }
        else
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Asks a process to end, as Ctrl-C does; without effect on Windows.</summary>
    public static void Interrupt(Process process)
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = Signal(process.Id, SignalInterrupt);
        }
    }

    // Stopped first, so that it starts no other while its children are read.
    private static void Kill(int process)
    {
        _ = Signal(process, SignalStop);
        foreach (var child in Children(process))
        {
            Kill(child);
        }

        _ = Signal(process, SignalKill);
    }

    private static List<int> Children(int process)
    {
        var children = new List<int>();
        foreach (var thread in Read(() => Directory.GetDirectories($"/proc/{process}/task"), []))
        {
            children.AddRange(Read(() => File.ReadAllText(Path.Combine(thread, "children")), "")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(child => int.Parse(child, CultureInfo.InvariantCulture)));
        }

        return children;
    }

    private static T Read<T>(Func<T> read, T gone)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile.
            return gone;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
