using System.Runtime.InteropServices;

namespace Reco.Scoring.Retrieval;

/// <summary>Keeps an array where it is for as long as somebody holds this.</summary>
/// <param name="array">The array.</param>
internal sealed class PinnedArray(Array array)
{
    private GCHandle handle = GCHandle.Alloc(array, GCHandleType.Pinned);

    /// <summary>Lets it go.</summary>
    ~PinnedArray() => handle.Free();

    /// <summary>Its first element.</summary>
    public nint Start => handle.AddrOfPinnedObject();
}
