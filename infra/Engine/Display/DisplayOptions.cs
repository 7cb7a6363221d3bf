using Reco.Engine.Planning;
using Spectre.Console;

namespace Reco.Engine.Display;

/// <summary>How a run is shown.</summary>
internal sealed record DisplayOptions
{
    /// <summary>Where to.</summary>
    public required IAnsiConsole Console { get; init; }

    /// <summary>What runs.</summary>
    public required DeploymentKind Kind { get; init; }

    /// <summary>True where the run only imports.</summary>
    public bool Importing { get; init; }

    /// <summary>Whether it plans only.</summary>
    public required bool Planning { get; init; }

    /// <summary>Name of the stack.</summary>
    public required string Stack { get; init; }

    /// <summary>Shows every changed property.</summary>
    public bool Diff { get; init; }

    /// <summary>Leaves stack outputs out.</summary>
    public bool SuppressOutputs { get; init; }

    /// <summary>Shows resources that do not change.</summary>
    public bool ShowSames { get; init; }

    /// <summary>Shows secrets in plain text.</summary>
    public bool ShowSecrets { get; init; }

    /// <summary>Shows URNs instead of names.</summary>
    public bool ShowUrns { get; init; }

    /// <summary>Shows the configuration.</summary>
    public bool ShowConfig { get; init; }

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
