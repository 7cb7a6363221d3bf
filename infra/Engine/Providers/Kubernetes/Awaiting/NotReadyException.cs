using System.Text.Json.Nodes;

namespace Reco.Providers.Kubernetes.Awaiting;

/// <summary>An object exists but did not become ready.</summary>
/// <param name="live">The object as last seen.</param>
/// <param name="reasons">Why it is not ready, the main reason first.</param>
internal sealed class NotReadyException(JsonObject live, IReadOnlyList<string> reasons) : Exception(reasons[0])
{
    /// <summary>The object as last seen.</summary>
    public JsonObject Live { get; } = live;

    /// <summary>Why it is not ready, the main reason first.</summary>
    public IReadOnlyList<string> Reasons { get; } = reasons;
}
