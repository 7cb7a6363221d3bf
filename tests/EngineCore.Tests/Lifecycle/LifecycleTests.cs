using System.Globalization;
using CsCheck;
using Reco.Engine.Planning;

namespace Reco.Engine.Tests.Lifecycle;

/// <summary>Generated programs and states under provider failures, crashes and cancellation, in the manner of Pulumi's own
/// lifecycle fuzzing. See README.md for longer searches and their results.</summary>
public sealed class LifecycleTests
{
    private const int DefaultCases = 1000;

    /// <summary>2^64 by the golden ratio: its multiples are far apart.</summary>
    private const ulong GoldenRatio = 0x9E37_79B9_7F4A_7C15;
    private static readonly string? Seed = Environment.GetEnvironmentVariable("RECO_LIFECYCLE_SEED") is { Length: > 0 } seed ? seed : null;

    // What a case does depends on which of its operations comes first, too: some fail in one run of a hundred.
    private static readonly long Repeats = Number("RECO_LIFECYCLE_REPEATS") ?? 1;

    [Fact]
    public Task AnyCommands_FaultsAndCrashes_StateStaysSoundAndConverges() => Seed is not null || Number("RECO_LIFECYCLE_CASES") is not null
        ? LifecycleGen.Case.SampleAsync(CheckAsync, seed: Seed, iter: Number("RECO_LIFECYCLE_CASES") ?? 1, print: Print)
        : CheckTheSameAsync();

    /// <summary>A default run has the same cases each time, so that what it says of a change is about that change; new ones are what the
    /// longer searches are for.</summary>
    private static async Task CheckTheSameAsync()
    {
        var seeds = Enumerable.Range(0, DefaultCases).Select(number => new PCG((uint)number, unchecked((ulong)number * GoldenRatio)).ToString());
        var cases = seeds.Select(seed => (Seed: seed, Rounds: LifecycleGen.Case.Single(_ => true, seed))).ToArray();
        Assert.True(cases.Select(entry => Print(entry.Rounds)).Distinct(StringComparer.Ordinal).Count() > DefaultCases * 0.9, "the cases are too much alike");
        await Parallel.ForEachAsync(cases, async (entry, _) =>
        {
            try
            {
                await CheckAsync(entry.Rounds);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"RECO_LIFECYCLE_SEED={entry.Seed}: {error.Message}{Print(entry.Rounds)}", error);
            }
        });
    }

    private static string Print(Round[] rounds) => string.Join("\n  ", rounds.Select(round => round.ToString()).Prepend(""));

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
