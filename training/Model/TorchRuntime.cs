using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Reco.Training.Model;

/// <summary>Settings of libtorch's threads and memory, made before it is loaded. What the environment says already stays.</summary>
internal static partial class TorchRuntime
{
    /// <summary>M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of glibc's malloc.h.</summary>
    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;

    /// <summary>Sets them in the C library's environment, for that of .NET is a copy that native code does not see.</summary>
    [ModuleInitializer]
    internal static void Configure()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // Threads that wait by spinning burn the very cores that the others need: on a shared machine a step took six times as long.
        _ = SetVariable("OMP_WAIT_POLICY", "PASSIVE", 0);

        // libtorch counts the machine's cores, .NET those that the container may use.
        _ = SetVariable("OMP_NUM_THREADS", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture), 0);

        // Each step allocates tensors of megabytes and frees them: kept in the heap, they are not paged in anew each time.
        _ = SetOption(MmapThreshold, 32 << 20);
        _ = SetOption(TrimThreshold, 512 << 20);
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
