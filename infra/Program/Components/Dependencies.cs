using Pulumi;

namespace Reco.Infra.Components;

/// <summary>What a resource waits for, of what a stack may do without.</summary>
internal static class Dependencies
{
    /// <summary>Those that there are.</summary>
    public static List<Resource> On(params Resource?[] resources) => [.. resources.OfType<Resource>()];
}
