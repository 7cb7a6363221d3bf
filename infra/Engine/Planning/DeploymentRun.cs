using System.Collections.Immutable;
using Reco.Engine.Events;
using Reco.Engine.Protocol;
using Reco.Engine.State;
using Reco.Engine.Values;

namespace Reco.Engine.Planning;

/// <summary>The phases of one run: refresh, program, deletions, outputs, final state.</summary>
internal sealed class DeploymentRun(Deployment deployment, StepExecutor steps, DefaultProviders defaults, ResourceMonitorService monitor, string address, TimeSpan grace)
{
    private readonly DeploymentOptions options = deployment.Options;
    private readonly TimeSpan shutdownLimit = TimeSpan.FromSeconds(30);
    private bool failed;
    private string? error;
    private Task<string?>? pendingProgram;

    /// <summary>Runs all phases.</summary>
    public async Task<DeploymentResult> RunAsync(CancellationToken cancellation)
    {
        var started = deployment.Time.GetTimestamp();
        deployment.Events.Send(new EngineEvent.Prelude(Shown(options.Config)));
        try
        {
            await RunPhasesAsync(cancellation);
        }
        catch (RunStoppedException)
        {
            failed = true;
        }
        catch (EngineException problem) when (!options.Ready.IsFaulted)
        {
            deployment.Fatal("", problem.Message);
        }

        await deployment.Control.CloseAsync();
        failed |= deployment.Events.HasError || deployment.Control.Stopping.IsCancellationRequested;
        await RecordStackOutputsAsync();
        await LetProgramGoAsync();
        var snapshot = await FinalSnapshotAsync();
        if (cancellation.IsCancellationRequested)
        {
            deployment.Events.Send(new EngineEvent.Cancelled());
        }

        var changes = deployment.Events.Changes;
        deployment.Events.Send(new EngineEvent.Summary(
            changes, deployment.Time.GetElapsedTime(started), StackOutputs(snapshot), StackOutputs(options.Base), deployment.MaybeCorrupt)
        {
            IsPreview = deployment.Preview,
            Result = cancellation.IsCancellationRequested ? "canceled" : failed ? "failed" : "succeeded",
            PolicyPacks = deployment.Policies?.Packs ?? ImmutableSortedDictionary<string, string>.Empty,
        });
        return new DeploymentResult(!failed, snapshot, changes, cancellation.IsCancellationRequested, deployment.Policies?.Violated == true, deployment.Events.HasError || cancellation.IsCancellationRequested ? null : error);
    }

    private async Task RunPhasesAsync(CancellationToken cancellation)
    {
        if (options.Program is null || options.Refresh || options.Kind == DeploymentKind.Refresh || deployment.Tracker.Unsettled().Count > 0)
        {
            await options.Ready;
        }

        await new RecoveryRunner(deployment, steps).RunAsync();
        TellPendingOperations();
        if (!options.Imports.IsEmpty)
        {
            failed = !await new ImportRunner(deployment, steps, defaults).RunAsync();
            return;
        }

        if (options.Refresh || options.Kind == DeploymentKind.Refresh)
        {
            RequireTargets([.. options.Targets, .. options.Excludes]);

            // A program has providers with the configuration that they have now, and its resources are read as it registers them.
            if (options is { Kind: DeploymentKind.Refresh, Program: { } program } && !await RunProgramAsync(program, cancellation))
            {
                throw new RunStoppedException();
            }

            if (!await deployment.Refresher.RunAsync())
            {
                throw new RunStoppedException();
            }

            deployment.Control.ThrowIfStopping();
            if (options.Kind == DeploymentKind.Refresh)
            {
                return;
            }
        }

        RequireTargets(options.ReplaceTargets);
        RequireDeleteHooks();
        if (options.Program is not null && !await RunProgramAsync(options.Program, cancellation))
        {
            throw new RunStoppedException();
        }

        if (options.Kind != DeploymentKind.Destroy && deployment.Policies is { } policies && !deployment.Events.HasError
            && (!await policies.CheckStackAsync(cancellation) || policies.Violated))
        {
            failed = true;
            if (!deployment.Preview)
            {
                throw new RunStoppedException();
            }
        }

        RequireTargets(options.Targets);
        if (!await new DeleteRunner(deployment, steps).RunAsync())
        {
            failed = true;
        }
    }

    /// <summary>Runs the program until it will register nothing more, and until all that it registered is done.</summary>
    private async Task<bool> RunProgramAsync(IProgramHost host, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var program = host.RunAsync(new ProgramRun(address, address, options, Output), stop.Token);
        try
        {
            await options.Ready;
        }
        catch
        {
            await stop.CancelAsync();
            await IgnoreAsync(program);
            throw;
        }

        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = deployment.Control.Stopping.Register(stopping.SetResult);
        await Task.WhenAny(program, monitor.ProgramDone, stopping.Task);
        if (program.IsCompleted)
        {
            return await EndedAsync(program);
        }

        if (!stopping.Task.IsCompleted)
        {
            // It waits for the end of the run now. Everything it registered is to be done before deletions begin.
            await deployment.Control.CloseAsync();
            pendingProgram = program;
            return !deployment.Control.Stopping.IsCancellationRequested;
        }

        await Task.WhenAny(program, Task.Delay(grace, CancellationToken.None));
        await stop.CancelAsync();
        await IgnoreAsync(program);
        return false;
    }

