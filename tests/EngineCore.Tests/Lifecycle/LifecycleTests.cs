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

    private static async Task CheckAsync(Round[] rounds)
    {
        await using var stack = new LifecycleStack();
        foreach (var round in rounds)
        {
            await stack.RunAsync(round);
        }

        await stack.ConvergeAsync(rounds.LastOrDefault(round => round.Kind == DeploymentKind.Update) ?? rounds[^1]);
    }
}
