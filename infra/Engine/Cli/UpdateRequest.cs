using System.Collections.Immutable;
using Reco.Engine.Planning;

namespace Reco.Engine.Cli;

/// <summary>What a user asked of a run; names are those of the options.</summary>
internal sealed record UpdateRequest
{
    public required DeploymentKind Kind { get; init; }

    public bool Yes { get; init; }

    public bool SkipPreview { get; init; }

    public bool PreviewOnly { get; init; }

    public bool Diff { get; init; }

    public bool Json { get; init; }

    public bool Markdown { get; init; }

    public bool Refresh { get; init; }

    public ImmutableArray<string> Targets { get; init; } = [];

    public bool TargetDependents { get; init; }

    public ImmutableArray<string> Excludes { get; init; } = [];

    public ImmutableArray<string> Replace { get; init; } = [];

    public bool ExpectNoChanges { get; init; }

    public int Parallel { get; init; } = 16;

    public bool ContinueOnError { get; init; }

    public ImmutableArray<string> PolicyPacks { get; init; } = [];

    public ImmutableArray<string> PolicyPackConfigs { get; init; } = [];

    public string? EventLog { get; init; }

    public string Message { get; init; } = "";

    public bool ShowSecrets { get; init; }

    public bool SuppressOutputs { get; init; }

    public bool ShowSames { get; init; }

    public bool ShowReplacementSteps { get; init; }

    public bool Debug { get; init; }

    public bool ExcludeDependents { get; init; }

    public ImmutableArray<string> Config { get; init; } = [];

    public ImmutableArray<ImportSpec> Imports { get; init; } = [];

    public ImmutableSortedDictionary<string, string> ImportNames { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public bool ShowImported { get; init; }

    public bool ConfigPath { get; init; }

    public bool ExcludeProtected { get; init; }

    public bool ClearPendingCreates { get; init; }

    public bool RunProgram { get; init; }

    public string? Client { get; init; }

    public string ExecKind { get; init; } = "cli";

    public string? ExecAgent { get; init; }

    public bool SuppressProgress { get; init; }

    public bool Remove { get; init; }

    public bool ShowUrns { get; init; }

    public bool ShowConfig { get; init; }

    public bool SkipConfigValidation { get; init; }

    public bool IgnoreProtect { get; init; }

    public bool RefreshGiven { get; init; }
}
