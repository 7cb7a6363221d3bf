using Reco.Engine.Events;
using Reco.Engine.Planning;
using Reco.Engine.State;

namespace Reco.Engine.Tests.Support;

/// <summary>A stack whose state lives in memory from run to run.</summary>
internal sealed class TestStack : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("reco-core-").FullName;

    public ScriptedProvider Provider { get; init; } = new();

    public ScriptedFactory Factory => field ??= new ScriptedFactory(Provider);

    public Snapshot State { get; set; } = Snapshot.Empty;

    public List<EngineEvent> Events { get; } = [];

    public MemoryJournal Journal { get; private set; } = new(Snapshot.Empty);

    public string ProjectDirectory => directory;

    public Task<DeploymentResult> UpAsync(Func<ProgramClient, Task> program, Func<DeploymentOptions, DeploymentOptions>? change = null, CancellationToken cancellation = default) =>
        RunAsync(DeploymentKind.Update, program, change, cancellation);

    public Task<DeploymentResult> PreviewAsync(Func<ProgramClient, Task> program, Func<DeploymentOptions, DeploymentOptions>? change = null) =>
        RunAsync(DeploymentKind.Preview, program, change, CancellationToken.None);

    public Task<DeploymentResult> DestroyAsync(Func<DeploymentOptions, DeploymentOptions>? change = null) => RunAsync(DeploymentKind.Destroy, null, change, CancellationToken.None);

    public Task<DeploymentResult> RefreshAsync(Func<DeploymentOptions, DeploymentOptions>? change = null) => RunAsync(DeploymentKind.Refresh, null, change, CancellationToken.None);

    public async Task<DeploymentResult> RunAsync(DeploymentKind kind, Func<ProgramClient, Task>? program, Func<DeploymentOptions, DeploymentOptions>? change, CancellationToken cancellation)
    {
        Events.Clear();
        Journal = new MemoryJournal(State);
        var options = new DeploymentOptions
        {
            Kind = kind,
            Project = "proj",
            Stack = "dev",
            ProjectDirectory = directory,
            Base = State,
            Journal = Journal,
            Program = program is null ? null : new TestProgram(program),
            Events = Events.Add,
        };
        options = change?.Invoke(options) ?? options;
        var result = await new DeploymentRunner().RunAsync(options, Factory, cancellation);
        Assert.Null(SnapshotIntegrity.Verify(result.Snapshot));
        if (kind != DeploymentKind.Preview && !options.DryRun)
        {
            Assert.Empty(Journal.Open);
            Assert.Equal(Names(result.Snapshot), Names(Journal.Replay()));
            State = result.Snapshot;
        }

        return result;
    }

    public IEnumerable<string> Steps => Events.OfType<EngineEvent.ResourcePre>().Select(step => $"{step.Step.Op} {Urn.Name(step.Step.Urn)}").Where(step => !step.EndsWith("proj-dev", StringComparison.Ordinal));

    public IEnumerable<string> Messages(string severity) => Events.OfType<EngineEvent.Diagnostic>().Where(message => message.Severity == severity).Select(message => message.Message);

    public ResourceState this[string name] => State.Resources.Single(entry => Urn.Name(entry.Urn) == name && !entry.Delete);

    public static string UrnOf(string name, string type = "test:index:Thing") => $"urn:pulumi:dev::proj::{type}::{name}";

    public ValueTask DisposeAsync()
    {
        Directory.Delete(directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static IEnumerable<string> Names(Snapshot snapshot) =>
        snapshot.Resources.Select(entry => $"{entry.Urn}|{entry.Id}|{entry.Delete}|{entry.PendingReplacement}").Order(StringComparer.Ordinal);
}

/// <summary>A journal in memory that checks how it is used.</summary>
internal sealed class MemoryJournal(Snapshot start) : IStateJournal
{
    private readonly Lock gate = new();
    private readonly List<ResourceState> entries = [.. start.Resources];
    private long next;

    public Dictionary<long, PendingOperation> Open { get; } = [];

    public List<string> Log { get; } = [];

    public Snapshot? Final { get; private set; }

    public Snapshot Replay() => new() { Resources = SnapshotAssembly.Assemble(entries) };

    public Task<long> BeginAsync(PendingOperation operation, CancellationToken cancellation)
    {
        lock (gate)
        {
            Open[++next] = operation;
            Log.Add($"begin {operation.Type} {Urn.Name(operation.Resource.Urn)}");
            return Task.FromResult(next);
        }
    }

    public Task EndAsync(long? token, StateChange? change)
    {
        lock (gate)
        {
            if (token is { } known)
            {
                Assert.True(Open.Remove(known));
            }

            if (change is null)
            {
                return Task.CompletedTask;
            }

            var at = change.Remove is null ? -1 : entries.FindIndex(entry => ReferenceEquals(entry, change.Remove));
            Assert.True(change.Remove is null || at >= 0, "the journal was told to remove what it does not have");
            if (at >= 0)
            {
                entries.RemoveAt(at);
            }

            if (change.Put is not null)
            {
                entries.Insert(at < 0 ? entries.Count : at, change.Put);
                Log.Add($"put {Urn.Name(change.Put.Urn)}");
            }

            return Task.CompletedTask;
        }
    }

    public Task CompleteAsync(Snapshot final)
    {
        Assert.Null(Final);
        Final = final;
        return Task.CompletedTask;
    }
}
