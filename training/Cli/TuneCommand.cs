using System.CommandLine;
using System.Globalization;
using Reco.Training.Packaging;
using Reco.Training.Tuning;

namespace Reco.Training.Cli;

/// <summary>The command <c>tune</c>.</summary>
internal static class TuneCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Make(TextWriter output)
    {
        var trials = RunCommandOptions.Number("--trials", "Most sets of hyper-parameters to try.", 20, 1, 10_000);
        var minutes = new Option<double>("--minutes") { Description = "Time after which no further set is tried.", DefaultValueFactory = _ => 30 };
        minutes.Validators.Add(result =>
        {
            if (!(result.GetValueOrDefault<double>() is > 0 and <= 100_000))
            {
                result.AddError($"--minutes is {result.GetValueOrDefault<double>()}; it must be above 0 and at most 100000.");
            }
        });
        var options = new RunCommandOptions();
        var command = new Command("tune", "Searches hyper-parameters of the neural towers at random within a budget, on the validation period; the held-out period stays unseen. The options of run say what is tried first.") { trials, minutes };
        options.AddTrainingTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var storage = options.StorageOf(parsed);
            var shop = await Pipeline.LoadAsync(options.DataOf(parsed), storage, cancellation).ConfigureAwait(false);
            var progress = new ProgressPrinter(output);
            var ranked = new HyperSearch(options.BindTraining(parsed), shop, TimeProvider.System, progress.Say).Run(parsed.GetValue(trials), TimeSpan.FromMinutes(parsed.GetValue(minutes)), cancellation);
            progress.Say(string.Create(CultureInfo.InvariantCulture, $"best of {ranked.Count}: validation ndcg@10 {ranked[0].Ndcg:F4} with {ranked[0].Arguments}"));
            return 0;
        });
        return command;
    }
}