    private async Task<bool> EndedAsync(Task<string?> program)
    {
        string? message;
        try
        {
            message = await program;
        }
        catch (OperationCanceledException)
        {
            message = "";
        }

        if (message is null)
        {
            await deployment.Control.CloseAsync();
            return !deployment.Control.Stopping.IsCancellationRequested;
        }

        failed = true;
        if (message.Length > 0)
        {
            deployment.Events.Diagnose("error", message);
        }

        error = message.Length > 0 ? message : "The program failed.";
        deployment.Control.Stop();
        return false;
    }

    private static async Task IgnoreAsync(Task program)
    {
        try
        {
            await program;
        }
        catch (OperationCanceledException)
        {
            // It was stopped; what for has been told.
        }
    }

    private void Output(string line, bool isError)
    {
        // What a program says when its run could not begin is no news.
        if (!options.Ready.IsFaulted)
        {
            deployment.Events.Diagnose(isError ? "info#err" : "info", line);
        }
    }

    private void RequireTargets(IEnumerable<string> targets)
    {
        if (!TargetRules.CheckNamed(deployment, targets.Where(urn => !urn.Contains('*', StringComparison.Ordinal))))
        {
            throw new RunStoppedException();
        }
    }

    // Hooks are code of the program: where it does not run, what has them cannot be deleted as it wants to be.
    private void RequireDeleteHooks()
    {
        if (options.Kind != DeploymentKind.Destroy || options.Program is not null)
        {
            return;
        }

        var hooked = options.Base.Resources.Where(entry => entry.Hooks.ContainsKey(HookKinds.BeforeDelete) || entry.Hooks.ContainsKey(HookKinds.AfterDelete)).ToList();
        foreach (var entry in hooked)
        {
            deployment.Events.Diagnose("error", "The resource has hooks for its deletion, which are code of the program; run 'destroy --run-program'.", entry.Urn);
        }

        if (hooked.Count > 0)
        {
            throw new RunStoppedException();
        }
    }

    private async Task RecordStackOutputsAsync()
    {
        if (options.Kind == DeploymentKind.Destroy || monitor.StackOutputs is not { } given || !deployment.PendingOutputs.ContainsKey(given.Urn))
        {
            return;
        }

        var outputs = given.Outputs;
        if (failed && deployment.Olds.TryGetValue(given.Urn, out var old))
        {
            // What a failed run did not get to is as it was.
            outputs = new PropertyMap(old.Outputs.Concat(outputs));
        }

        await steps.OutputsAsync(given.Urn, outputs);
    }

    private async Task<Snapshot> FinalSnapshotAsync()
    {
        var snapshot = deployment.Tracker.Build(keepPendingCreates: !options.ClearPendingCreates);
        if (SnapshotIntegrity.Verify(snapshot) is { } problem)
        {
            deployment.Events.Diagnose("warning", $"The new state was not consistent and has been repaired: {problem}. Please report this with the program's registrations.");
            snapshot = SnapshotIntegrity.Repair(snapshot);
        }

        if (!deployment.Preview && options.Journal is { } journal)
        {
            await journal.CompleteAsync(snapshot);
        }

        return snapshot;
    }

    // A program that waits for the end of the run may still fail after it.
    private async Task LetProgramGoAsync()
    {
        monitor.Release();
        if (pendingProgram is null)
        {
            return;
        }

        await Task.WhenAny(IgnoreAsync(pendingProgram), Task.Delay(shutdownLimit, CancellationToken.None));
        if (pendingProgram is { IsCompletedSuccessfully: true, Result: { } message } && !failed)
        {
            failed = true;
            deployment.Events.Diagnose("error", message.Length > 0 ? message : "The program failed after its resources were done.");
        }
    }

    private void TellPendingOperations()
    {
        var open = deployment.Tracker.Unsettled();
        if (open.Count == 0 || deployment.Preview)
        {
            return;
        }

        var lines = open.Select(operation => $"  * {operation.Resource.Urn}, interrupted while {operation.Type switch
        {
            PendingOperationType.Creating => "creating",
            PendingOperationType.Updating => "updating",
            PendingOperationType.Deleting => "deleting",
            PendingOperationType.Reading => "reading",
            _ => "importing",
        }}");
        deployment.Events.Diagnose(
            "warning",
            "An earlier run was interrupted. What these operations have done is not known:\n" + string.Join('\n', lines)
            + "\nRun 'refresh' to compare the state with what there is. A resource that was being created and is not in the state has to be imported or deleted by hand; "
            + "'refresh --clear-pending-creates' then forgets the operation.");
    }

    private ImmutableSortedDictionary<string, string> Shown(ImmutableSortedDictionary<string, string> config) =>
        config.ToImmutableSortedDictionary(entry => entry.Key, entry => options.ConfigSecretKeys.Contains(entry.Key) ? "[secret]" : entry.Value, StringComparer.Ordinal);

    private static PropertyMap? StackOutputs(Snapshot snapshot) =>
        snapshot.Resources.FirstOrDefault(entry => entry.Type == Urn.RootStackType && !entry.Delete)?.Outputs;
}
