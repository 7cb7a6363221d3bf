using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Reco.Engine.Events;
using Reco.Engine.Plugins;
using Reco.Engine.State;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Planning;

/// <summary>What all parts of one run share.</summary>
internal sealed class Deployment : IAsyncDisposable
{
    // Many steps can need one provider of the state at once; it is started once.
    private readonly SemaphoreSlim loading = new(1);

    /// <summary>Sets a run up.</summary>
    /// <param name="options">The run.</param>
    /// <param name="factory">Starts providers.</param>
    /// <param name="engineAddress">host:port of the engine service.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Takes what providers say.</param>
    public Deployment(DeploymentOptions options, IProviderFactory factory, string engineAddress, TimeProvider time, Func<LogRequest, Task> log)
    {
        Options = options;
        Time = time;
        Preview = options.DryRun || options.Kind == DeploymentKind.Preview;
        Masker = new SecretMasker();
        foreach (var key in options.ConfigSecretKeys)
        {
            if (options.Config.TryGetValue(key, out var secret))
            {
                Masker.Add(secret);
            }
        }

        Events = new EventSink(options.Events, Masker, Preview);
        Tracker = new SnapshotTracker(options.Base, Preview ? null : options.Journal);
        Control = new RunControl(options.Parallel);
        Plan = new PlanState { Targets = new TargetSet(options.Targets), Excludes = new TargetSet(options.Excludes) };
        ReplaceTargets = new TargetSet(options.ReplaceTargets);
        Environment = new ProviderEnvironment(engineAddress, options.Project, options.ProjectDirectory, JsonSerializer.Serialize(options.Config), log) { IsDryRun = Preview };
        Providers = new ProviderRegistry(factory, Environment, new BuiltInProvider(options.StackReferences, urn => News.GetValueOrDefault(urn)));
        SetOlds(options.Base.Resources);
    }

    /// <summary>The run.</summary>
    public DeploymentOptions Options { get; }

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>True where nothing is to happen but planning.</summary>
    public bool Preview { get; }

    /// <summary>Secrets of this run.</summary>
    public SecretMasker Masker { get; }

    /// <summary>Where events go.</summary>
    public EventSink Events { get; }

    /// <summary>The state.</summary>
    public SnapshotTracker Tracker { get; }

    /// <summary>Starting and stopping.</summary>
    public RunControl Control { get; }

    /// <summary>Decisions.</summary>
    public PlanState Plan { get; }

    /// <summary>What is to be replaced in any case.</summary>
    public TargetSet ReplaceTargets { get; }

    /// <summary>Providers.</summary>
    public ProviderRegistry Providers { get; }

    /// <summary>Entries of the state by URN, without those that await deletion. Does not change while a program runs.</summary>
    public IReadOnlyDictionary<string, ResourceState> Olds { get; private set; } = new Dictionary<string, ResourceState>();

    /// <summary>Dependencies in the state.</summary>
    public DependencyIndex Index { get; private set; } = new([]);

    /// <summary>Resources of this run by URN.</summary>
    public ConcurrentDictionary<string, ResourceState> News { get; } = new(StringComparer.Ordinal);

    /// <summary>Components whose outputs are awaited, by URN.</summary>
    public ConcurrentDictionary<string, PendingOutputs> PendingOutputs { get; } = new(StringComparer.Ordinal);

    /// <summary>Resources of the program that this run leaves alone (no target, failed, or skipped): outputs of such
    /// components do not count.</summary>
    public ConcurrentDictionary<string, byte> Untargeted { get; } = new(StringComparer.Ordinal);

    /// <summary>True where the state may not hold everything that happened.</summary>
    public bool MaybeCorrupt { get; set; }

    /// <summary>What processes of the engine are told.</summary>
    public ProviderEnvironment Environment { get; }

    /// <summary>Hooks of the program; null where no program runs.</summary>
    public IResourceHooks? Hooks { get; set; }

    /// <summary>Reads what the state has from providers.</summary>
    public RefreshRunner Refresher { get; set; } = null!;

    /// <summary>Policies; null where there are none.</summary>
    public IPolicyRunner? Policies { get; set; }

    /// <summary>Takes entries as the state that registrations are compared with.</summary>
    public void SetOlds(IReadOnlyList<ResourceState> entries)
    {
        var olds = new Dictionary<string, ResourceState>(entries.Count, StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (!entry.Delete)
            {
                olds[entry.Urn] = entry;
            }

            Masker.AddSecretsOf(entry.Inputs);
            Masker.AddSecretsOf(entry.Outputs);
        }

        Olds = olds;
        Index = new DependencyIndex(entries);
    }

    /// <summary>Tells of an error after which the run cannot go on, and stops it.</summary>
    public void Fatal(string urn, string message)
    {
        Events.Diagnose("error", message, urn);
        Control.Stop();
    }

    /// <summary>Makes the provider of an old entry usable.</summary>
    /// <exception cref="EngineException">It is not in the state.</exception>
    public async Task<ProviderSession> EnsureProviderAsync(string reference, string forUrn)
    {
        if (Providers.Find(reference) is { } ready)
        {
            return ready;
        }

        await loading.WaitAsync();
        try
        {
            if (ProviderReference.TryParse(reference, out var parsed)
                && Index.Of(parsed.Urn).FirstOrDefault(entry => entry.Id == parsed.Id) is { } state)
            {
                await Providers.SameAsync(state, state.Inputs, CancellationToken.None);
            }
        }
        finally
        {
            loading.Release();
        }

        return Providers.Find(reference)
            ?? throw new EngineException($"The provider '{reference}' of resource '{forUrn}' is not in the state.", 1);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Providers.DisposeAsync();
        Plan.Dispose();
        loading.Dispose();
        Control.Dispose();
    }

    /// <summary>Tells what a provider or the program says. That it was let go because the run stops is no news: SDKs that do
    /// not know what to make of it tell it as a fault of the program.</summary>
    public void Tell(LogRequest request)
    {
        if (!(Control.Stopping.IsCancellationRequested && request.Message.Contains(RunStoppedException.Wire, StringComparison.Ordinal)))
        {
            Events.Diagnose(SeverityName(request.Severity), request.Message, request.Urn, request.Ephemeral);
        }
    }

    /// <summary>Severity as events spell it.</summary>
    public static string SeverityName(LogSeverity severity) => severity switch
    {
        LogSeverity.Debug => "debug",
        LogSeverity.Warning => "warning",
        LogSeverity.Error => "error",
        _ => "info",
    };
}

/// <summary>A component that was registered and whose outputs are awaited.</summary>
/// <param name="Step">Its step.</param>
/// <param name="Started">When the step started (timestamp of the clock).</param>
internal sealed record PendingOutputs(StepInfo Step, long Started);

/// <summary>Where policy packs come in: after Check and before anything is planned for a resource, and once over the whole
/// stack at the end.</summary>
internal interface IPolicyRunner
{
    /// <summary>Lets remediations change the inputs, then checks the resource.</summary>
    /// <returns>The inputs to go on with; null where a mandatory policy forbids the resource.</returns>
    Task<PropertyMap?> CheckResourceAsync(ResourceState planned, Goal goal, CancellationToken cancellation);

    /// <summary>Checks all resources of the run together; false where a mandatory policy is violated.</summary>
    Task<bool> CheckStackAsync(CancellationToken cancellation);

    /// <summary>Versions of the packs by name.</summary>
    ImmutableSortedDictionary<string, string> Packs { get; }

    /// <summary>True where a mandatory policy was violated.</summary>
    bool Violated { get; }
}
