using System.Collections.Immutable;
using Reco.Engine.Events;
using Reco.Engine.State;

namespace Reco.Engine.Planning;

/// <summary>What a run does.</summary>
public enum DeploymentKind
{
    /// <summary>Runs the program and plans its steps without taking them.</summary>
    Preview,

    /// <summary>Runs the program and takes its steps.</summary>
    Update,

    /// <summary>Reads every resource from its provider and records what is found.</summary>
    Refresh,

    /// <summary>Deletes every resource.</summary>
    Destroy,
}

/// <summary>Everything that one run needs.</summary>
public sealed record DeploymentOptions
{
    /// <summary>What to do.</summary>
    public required DeploymentKind Kind { get; init; }

    /// <summary>True to plan only. A preview of a refresh or destroy sets this with that kind.</summary>
    public bool DryRun { get; init; }

    /// <summary>Organisation; <c>organization</c> on self-managed state.</summary>
    public string Organization { get; init; } = "organization";

    /// <summary>Project name.</summary>
    public required string Project { get; init; }

    /// <summary>Stack name.</summary>
    public required string Stack { get; init; }

    /// <summary>Folder of Pulumi.yaml (absolute).</summary>
    public required string ProjectDirectory { get; init; }

    /// <summary>Decrypted configuration, full keys (<c>reco:target</c>).</summary>
    public ImmutableSortedDictionary<string, string> Config { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Keys of <see cref="Config"/> whose values are secret.</summary>
    public ImmutableSortedSet<string> ConfigSecretKeys { get; init; } = ImmutableSortedSet<string>.Empty;

    /// <summary>State before the run.</summary>
    public required Snapshot Base { get; init; }

    /// <summary>Completes when the run may act: nothing is planned, read or changed before, but the program is started. Where
    /// it fails, so does the run, with its exception.</summary>
    public Task Ready { get; init; } = Task.CompletedTask;

    /// <summary>Where steps are recorded; null in a dry run.</summary>
    public IStateJournal? Journal { get; init; }

    /// <summary>How the program is run; null for a destroy or refresh that does not run it.</summary>
    public IProgramHost? Program { get; init; }

    /// <summary>Where stack references are answered.</summary>
    public IStackReferenceResolver? StackReferences { get; init; }

    /// <summary>Receives events in order; called from one thread at a time.</summary>
    public required Action<EngineEvent> Events { get; init; }

    /// <summary>Most operations at one time.</summary>
    public int Parallel { get; init; } = 16;

    /// <summary>Refresh before the run.</summary>
    public bool Refresh { get; init; }

    /// <summary>URNs (or glob patterns with * and **) to keep to; empty for all.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];

    /// <summary>Dependents of targets too.</summary>
    public bool TargetDependents { get; init; }

    /// <summary>URNs to leave out.</summary>
    public ImmutableArray<string> Excludes { get; init; } = [];

    /// <summary>Dependents of excluded resources too.</summary>
    public bool ExcludeDependents { get; init; }

    /// <summary>Passes debug messages on. What SDKs write there is much, and they write it before anybody knows what in it
    /// is secret.</summary>
    public bool Debug { get; init; }

    /// <summary>URNs to replace whether they changed or not.</summary>
    public ImmutableArray<string> ReplaceTargets { get; init; } = [];

    /// <summary>Deletes and replaces what is protected, too.</summary>
    public bool IgnoreProtect { get; init; }

    /// <summary>Goes on with independent resources after an error.</summary>
    public bool ContinueOnError { get; init; }

    /// <summary>Forgets operations of earlier runs that may have created something (<c>--clear-pending-creates</c>).</summary>
    public bool ClearPendingCreates { get; init; }

    /// <summary>Resources to import; where there are any, the run does nothing else.</summary>
    public ImmutableArray<ImportSpec> Imports { get; init; } = [];

    /// <summary>URNs by the names that imports refer to them by.</summary>
    public ImmutableSortedDictionary<string, string> ImportNames { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Tags of the stack, which policies see.</summary>
    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Folders of policy packs to run.</summary>
    public ImmutableArray<string> PolicyPacks { get; init; } = [];

    /// <summary>Configuration files of the policy packs, in their order; a pack without one comes to no harm.</summary>
    public ImmutableArray<string> PolicyPackConfigs { get; init; } = [];
}

/// <summary>How a run ended.</summary>
/// <param name="Succeeded">True where every step did.</param>
/// <param name="Snapshot">State after the run (planned state in a preview).</param>
/// <param name="Changes">Number of steps by operation name.</param>
/// <param name="Cancelled">True where it was cancelled.</param>
/// <param name="PolicyFailed">True where a mandatory policy was violated.</param>
/// <param name="Error">What to tell the user when it failed and no diagnostic was emitted yet; else null.</param>
public sealed record DeploymentResult(bool Succeeded, Snapshot Snapshot, ImmutableSortedDictionary<string, int> Changes, bool Cancelled, bool PolicyFailed, string? Error);

/// <summary>Runs the user's program once against the engine's addresses.</summary>
public interface IProgramHost
{
    /// <summary>Runs the program to its end.</summary>
    /// <returns>Null for success; else what to tell the user (empty: the program has told already).</returns>
    Task<string?> RunAsync(ProgramRun run, CancellationToken cancellation);
}

/// <summary>What the program is told, in the official environment contract (PULUMI_MONITOR and so on).</summary>
/// <param name="MonitorAddress">host:port of ResourceMonitor.</param>
/// <param name="EngineAddress">host:port of Engine.</param>
/// <param name="Options">The run.</param>
/// <param name="Output">Receives the program's own standard output and error, by line; the flag is true for error.</param>
public sealed record ProgramRun(string MonitorAddress, string EngineAddress, DeploymentOptions Options, Action<string, bool> Output);

/// <summary>Answers stack references.</summary>
public interface IStackReferenceResolver
{
    /// <summary>Outputs of a stack named <c>stack</c>, <c>project/stack</c> or <c>organization/project/stack</c>, secrets as secret values.</summary>
    /// <exception cref="EngineException">No such stack.</exception>
    Task<Values.PropertyMap> GetOutputsAsync(string stackName, CancellationToken cancellation);
}
