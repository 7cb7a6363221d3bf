using System.Globalization;
using CsCheck;
using Reco.Engine.Planning;

namespace Reco.Engine.Tests.Lifecycle;

/// <summary>Generated programs and states under provider failures, crashes and cancellation, in the manner of Pulumi's own
/// lifecycle fuzzing. See README.md for longer searches and their results.</summary>
public sealed class LifecycleTests
{
    private const long FewestCases = 1000;
    private static readonly string? Seed = Environment.GetEnvironmentVariable("RECO_LIFECYCLE_SEED") is { Length: > 0 } seed ? seed : null;

    // What a case does depends on which of its operations comes first, too: some fail in one run of a hundred.
    private static readonly long Repeats = Number("RECO_LIFECYCLE_REPEATS") ?? 1;

    [Fact]
    public Task AnyCommands_FaultsAndCrashes_StateStaysSoundAndConverges() => LifecycleGen.Case.SampleAsync(
        CheckAsync,
        seed: Seed,
        iter: Seed is null ? Math.Max(FewestCases, Number("RECO_LIFECYCLE_CASES") ?? 0) : Number("RECO_LIFECYCLE_CASES") ?? 1,
        print: rounds => string.Join("\n  ", rounds.Select(round => round.ToString()).Prepend("")));

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

    private static long? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;
}
