using System.CommandLine;
using Reco.Engine.Planning;

namespace Reco.Engine.Cli;

/// <summary>Options of <c>up</c>, <c>preview</c>, <c>refresh</c> and <c>destroy</c>.</summary>
internal sealed class UpdateOptions
{
    public readonly Option<bool> Yes = new("--yes", "-y") { Description = "Go on without asking." };
    public readonly Option<bool> SkipPreview = new("--skip-preview", "-f") { Description = "Do not preview first." };
    public readonly Option<bool> PreviewOnly = new("--preview-only") { Description = "Only preview." };
    public readonly Option<bool> Diff = new("--diff") { Description = "Show every property that changes." };
    public readonly Option<bool> Json = new("--json", "-j") { Description = "Print JSON." };
    public readonly Option<bool> Markdown = new("--markdown") { Description = "Print Markdown, for the comment of a pull request." };
    public readonly Option<bool> Refresh = new("--refresh", "-r") { Description = "Read every resource from its provider first." };
    public readonly Option<string[]> Target = new("--target", "-t") { Description = "URN (or pattern) of a resource to keep to." };
    public readonly Option<bool> TargetDependents = new("--target-dependents") { Description = "What depends on the targets, too." };
    public readonly Option<string[]> Exclude = new("--exclude", "-x") { Description = "URN (or pattern) of a resource to leave out." };
    public readonly Option<string[]> Replace = new("--replace") { Description = "URN of a resource to replace." };
    public readonly Option<string[]> TargetReplace = new("--target-replace") { Description = "URN of a resource to keep to and replace." };
    public readonly Option<bool> ExpectNoChanges = new("--expect-no-changes") { Description = "Fail where something changes." };
    public readonly Option<int> Parallel = new("--parallel", "-p") { Description = "Most operations at one time.", DefaultValueFactory = _ => 16 };
    public readonly Option<bool> ContinueOnError = new("--continue-on-error") { Description = "Go on with what does not depend on a resource that failed." };
    public readonly Option<string[]> PolicyPack = new("--policy-pack") { Description = "Folder of a policy pack to run." };
    public readonly Option<string[]> PolicyPackConfig = new("--policy-pack-config") { Description = "Configuration file (JSON) of the policy pack at the same place." };
    public readonly Option<string?> EventLog = new("--event-log") { Description = "File that takes the engine's events, one JSON object a line." };
    public readonly Option<string?> Message = new("--message", "-m") { Description = "Note for the history." };
    public readonly Option<bool> ShowSecrets = new("--show-secrets") { Description = "Show secrets in plain text." };
    public readonly Option<bool> SuppressOutputs = new("--suppress-outputs") { Description = "Do not show stack outputs." };
    public readonly Option<bool> ShowSames = new("--show-sames") { Description = "Show resources that do not change." };
    public readonly Option<bool> ShowReplacementSteps = new("--show-replacement-steps") { Description = "Show the parts of replacements." };
    public readonly Option<bool> Debug = new("--debug", "-d") { Description = "Pass debug messages of programs and providers on; they can show secrets." };
    public readonly Option<bool> ExcludeDependents = new("--exclude-dependents") { Description = "Leave out what depends on excluded resources, too." };
    public readonly Option<string[]> Config = new("--config", "-c") { Description = "KEY=VALUE to set in the stack's configuration first." };
    public readonly Option<bool> ConfigPath = new("--config-path") { Description = "Keys of --config are paths: a.b[0]." };
    public readonly Option<bool> ExcludeProtected = new("--exclude-protected") { Description = "Leave protected resources, and what they need, as they are." };
    public readonly Option<bool> ClearPendingCreates = new("--clear-pending-creates") { Description = "Forget creations of earlier runs whose end is not known." };
    public readonly Option<bool> RunProgram = new("--run-program") { Description = "Run the program, so that its hooks and the present configuration of its providers are used." };
    public readonly Option<string?> Client = new("--client") { Description = "Address of a language runtime that runs the program.", Hidden = true };
    public readonly Option<string> ExecKind = new("--exec-kind") { Description = "What started the engine, for the history.", Hidden = true, DefaultValueFactory = _ => "cli" };
    public readonly Option<string?> ExecAgent = new("--exec-agent") { Description = "Which program started the engine, for the history.", Hidden = true };
    public readonly Option<bool> SuppressProgress = new("--suppress-progress") { Description = "Draw no progress." };
    public readonly Option<bool> ShowUrns = new("--urns") { Description = "Show URNs instead of names." };
    public readonly Option<bool> ShowConfig = new("--show-config") { Description = "Show the configuration." };
    public readonly Option<bool> SkipConfigValidation = new("--skip-config-validation") { Description = "Do not hold the stack to the configuration that the project asks for." };
    public readonly Option<bool> IgnoreProtect = new("--ignore-protect") { Description = "Let protected resources be deleted and replaced, this once." };
    public readonly Option<bool> Remove = new("--remove", "--rm") { Description = "Remove the stack and its configuration file afterwards." };

