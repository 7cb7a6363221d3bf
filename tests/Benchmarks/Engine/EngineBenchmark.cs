using System.Globalization;

namespace Reco.Benchmarks.Engine;

/// <summary>Whole commands on stacks of N resources, beside Terraform with N <c>terraform_data</c> resources of the same
/// values and dependencies where it is installed. Prints Markdown.</summary>
internal static class EngineBenchmark
{
    private static readonly string[] Steps = ["first up", "no-change preview", "one-change up", "destroy"];

    /// <summary>Runs for the sizes that are given, or for 100, 1,000 and 10,000.</summary>
    public static async Task<int> RunAsync(string[] sizes)
    {
        int[] counts = sizes.Length == 0 ? [100, 1_000, 10_000] : [.. sizes.Select(size => int.Parse(size, CultureInfo.InvariantCulture))];
        Console.WriteLine($"{Machine.Describe()}; peer: {await TerraformStack.VersionAsync() ?? "terraform is not installed here"}");
        Console.WriteLine();
        Console.WriteLine("| N | step | reco s | µs a resource | reco MB | terraform s | terraform MB | reco / terraform |");
        Console.WriteLine("|---:|---|---:|---:|---:|---:|---:|---:|");
        foreach (var count in counts)
        {
            var own = await MeasureAsync(new RecoStack(count));
            var peer = await TerraformStack.VersionAsync() is null ? null : await MeasureAsync(new TerraformStack(count));
            for (var step = 0; step < Steps.Length; step++)
            {
                var ours = own[step];
                var theirs = peer?[step];
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {count:N0} | {Steps[step]} | {ours.Seconds:0.00} | {ours.Seconds / count * 1e6:0} | {ours.Megabytes:0} | {theirs?.Seconds:0.00} | {theirs?.Megabytes:0} | {ours.Seconds / theirs?.Seconds:0.00} |"));
            }
        }

        return 0;
    }

    private static async Task<List<Measurement>> MeasureAsync(IBenchmarkStack stack)
    {
        using (stack)
        {
            await stack.PrepareAsync();
            var results = new List<Measurement>
            {
                await stack.UpAsync(size: 0),
                await stack.PreviewAsync(),
                await stack.UpAsync(size: 1),
                await stack.DestroyAsync(),
            };
            return results;
        }
    }
}

/// <summary>A stack of one tool.</summary>
internal interface IBenchmarkStack : IDisposable
{
    /// <summary>What is not measured: the project, the empty stack.</summary>
    Task PrepareAsync();

    /// <summary>Brings the stack to a program whose last resource has this size.</summary>
    Task<Measurement> UpAsync(int size);

    /// <summary>Plans, with nothing to change.</summary>
    Task<Measurement> PreviewAsync();

    /// <summary>Deletes everything.</summary>
    Task<Measurement> DestroyAsync();
}
