using System.Collections.Immutable;
using Reco.Engine.Events;
using Reco.Engine.Planning;
using Reco.Engine.State;
using Reco.Engine.Tests.Support;

namespace Reco.Engine.Tests.Lifecycle;

/// <summary>Runs the commands of a case on a stack on disk, and checks after each that what the state says is sound and
/// complete.</summary>
internal sealed class LifecycleStack : IAsyncDisposable
{
    private static readonly StackName Name = new("proj", "dev");
    private static readonly TimeProvider Time = TimeProvider.System;

    // Deriving a key takes long by design; one serves all cases.
    private static readonly PassphraseSecrets Secrets = PassphraseSecrets.Create("fuzz");
    private readonly string directory = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"reco-fuzz-{Guid.NewGuid():n}")).FullName;
    private readonly StateFolder folder;
    private readonly Dictionary<string, ResourceState> entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> explained = new(StringComparer.Ordinal);

    public LifecycleStack()
    {
        folder = new StateFolder(Path.Combine(directory, ".pulumi"));
        new StateBackend(folder, Time).Create(Name, Secrets);
    }

    public World World { get; } = new();

    public List<EngineEvent> Events { get; } = [];

    /// <summary>Runs one command, with its faults, and checks the state that it leaves on disk.</summary>
    public async Task RunAsync(Round round)
    {
        if (round.VanishedSlot >= 0 && World.Objects.FirstOrDefault(entry => entry.Value.Urn[^1] - '0' == round.VanishedSlot).Key is { } vanished)
        {
            World.Delete(vanished);
        }

        World.Prepare(round.Faults);
        var files = new CrashingFiles(round.CrashAt);
        using var cancel = new CancellationTokenSource();
        var operations = 0;
        World.Operation = () =>
        {
            if (Interlocked.Increment(ref operations) == round.CancelAt)
            {
                // Not on the operation's own thread: cancelling calls the provider.
                _ = cancel.CancelAsync();
            }
        };
        var before = Load();
        try
        {
            await ExecuteAsync(round, files, clearPending: false, cancel.Token);
        }
        catch (ProcessDiedException)
        {
            // As a real one would: without a word.
        }

        var after = Load();
        CheckState(before, after, round.Kind == DeploymentKind.Preview);
        CheckDeletions(before);
    }

    /// <summary>Without faults, the stack gets to what the program wants, stays there, and can be destroyed.</summary>
    public async Task ConvergeAsync(Round last)
    {
        var calm = last with { Faults = [], CrashAt = 0, CancelAt = 0, TargetMask = 0, Exclude = false, ReplaceMask = 0, Refresh = false, ContinueOnError = false };
        World.Prepare([]);
        World.Operation = () => { };
        Unprotect();
        await SucceedAsync(calm with { Kind = DeploymentKind.Refresh }, clearPending: true);
        Assert.Empty(Load().PendingOperations);
        await SucceedAsync(calm with { Kind = DeploymentKind.Update });
        CheckWorld(calm);
        Assert.False(File.Exists(folder.Journal(Name)), "the journal of an update that came to its end is still there");

        var again = await SucceedAsync(calm with { Kind = DeploymentKind.Update });
        Assert.All(again.Changes, change => Assert.Equal("same", change.Key));
        CheckWorld(calm);

        Unprotect();
        await SucceedAsync(calm with { Kind = DeploymentKind.Destroy });
        Assert.Empty(Load().Resources);
        foreach (var (id, thing) in World.Objects)
        {
            Assert.True(explained.Contains(id) || entries.TryGetValue(id, out var entry) && entry.RetainOnDelete, $"destroy left {id} ({thing.Urn})");
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    private Snapshot Load() => new StateBackend(folder, Time).Open(Name, _ => Secrets).Snapshot;

    // What a run does when it has taken the lock.
    private static Snapshot Recover(StateBackend backend)
    {
        var loaded = backend.Open(Name, _ => Secrets);
        switch (loaded.Journal)
        {
            case JournalState.Replayed:
                backend.TakeInJournal(Name, loaded.Snapshot, Secrets);
                break;
            case JournalState.None:
                backend.DropJournal(Name);
                break;
            default:
                Assert.Fail("the journal does not belong to the checkpoint, although nobody else wrote it");
                break;
        }

        return loaded.Snapshot;
    }

    private void Unprotect()
    {
        var backend = new StateBackend(folder, Time);
        var state = Recover(backend);
        backend.Save(Name, state with { Resources = [.. state.Resources.Select(entry => entry with { Protect = false })] }, Secrets);
    }

    private async Task<DeploymentResult> SucceedAsync(Round round, bool clearPending = false)
    {
        var before = Load();
        var result = await ExecuteAsync(round, StateFiles.Disk, clearPending, CancellationToken.None);
        Assert.True(result.Succeeded, $"{round.Kind} without faults failed: {Errors()} {result.Error}");
        CheckState(before, Load(), preview: false);
        return result;
    }

    private async Task<DeploymentResult> ExecuteAsync(Round round, IStateFiles files, bool clearPending, CancellationToken cancellation)
    {
        Events.Clear();
        var engine = new InMemoryEngine();
        var backend = new StateBackend(folder, Time, files);
        var preview = round.Kind == DeploymentKind.Preview;
        var start = preview ? Load() : Recover(backend);
        ImmutableArray<string> Urns(int mask) => [.. start.Resources.Select(entry => entry.Urn).Where(urn => char.IsAsciiDigit(urn[^1]) && (mask >> (urn[^1] - '0') & 1) == 1).Distinct()];
        var constrained = Urns(round.TargetMask);
        var result = await new DeploymentRunner(Time, engine.ListenAsync).RunAsync(
            new DeploymentOptions
            {
                Kind = round.Kind,
                Project = Name.Project,
                Stack = Name.Stack,
                ProjectDirectory = directory,
                Base = start,
                Journal = preview ? null : backend.StartJournal(Name, start, Secrets),
                Program = round.Kind is DeploymentKind.Update or DeploymentKind.Preview ? new TestProgram(LifecycleProgram.Of(round), engine.Connect) : null,
                Events = Events.Add,
                Parallel = 4,
                Targets = round.Exclude ? [] : constrained,
                Excludes = round.Exclude ? constrained : [],
                TargetDependents = round.TargetDependents,
                ReplaceTargets = round.Kind == DeploymentKind.Update ? Urns(round.ReplaceMask) : [],
                Refresh = round.Refresh,
                ContinueOnError = round.ContinueOnError,
                ClearPendingCreates = clearPending,
            },
            new WorldFactory(World),
            cancellation);
        if (!preview)
        {
            Assert.All(start.PendingOperations, operation => Assert.Contains(Events.OfType<EngineEvent.Diagnostic>(), message => message.Severity == "warning" && message.Message.Contains(operation.Resource.Urn, StringComparison.Ordinal)));
            Assert.False(Errors().Contains("was not consistent", StringComparison.Ordinal), $"{Errors()}; before: {string.Join(", ", start.Resources.Select(Key))}; steps: {Steps()}");
        }

        return result;
    }

    private string Steps() => string.Join(", ", Events.OfType<EngineEvent.ResourcePre>().Select(step => $"{step.Step.Op} {step.Step.Urn} {step.Step.Old?.Id}"));

    private string Errors() => string.Join(" | ", Events.OfType<EngineEvent.Diagnostic>().Where(message => message.Severity is "error" or "warning").Select(message => message.Message));

    private void CheckState(Snapshot before, Snapshot after, bool preview)
    {
        var problem = SnapshotIntegrity.Verify(after);
        Assert.True(problem is null, problem);
        if (preview)
        {
            Assert.Equal(before.Resources.Select(Key), after.Resources.Select(Key));
        }

        var pending = after.PendingOperations.Select(operation => operation.Resource.Urn).ToHashSet(StringComparer.Ordinal);
        var known = after.Resources.Where(entry => entry.Id.Length > 0).ToLookup(entry => entry.Id, StringComparer.Ordinal);
        foreach (var (id, thing) in World.Objects)
        {
            if (known.Contains(id) || explained.Contains(id))
            {
                continue;
            }

            // What the state no longer has is retained, or was to go with its container, or is reported as in flight.
            var isLetGo = entries.TryGetValue(id, out var last) && (last.RetainOnDelete || last.DeletedWith.Length > 0);
            Assert.True(isLetGo || pending.Contains(thing.Urn), $"{id} ({thing.Urn}) exists, and the state does not know: {Errors()}");
            explained.Add(id);
        }

        foreach (var entry in after.Resources.Where(entry => entry.Id.Length > 0))
        {
            entries[entry.Id] = entry;
        }
    }

    // Of two entries that one run deletes, the one that depends on the other goes first.
    private void CheckDeletions(Snapshot before)
    {
        var order = World.Deleted.Select((id, at) => (id, at)).DistinctBy(entry => entry.id).ToDictionary(entry => entry.id, entry => entry.at);
        var replaced = Events.OfType<EngineEvent.ResourcePre>().Where(step => step.Step.Op == "delete-replaced").Select(step => step.Step.Old!.Id).ToHashSet(StringComparer.Ordinal);
        var deleted = before.Resources.Where(entry => entry.Custom && order.ContainsKey(entry.Id)).ToList();
        for (var place = 0; place < deleted.Count; place++)
        {
            // Of several copies of what it needs it has one that stands before it: the state is in the order of dependence.
            var dependent = deleted[place];
            foreach (var needed in deleted.Take(place).Where(entry => entry.Delete == dependent.Delete && dependent.Dependencies().Append(dependent.Parent).Contains(entry.Urn)))
            {
                // What is deleted before its replacement goes while dependents that need no replacement for it are still
                // there. They may need one for a reason of their own, or go at the end.
                Assert.True(
                    (!needed.Delete && replaced.Contains(needed.Id)) || order[dependent.Id] < order[needed.Id],
                    $"{needed.Urn} was deleted before {dependent.Urn}, which depends on it");
            }
        }
    }

    private void CheckWorld(Round round)
    {
        var state = Load();
        var leftovers = state.Resources.Where(entry => entry.Delete || entry.PendingReplacement).Select(entry => $"{Key(entry)}|{entry.Provider}").ToList();
        Assert.True(leftovers.Count == 0, $"after an up without faults there is still {string.Join(", ", leftovers)} among {string.Join(", ", state.Resources.Select(Key))}; steps: {Steps()}");
        foreach (var thing in round.Things.Where(thing => thing.Kind == ThingKind.Custom))
        {
            var entry = Assert.Single(state.Resources, entry => entry.Custom && Urn.Name(entry.Urn) == thing.Name && entry.Type == "test:index:Thing");
            Assert.True(World.Objects.TryGetValue(entry.Id, out var real), $"{entry.Urn} is in the state, but does not exist");
            Assert.Equal(thing.Replace, (int)real.Inputs.Fields["replace"].NumberValue);
            if (!thing.IgnoreSize)
            {
                Assert.Equal(thing.Size, (int)real.Inputs.Fields["size"].NumberValue);
            }

            foreach (var key in (string[])["from", "replaceWhen", "in"])
            {
                if (real.Inputs.Fields.TryGetValue(key, out var value))
                {
                    Assert.Contains(state.Resources, other => other.Id == value.StringValue);
                }
            }
        }

        Assert.Equal(
            round.Things.Where(thing => thing.Kind == ThingKind.Custom).Select(thing => thing.Name).Order(),
            state.Resources.Where(entry => entry.Custom && entry.Type == "test:index:Thing").Select(entry => Urn.Name(entry.Urn)).Order());
        Assert.Empty(World.Objects.Keys.Except(state.Resources.Select(entry => entry.Id)).Except(explained));
    }

    private static string Key(ResourceState entry) => $"{entry.Urn}|{entry.Id}|{entry.Delete}|{entry.PendingReplacement}";
}
