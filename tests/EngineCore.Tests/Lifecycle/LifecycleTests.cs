using System.Globalization;
using CsCheck;
using Reco.Engine.Planning;

namespace Reco.Engine.Tests.Lifecycle;

/// <summary>Generated programs and states under provider failures, crashes and cancellation, in the manner of Pulumi's own
/// lifecycle fuzzing. See README.md for the longer mode and its results.</summary>
public sealed class LifecycleTests
{
    [LongFact]
    public Task AnyCommands_FaultsAndCrashes_StateStaysSoundAndConverges() => LifecycleGen.Case.SampleAsync(
        CheckAsync,
        seed: Environment.GetEnvironmentVariable("RECO_LIFECYCLE_SEED") is { Length: > 0 } seed ? seed : null,
        iter: long.Parse(Environment.GetEnvironmentVariable(LongFactAttribute.Cases)!, CultureInfo.InvariantCulture),
        print: rounds => string.Join("\n  ", rounds.Select(round => round.ToString()).Prepend("")));

    // What a case does depends on which of its operations comes first, too: some fail in one run of a hundred.
    private static readonly int Repeats = int.Parse(Environment.GetEnvironmentVariable("RECO_LIFECYCLE_REPEATS") ?? "1", CultureInfo.InvariantCulture);

    private static async Task CheckAsync(Round[] rounds)
    {
        for (var run = 0; run < Repeats; run++)
        {
            await CheckOnceAsync(rounds);
        }
    }

    private static async Task CheckOnceAsync(Round[] rounds)
    {
        await using var stack = new LifecycleStack();
        foreach (var round in rounds)
        {
            await stack.RunAsync(round);
        }

        await stack.ConvergeAsync(rounds.LastOrDefault(round => round.Kind == DeploymentKind.Update) ?? rounds[^1]);
    }
}
