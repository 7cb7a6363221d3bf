using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Reco.Scoring.Retrieval;

/// <summary>Hints to the processor's cache.</summary>
internal static class CacheLines
{
    private const int Bytes = 64;

    /// <summary>Says that values will be read soon. A hint: where the collector moves the array meanwhile, nothing is gained and nothing
    /// lost.</summary>
    /// <param name="first">The first value.</param>
    /// <param name="count">How many there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Prefetch<T>(ref T first, int count)
        where T : unmanaged
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        var start = (byte*)Unsafe.AsPointer(ref first);
        for (var at = 0; at < count * sizeof(T); at += Bytes)
        {
            Sse.Prefetch0(start + at);
        }
    }
}
