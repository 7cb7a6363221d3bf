using System.Runtime.InteropServices;

namespace Reco.Scoring.Hosting;

/// <summary>Work that gives way to requests: on a thread of its own, not of the pool that answers, and with the lowest claim to the
/// processors that Linux knows short of idleness. .NET's own thread priorities do nothing there.</summary>
internal static partial class QuietThread
{
    private const int OfThread = 0;
    private const int Nice = 19;

    [ThreadStatic]
    private static bool isCurrent;

    /// <summary>Whether the calling thread is such a one.</summary>
    public static bool IsCurrent => isCurrent;

    /// <summary>Runs something.</summary>
    public static Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            isCurrent = true;
            if (OperatingSystem.IsLinux())
            {
                // Where it is refused, the thread is one of its own all the same.
                _ = SetPriority(OfThread, 0, Nice);
            }

            try
            {
                done.SetResult(work());
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        })
        {
            IsBackground = true,
            Name = "quiet",
        };
        thread.Start();
        return done.Task;
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);
}
