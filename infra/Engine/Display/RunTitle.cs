using Reco.Engine.Planning;

namespace Reco.Engine.Display;

/// <summary>What a run is called.</summary>
internal static class RunTitle
{
    /// <summary>The headline.</summary>
    public static string Of(DeploymentKind kind, bool planning, string stack) => (kind, planning) switch
    {
        (DeploymentKind.Refresh, false) => $"Refreshing ({stack}):",
        (DeploymentKind.Refresh, true) => $"Previewing refresh ({stack}):",
        (DeploymentKind.Destroy, false) => $"Destroying ({stack}):",
        (DeploymentKind.Destroy, true) => $"Previewing destroy ({stack}):",
        (_, true) => $"Previewing update ({stack}):",
        _ => $"Updating ({stack}):",
    };
}
