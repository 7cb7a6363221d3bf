using System.CommandLine;
using System.Text.Json.Nodes;
using Reco.Engine.Planning;

namespace Reco.Engine.Cli;

/// <summary>The command line. Verbs, options and exit codes are those of the official CLI.</summary>
internal static class RecoCommand
{
    private const int Internal = 255;

    /// <summary>Parses and runs a command.</summary>
    public static async Task<int> RunAsync(string[] args, CliContext context)
    {
        var common = new CommonOptions();
        var root = Root(context, common);
        try
        {
            // Alone, or as a word, it shows what there is.
            var parsed = root.Parse(args is [] ? ["--help"] : args is ["help", .. var words] ? [.. words, "--help"] : args);
            if (parsed.Errors.Count == 0 && EnvironmentOptions.Of(parsed, context.Environment) is { Length: > 0 } more)
            {
                parsed = root.Parse([.. args, .. more]);
            }

            if (parsed.Errors.Count > 0)
            {
                foreach (var problem in Told(parsed))
                {
                    await context.Error.WriteLineAsync($"error: {problem}");
                }

                await context.Error.WriteLineAsync("'reco --help' lists the commands and options.");
                return 2;
            }

            common.Apply(parsed, context);
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Output = context.Output,
                Error = context.Error,

                // Ctrl-C is handled by whoever made the context: a run must come to an orderly end.
                ProcessTerminationTimeout = null,
            });
        }
        catch (EngineException error)
        {
            await context.Error.WriteLineAsync($"error: {error.Message}");
            return error.ExitCode;
        }
        catch (OperationCanceledException) when (context.Interrupted.IsCancellationRequested)
        {
            await context.Error.WriteLineAsync("error: interrupted");
            return 8;
        }
        catch (Exception error)
        {
            await context.Error.WriteLineAsync($"error: {error.GetType().Name}: {error.Message}");
            await context.Error.WriteLineAsync(common.Details(error, context));
            return Internal;
        }
    }

    /// <summary>The command with all of its verbs and options.</summary>
    internal static RootCommand Root(CliContext context, CommonOptions common)
    {
        var root = new RootCommand("Reco's embedded Pulumi engine: previews, runs and tears down stacks with nothing but the .NET SDK.");
        common.AddTo(root);
        foreach (var command in Commands(context))
        {
            root.Subcommands.Add(command);
        }

        return root;
    }

    // That a command is missing is no news where the word that should be one is wrong.
    private static IEnumerable<string> Told(ParseResult parsed) => parsed.UnmatchedTokens is [var word, ..] && parsed.CommandResult.Command.Subcommands.Count > 0 && !word.StartsWith('-')
        ? [$"unknown command '{word}'"]
        : parsed.Errors.Select(problem => problem.Message);

    private static IEnumerable<Command> Commands(CliContext context) =>
    [
        Update(context, "up", DeploymentKind.Update, "Create or update the resources of a stack.", "update"),
        Update(context, "preview", DeploymentKind.Preview, "Show what an update would do.", "pre"),
        Update(context, "refresh", DeploymentKind.Refresh, "Take over what providers find into the state."),
        Update(context, "destroy", DeploymentKind.Destroy, "Delete the resources of a stack.", "down"),
        new ImportCommand(context).Build(),
        new CancelCommand(context).Build(),
        new StackCommands(context).Build(),
        new ConfigCommands(context).Build(),
        new StateCommands(context).Build(),
        new TtlCommands(context).Build(),
        new PluginCommands(context).Build(),
        WhoAmI(context),
        Version(context),
    ];

    private static Command Update(CliContext context, string name, DeploymentKind kind, string description, params string[] aliases)
    {
        var options = new UpdateOptions();
        var command = new Command(name, description);
        foreach (var alias in aliases)
        {
            command.Aliases.Add(alias);
        }

        options.AddTo(command, kind);
        command.SetAction((parsed, _) => new UpdateRunner(context, options.Bind(parsed, kind)).RunAsync());
        return command;
    }

    private static Command WhoAmI(CliContext context)
    {
        var json = new Option<bool>("--json", "-j") { Description = "Print JSON." };
        var command = new Command("whoami", "Print who works with the state.") { json };
        command.SetAction(parsed =>
        {
            var user = Environment.UserName;
            context.Output.WriteLine(parsed.GetValue(json)
                ? CliJson.Text(new JsonObject { ["user"] = user, ["organizations"] = new JsonArray(), ["url"] = $"file://{context.Backend(context.Project()).Folder.Root}" })
                : user);
        });
        return command;
    }

    private static Command Version(CliContext context)
    {
        var command = new Command("version", "Print the version.");
        command.SetAction(_ => context.Output.WriteLine($"v{EngineVersion.Pulumi}+reco.{EngineVersion.Reco}"));
        return command;
    }
}
