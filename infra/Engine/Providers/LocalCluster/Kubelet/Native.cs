using System.Runtime.InteropServices;

namespace Reco.LocalCluster.Kubelet;

/// <summary>Calls into the C library that .NET has no counterpart of.</summary>
internal static partial class Native
{
    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>Sends a signal to a process group; false where there is none.</summary>
    public static bool SignalGroup(int group, int signal) => group > 1 && SendSignal(-group, signal) == 0;

    /// <summary>Sends a signal to a process; false where there is none.</summary>
    public static bool Signal(int process, int signal) => process > 1 && SendSignal(process, signal) == 0;

    /// <summary>Makes a hard link; false where the file system cannot.</summary>
    public static bool TryLink(string existing, string link) => MakeLink(existing, link) == 0;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeLink(string existing, string link);
}
