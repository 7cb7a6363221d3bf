using Reco.Engine.Events;
using Reco.Engine.Planning;

namespace Reco.Engine.Display;

/// <summary>What a run is called.</summary>
internal static class RunTitle
{
    /// <summary>The configuration, where it is to be shown.</summary>
    public static IEnumerable<string> Configuration(DisplayOptions options, EngineEvent.Prelude begun) =>
        options.ShowConfig && begun.Config.Count > 0 ? ["Configuration:", .. begun.Config.Select(entry => $"    {entry.Key}: {entry.Value}")] : [];

    /// <summary>The headline.</summary>
    public static string Of(DisplayOptions options) => (options.Kind, options.Planning) switch
    {
        _ when options.Importing => $"{(options.Planning ? "Previewing import" : "Importing")} ({options.Stack}):",
        (DeploymentKind.Refresh, false) => $"Refreshing ({options.Stack}):",
        (DeploymentKind.Refresh, true) => $"Previewing refresh ({options.Stack}):",
        (DeploymentKind.Destroy, false) => $"Destroying ({options.Stack}):",
        (DeploymentKind.Destroy, true) => $"Previewing destroy ({options.Stack}):",
        (_, true) => $"Previewing update ({options.Stack}):",
        _ => $"Updating ({options.Stack}):",
    };
}