    // What the official CLI leaves out or cuts without them is always shown here, there is no page to link to, and plugins are
    // started when they are needed.
    private readonly Option[] needless =
    [
        new Option<bool>("--show-reads") { Hidden = true },
        new Option<bool>("--show-full-output") { Hidden = true },
        new Option<bool>("--show-policy-remediations") { Hidden = true },
        new Option<bool?>("--suppress-permalink") { Hidden = true, Arity = ArgumentArity.ZeroOrOne },
        new Option<bool>("--skip-plugin-pre-install") { Hidden = true },
        new Option<bool>("--suppress-stream-logs") { Hidden = true },
    ];

    /// <summary>Adds the options that a kind of run has.</summary>
    public void AddTo(Command command, DeploymentKind kind)
    {
        Option[] all = [Yes, SkipPreview, PreviewOnly, Diff, Json, Refresh, Target, TargetDependents, Exclude, ExpectNoChanges, Parallel, ContinueOnError, EventLog, Message, ShowSecrets, SuppressOutputs, ShowSames, ShowReplacementSteps, ExcludeDependents, Debug, Config, ConfigPath, RunProgram, Client, ExecKind, ExecAgent, SuppressProgress, ShowUrns, ShowConfig, SkipConfigValidation, .. needless];
        Option[] more = kind switch
        {
            DeploymentKind.Destroy => [Remove, ExcludeProtected, IgnoreProtect],
            DeploymentKind.Refresh => [ClearPendingCreates],
            DeploymentKind.Preview => [Replace, TargetReplace, PolicyPack, PolicyPackConfig, Markdown, IgnoreProtect],
            _ => [Replace, TargetReplace, PolicyPack, PolicyPackConfig, IgnoreProtect],
        };
        foreach (var option in all.Concat(more))
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (Counted(result, Exclude) > 0 && Counted(result, Target) > 0)
            {
                result.AddError("only one of --target and --exclude may be given");
            }

            if (Counted(result, PolicyPackConfig) is > 0 and var configs && configs != Counted(result, PolicyPack))
            {
                result.AddError("--policy-pack-config goes with the --policy-pack at the same place: give as many of one as of the other");
            }
        });
    }

    private static int Counted(System.CommandLine.Parsing.CommandResult result, Option<string[]> option) => result.GetResult(option)?.Tokens.Count ?? 0;

    /// <summary>What was asked for.</summary>
    public UpdateRequest Bind(ParseResult parsed, DeploymentKind kind)
    {
        var targetReplace = parsed.GetValue(TargetReplace) ?? [];
        return new UpdateRequest
        {
            Kind = kind,
            Yes = parsed.GetValue(Yes),
            SkipPreview = parsed.GetValue(SkipPreview),
            PreviewOnly = kind == DeploymentKind.Preview || parsed.GetValue(PreviewOnly),
            Diff = parsed.GetValue(Diff),
            Json = parsed.GetValue(Json),
            Markdown = kind == DeploymentKind.Preview && parsed.GetValue(Markdown),
            Refresh = parsed.GetValue(Refresh),
            Targets = [.. parsed.GetValue(Target) ?? [], .. targetReplace],
            TargetDependents = parsed.GetValue(TargetDependents),
            Excludes = [.. parsed.GetValue(Exclude) ?? []],
            Replace = [.. parsed.GetValue(Replace) ?? [], .. targetReplace],
            ExpectNoChanges = parsed.GetValue(ExpectNoChanges),
            Parallel = parsed.GetValue(Parallel),
            ContinueOnError = parsed.GetValue(ContinueOnError),
            PolicyPacks = [.. parsed.GetValue(PolicyPack) ?? []],
            PolicyPackConfigs = [.. parsed.GetValue(PolicyPackConfig) ?? []],
            EventLog = parsed.GetValue(EventLog),
            Message = parsed.GetValue(Message) ?? "",
            ShowSecrets = parsed.GetValue(ShowSecrets),
            SuppressOutputs = parsed.GetValue(SuppressOutputs),
            ShowSames = parsed.GetValue(ShowSames),
            ShowReplacementSteps = parsed.GetValue(ShowReplacementSteps),
            Debug = parsed.GetValue(Debug),
            ExcludeDependents = parsed.GetValue(ExcludeDependents),
            Config = [.. parsed.GetValue(Config) ?? []],
            ConfigPath = parsed.GetValue(ConfigPath),
            ExcludeProtected = parsed.GetValue(ExcludeProtected),
            ClearPendingCreates = parsed.GetValue(ClearPendingCreates),
            RunProgram = parsed.GetValue(RunProgram),
            Client = parsed.GetValue(Client),
            ExecKind = parsed.GetValue(ExecKind)!,
            ExecAgent = parsed.GetValue(ExecAgent),
            SuppressProgress = parsed.GetValue(SuppressProgress),
            Remove = parsed.GetValue(Remove),
            ShowUrns = parsed.GetValue(ShowUrns),
            ShowConfig = parsed.GetValue(ShowConfig),
            SkipConfigValidation = parsed.GetValue(SkipConfigValidation),
            IgnoreProtect = parsed.GetValue(IgnoreProtect),
            RefreshGiven = parsed.GetResult(Refresh) is { Implicit: false },
        };
    }
}
