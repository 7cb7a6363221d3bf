using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Reco.Engine.Display;
using Reco.Engine.Events;
using Reco.Engine.Languages;
using Reco.Engine.Planning;
using Reco.Engine.Review;
using Reco.Engine.State;
using Reco.Engine.Workspace;

namespace Reco.Engine.Cli;

/// <summary>Runs <c>up</c>, <c>preview</c>, <c>refresh</c> and <c>destroy</c>: lock, preview, consent, run, history.</summary>
internal sealed class UpdateRunner(CliContext context, UpdateRequest request)
{
    /// <summary>Exit code for "some changes were made although none were expected".</summary>
    private const int NoChangesExpected = 7;
    private const int PolicyViolated = 5;
    private const int Cancelled = 8;

    // Nobody changes it while the lock is held, and a preview does not.
    private Snapshot? state;
    private Task ready = Task.CompletedTask;
    private SharedRuns? runs;
    private EventLog? events;

    /// <summary>Runs.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        // A log that cannot be written is refused before anything is begun.
        events = request.EventLog is { } file ? await EventLog.OpenAsync(file, context.Directory, context.Time, request.ShowSecrets, context.Interrupted) : null;
        try
        {
            return await RunLoggedAsync();
        }
        finally
        {
            if (events is not null)
            {
                await events.DisposeAsync();
                if (events.Problem is { } problem)
                {
                    context.Error.WriteLine($"warning: the event log '{request.EventLog}' is not complete: {problem}");
                }
            }
        }
    }

    /// <summary>Plans an update, and shows nothing of it but errors.</summary>
    /// <param name="session">The stack.</param>
    /// <returns>The state that it would end with; null where it would fail.</returns>
    public async Task<Snapshot?> PlanAsync(StackSession session)
    {
        ready = session.CheckPassphraseAsync(writes: false);
        await using var shared = new SharedRuns(context.Providers(session));
        runs = shared;
        var result = await ExecuteAsync(session, Options(session, planning: true), planning: true, new ProblemDisplay(context.Error), review: null);
        return result.Succeeded ? result.Snapshot : null;
    }

    private async Task<int> RunLoggedAsync()
    {
        using var session = context.OpenStack(create: request.Kind is DeploymentKind.Update or DeploymentKind.Preview);
        SetConfig(session);
        ready = session.CheckPassphraseAsync(writes: !request.PreviewOnly);
        await using var shared = new SharedRuns(context.Providers(session));
        runs = shared;
        if (request.PreviewOnly)
        {
            var (preview, code) = await PreviewAsync(session);
            return code != 0 ? code : CheckExpectation(preview);
        }

        if (!request.Yes && !context.IsInteractive)
        {
            throw new EngineException("--yes (-y) must be passed to go on without a terminal to ask on; 'reco preview' shows what would happen", 2);
        }

        using var held = session.Lock(context.Time, context.Tell);
        if (!request.SkipPreview)
        {
            var (preview, code) = await PreviewAsync(session);
            if (code != 0)
            {
                return code;
            }

            if (request.ExpectNoChanges && HasChanges(preview))
            {
                return CheckExpectation(preview);
            }

            if (!request.Yes && !context.Confirm($"Do you want to perform this {Verb} on stack '{session.Name.Stack}'?"))
            {
                context.Output.WriteLine("Nothing was changed.");
                return Cancelled;
            }
        }

        return await UpdateAsync(session);
    }

    private string Verb => request.Kind switch { DeploymentKind.Destroy => "destroy", DeploymentKind.Refresh => "refresh", _ => request.Imports.IsEmpty ? "update" : "import" };

    // What is only read changes nothing.
    private static bool HasChanges(DeploymentResult result) =>
        result.Changes.Any(change => change.Key is not ("same" or "read" or "discard" or "read-replacement") && change.Value > 0);

    private int CheckExpectation(DeploymentResult result)
    {
        if (!request.ExpectNoChanges || !HasChanges(result))
        {
            return 0;
        }

        context.Error.WriteLine("error: no changes were expected, but changes are planned or were made");
        return NoChangesExpected;
    }

    private void SetConfig(StackSession session)
    {
        if (request.Config.Length == 0)
        {
            return;
        }

        using var edit = new ConfigEdit(session);
        foreach (var pair in request.Config)
        {
            if (pair.Split('=', 2) is not [{ Length: > 0 } key, var text])
            {
                throw new EngineException($"--config '{pair}' should be KEY=VALUE", 2);
            }

            edit.Set(key, request.ConfigPath, parts => ConfigEdit.Plain(text, parts));
        }

        edit.Save();
    }

    private async Task<(DeploymentResult Result, int Code)> PreviewAsync(StackSession session)
    {
        var options = Options(session, planning: true);
        var digest = request.Json && request.PreviewOnly ? new PreviewDigest(request.ShowSecrets, request.ShowSames, request.ShowReplacementSteps) : null;
        var report = request.Markdown && digest is null ? new MarkdownReport(session.Name.Stack) : null;
        var review = StackReview.Applies(options) ? new StackReview(options) : null;
        var result = await ExecuteAsync(session, options, planning: true, (IEventDisplay?)digest ?? report, review);
        if (digest is not null)
        {
            context.Output.WriteLine(digest.ToJson(options.Config, options.ConfigSecretKeys));
        }
        else if (report is not null)
        {
            context.Output.Write(report.ToMarkdown(review?.Costs()));
        }
        else if (review is not null && !request.Json)
        {
            TellCosts(review);
        }

        return (result, Code(result));
    }

    private async Task<int> UpdateAsync(StackSession session)
    {
        var began = context.Time.GetUtcNow();
        session.Backend.Backup(session.Name);
        var options = Options(session, planning: false);
        if (options.Base.PendingOperations.Length > 0)
        {
            TellPending(options.Base);
        }

        options = options with { Journal = session.Backend.StartJournal(session.Name, options.Base, session.Secrets) };
        var result = await ExecuteAsync(session, options, planning: false, shown: null, review: null);
        session.Backend.AddHistory(session.Name, History(session, result, began));
        var code = Code(result);
        if (code == 0)
        {
            code = CheckExpectation(result);
        }

        if (code == 0 && request.ShowImported)
        {
            ShowImported(options.Base, result.Snapshot);
        }

        return code == 0 && request is { Kind: DeploymentKind.Destroy } ? Finish(session, result.Snapshot.Resources) : code;
    }

    // The program has to declare what was imported, or the next update takes it for something that is to go.
    private void ShowImported(Snapshot before, Snapshot after)
    {
        var known = before.Resources.Select(resource => resource.Urn).ToHashSet(StringComparer.Ordinal);
        var fresh = after.Resources.Where(resource => resource is { Custom: true, Delete: false } && !Urn.IsProviderType(resource.Type) && !known.Contains(resource.Urn)).ToList();
        if (fresh.Count == 0)
        {
            return;
        }

        context.Output.WriteLine("\nDeclare these resources in the program; an update deletes what the program does not declare (and refuses to while it is protected):\n");
        foreach (var resource in fresh)
        {
            context.Output.WriteLine($"{resource.Type} '{Urn.Name(resource.Urn)}': {CliJson.Text(StackOutputCommand.Json(resource.Inputs, request.ShowSecrets))}");
        }
    }

    private void TellPending(Snapshot state)
    {
        foreach (var operation in state.PendingOperations)
        {
            var verb = operation.Type.ToString().ToLowerInvariant();
            context.Tell($"an earlier run was interrupted while {verb} {operation.Resource.Urn}");
        }
    }

    private int Finish(StackSession session, ImmutableArray<ResourceState> left)
    {
        if (left.Length > 0)
        {
            var shielded = left.Count(resource => resource.Protect);
            context.Output.WriteLine($"Stack '{session.Name.Stack}' still has {left.Length} resources{(request.ExcludeProtected && shielded > 0 ? $", {shielded} of them protected" : "")}.");
            if (request.Remove)
            {
                context.Error.WriteLine("error: the stack is not removed: its resources would be forgotten ('reco stack rm --force' does that)");
            }

            return request.Remove ? 1 : 0;
        }

        if (!request.Remove)
        {
            context.Output.WriteLine($"The resources of stack '{session.Name.Stack}' are gone, but its history and configuration are kept. 'reco stack rm {session.Name.Stack}' removes those, too.");
            return 0;
        }

        session.Backend.Remove(session.Name);
        session.DeleteConfig();
        new StackSelection(session.Backend.Folder).Clear(session.Name);
        context.Output.WriteLine($"Stack '{session.Name.Stack}' is removed.");
        return 0;
    }

    private DeploymentOptions Options(StackSession session, bool planning)
    {
        var config = session.LoadConfig();
        var program = (request.Kind is DeploymentKind.Update or DeploymentKind.Preview && request.Imports.IsEmpty) || request.RunProgram ? LanguageHosts.Of(session.Project, request.Client) : null;
        if (program is not null && !request.SkipConfigValidation)
        {
            ProjectConfig.Require(session.Project.Config, session.Name.Stack, config.Given, config.Values);
        }

        return new DeploymentOptions
        {
            Kind = planning && request.Kind == DeploymentKind.Update ? DeploymentKind.Preview : request.Kind,
            DryRun = planning,
            Project = session.Project.Name,
            Stack = session.Name.Stack,
            ProjectDirectory = session.Project.Directory,
            Config = config.Values,
            ConfigSecretKeys = config.SecretKeys,
            Ready = ready,
            Base = state ??= session.LoadSnapshot(),
            Program = program,
            StackReferences = new StackReferenceResolver(session.Backend, session.Project.Name, (name, _) => SecretsOf(session, name)),
            Events = _ => { },
            Parallel = request.Parallel > 0 ? request.Parallel : int.MaxValue,
            Refresh = request.Refresh || (session.Project.AlwaysRefresh && !request.RefreshGiven && request.Imports.IsEmpty),
            IgnoreProtect = request.IgnoreProtect,
            Targets = request.Targets,
            TargetDependents = request.TargetDependents,
            Excludes = request.ExcludeProtected ? [.. request.Excludes, .. state.Resources.Where(resource => resource.Protect).Select(resource => resource.Urn)] : request.Excludes,
            ExcludeDependents = request.ExcludeDependents,
            Debug = request.Debug,
            ReplaceTargets = request.Replace,
            ContinueOnError = request.ContinueOnError,
            Imports = request.Imports,
            ImportNames = request.ImportNames,
            ClearPendingCreates = request.ClearPendingCreates,
            Tags = request.PolicyPacks.IsEmpty ? ImmutableSortedDictionary<string, string>.Empty : new StackTags(session.Backend.Folder, session.Name).Load().ToImmutableSortedDictionary(StringComparer.Ordinal),
            PolicyPacks = [.. request.PolicyPacks.Select(folder => Path.GetFullPath(folder, context.Directory))],
            PolicyPackConfigs = [.. request.PolicyPackConfigs.Select(file => Path.GetFullPath(file, context.Directory))],
        };
    }

    private PassphraseSecrets SecretsOf(StackSession session, StackName name) => name == session.Name
        ? session.Secrets
        : StackSession.Open(session.Project, session.Backend, name, new Passphrase(context.Environment, context.Tell)).Secrets;

    private void TellCosts(StackReview review)
    {
        var (before, after) = review.Costs();
        foreach (var line in CostText.Lines(before, after))
        {
            context.Output.WriteLine(line);
        }
    }

    private async Task<DeploymentResult> ExecuteAsync(StackSession session, DeploymentOptions options, bool planning, IEventDisplay? shown, StackReview? review)
    {
        await using var display = shown ?? MakeDisplay(session, planning);
        var log = !planning || request.PreviewOnly ? events : null;
        var violated = false;
        var result = await new DeploymentRunner(context.Time, runs!.ListenAsync, runs!.Engine).RunAsync(options with
        {
            Events = @event =>
            {
                if (review is not null && @event is EngineEvent.Summary)
                {
                    // Before the end, which shows them.
                    foreach (var violation in review.Check())
                    {
                        violated |= violation.Enforcement == "mandatory";
                        display.Handle(violation);
                    }
                }

                review?.Note(@event);
                display.Handle(@event);
                log?.Handle(@event);
            },
        }, runs!.Providers, context.Interrupted);
        if (violated)
        {
            result = result with { Succeeded = false, PolicyFailed = true };
        }

        if (result.Error is { Length: > 0 } error)
        {
            display.Handle(new EngineEvent.Diagnostic("error", error, "", false));
        }

        return result;
    }

    private IEventDisplay MakeDisplay(StackSession session, bool planning)
    {
        if (request.Json)
        {
            return planning && !request.PreviewOnly ? new NoDisplay() : EventLog.ToWriter(context.Output, context.Time, request.ShowSecrets);
        }

        var options = new DisplayOptions
        {
            Console = context.Console,
            Kind = request.Kind,
            Importing = !request.Imports.IsEmpty,
            Planning = planning,
            Stack = session.Name.Stack,
            Diff = request.Diff,
            SuppressOutputs = request.SuppressOutputs,
            ShowSames = request.ShowSames,
            ShowSecrets = request.ShowSecrets,
            ShowUrns = request.ShowUrns,
            ShowConfig = request.ShowConfig,
            Time = context.Time,
        };
        return context.IsInteractive && !request.SuppressProgress && options.Console.Profile.Capabilities.Ansi ? new LiveDisplay(options) : new PlainDisplay(options);
    }

    private static int Code(DeploymentResult result) => result.Cancelled ? Cancelled : result.PolicyFailed ? PolicyViolated : result.Succeeded ? 0 : 1;

    private JsonObject History(StackSession session, DeploymentResult result, DateTimeOffset began)
    {
        var config = new JsonObject();
        foreach (var (key, value) in session.Config.Values(session.Project.Name))
        {
            config[key] = value.Json;
        }

        var environment = new JsonObject { ["exec.kind"] = request.ExecKind, ["pulumi.version"] = $"v{EngineVersion.Pulumi}" };
        if (request.ExecAgent is { } agent)
        {
            environment["exec.agent"] = agent;
        }

        return new JsonObject
        {
            ["kind"] = Verb,
            ["startTime"] = began.ToUnixTimeSeconds(),
            ["message"] = request.Message,
            ["environment"] = environment,
            ["config"] = config,
            ["result"] = result.Succeeded ? "succeeded" : "failed",
            ["endTime"] = context.Time.GetUtcNow().ToUnixTimeSeconds(),
            ["resourceChanges"] = new JsonObject(result.Changes.Select(change => KeyValuePair.Create(change.Key, (JsonNode?)change.Value))),
        };
    }
}
