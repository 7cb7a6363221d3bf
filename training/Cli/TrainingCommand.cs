using System.CommandLine;
using Reco.Training.Data;
using Reco.Training.Data.Storage;
using Reco.Training.Packaging;

namespace Reco.Training.Cli;

/// <summary>The command line. Exit codes: 0 done, 1 the data or the model is not good enough, 2 wrong usage, 130 interrupted,
/// 143 terminated.</summary>
internal static class TrainingCommand
{
    /// <summary>Exit code of a run that was cancelled.</summary>
    public const int Interrupted = 130;

    /// <summary>Parses and runs a command.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellation = default)
    {
        var root = new RootCommand("Reco's training tool: trains, evaluates, compresses and packages recommendation models.");
        root.Subcommands.Add(Run(output, "run", "Runs every stage, from data to a published bundle.", Stage.Package));
        root.Subcommands.Add(Run(output, "prepare", "Loads, checks and splits the data, and says what was found.", Stage.Prepare));
        root.Subcommands.Add(Run(output, "train", "Runs up to the trained model, which stays in the work folder for the next stages.", Stage.Train));
        root.Subcommands.Add(Run(output, "evaluate", "Runs up to the comparison with the baselines; takes a trained model from the work folder.", Stage.Evaluate));
        root.Subcommands.Add(Run(output, "compress", "Runs up to the variants and their figures; takes a trained model from the work folder.", Stage.Compress));
        root.Subcommands.Add(Run(output, "package", "Runs up to the published bundle; takes a trained model from the work folder.", Stage.Package));
        root.Subcommands.Add(TuneCommand.Make(output));
        root.Subcommands.Add(Validate(output));
        root.Subcommands.Add(GenerateDemo(output));
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var problem in parsed.Errors)
            {
                await error.WriteLineAsync($"error: {problem.Message}").ConfigureAwait(false);
            }

            return 2;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error, ProcessTerminationTimeout = null }, cancellation).ConfigureAwait(false);
        }
        catch (TrainingException problem)
        {
            await error.WriteLineAsync($"error: {problem.Message}").ConfigureAwait(false);
            return 1;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("interrupted: nothing was published.").ConfigureAwait(false);
            return Interrupted;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"error: {problem.Message}").ConfigureAwait(false);
            return 1;
        }
        catch (Exception problem)
        {
            await error.WriteLineAsync(Unexpected(problem)).ConfigureAwait(false);
            return 1;
        }
    }

    /// <summary>One line for what no other line was written for. Work on several cores wraps what went wrong on one of them.</summary>
    private static string Unexpected(Exception problem)
    {
        var inner = problem is AggregateException several ? several.Flatten().InnerExceptions[0] : problem;
        return inner switch
        {
            TrainingException => $"error: {inner.Message}",
            OutOfMemoryException => "error: the memory is not enough. Give the process more, or train on less: fewer items or users, a smaller --dimension, --events-in-memory, --evaluation-users or --candidates.",
            _ => $"error: the tool itself failed, nothing was published: {inner.GetType().Name}: {inner.Message.ReplaceLineEndings(" ")}",
        };
    }

    private static Command Run(TextWriter output, string name, string description, Stage last)
    {
        var options = new RunCommandOptions();
        var command = new Command(name, description);
        options.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            await new Pipeline(options.Bind(parsed), TimeProvider.System, new ProgressPrinter(output)).RunAsync(last, cancellation).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static Command Validate(TextWriter output)
    {
        var data = RunCommandOptions.DataOption();
        var events = RunCommandOptions.EventsOption();
        var command = new Command("validate", "Loads a data set and says what was found in it.") { data, events };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var storage = new EventStorage(parsed.GetValue(events), Path.GetTempPath());
            var shop = await Pipeline.LoadAsync(parsed.GetRequiredValue(data), storage, cancellation).ConfigureAwait(false);
            await output.WriteLineAsync($"{shop.Name}: {shop.Interactions.Length} interactions, {shop.Users.Count} users, {shop.Items.Count} items").ConfigureAwait(false);
            foreach (var finding in shop.Findings)
            {
                await output.WriteLineAsync($"{finding.Count,8}  {finding.What} (first: {finding.Example}); {finding.Policy}").ConfigureAwait(false);
            }

            return 0;
        });
        return command;
    }

    private static Command GenerateDemo(TextWriter output)
    {
        var folder = new Option<string>("--out") { Description = "Folder to write.", Required = true };
        var command = new Command("generate-demo", "Writes the seeded demo shop as files.") { folder };
        command.SetAction(async (parsed, cancellation) =>
        {
            await DemoShop.WriteAsync(DemoShop.Make(), parsed.GetRequiredValue(folder), cancellation).ConfigureAwait(false);
            await output.WriteLineAsync($"wrote the demo shop to {parsed.GetRequiredValue(folder)}").ConfigureAwait(false);
            return 0;
        });
        return command;
    }
}
