using System.Collections.Immutable;
using System.Text.Json;
using Pulumi;
using Pulumi.Testing;

namespace Reco.Infra.Tests;

/// <summary>Runs the program on mocks with a configuration, in a project folder of its own.</summary>
internal static class ProgramRun
{
    private static readonly SemaphoreSlim OneAtATime = new(1);

    /// <summary>Runs it with the given keys (without the project's prefix).</summary>
    public static async Task<(RecordingMocks Mocks, ImmutableArray<Resource> Resources)> StartAsync(
        IReadOnlyDictionary<string, string>? config = null, RecordingMocks? mocks = null, bool preview = false, IEnumerable<string>? secretKeys = null, string stack = "dev")
    {
        mocks ??= new RecordingMocks();

        // The SDK takes its configuration from the process's environment.
        await OneAtATime.WaitAsync();
        var folder = Directory.CreateTempSubdirectory("reco-program-");
        try
        {
            foreach (var image in new[] { "training", "serving" })
            {
                var output = Directory.CreateDirectory(Path.Combine(folder.FullName, image, "bin", "Release", "net10.0"));
                File.WriteAllText(Path.Combine(output.FullName, "image.json"), $$"""{ "repository": "{{image}}", "tag": "{{image}}1", "entrypoint": ["dotnet", "x.dll"] }""");
            }

            Directory.CreateDirectory(Path.Combine(folder.FullName, "shop"));
            File.WriteAllText(Path.Combine(folder.FullName, "shop", "transactions.csv"), "a,b\n");
            Environment.SetEnvironmentVariable("PULUMI_ROOT_DIRECTORY", folder.FullName);
            Environment.SetEnvironmentVariable("PULUMI_CONFIG", JsonSerializer.Serialize((config ?? new Dictionary<string, string>()).ToDictionary(pair => pair.Key.Contains(':', StringComparison.Ordinal) ? pair.Key : "reco:" + pair.Key, pair => pair.Value)));
            Environment.SetEnvironmentVariable("PULUMI_CONFIG_SECRET_KEYS", JsonSerializer.Serialize((secretKeys ?? []).Select(key => "reco:" + key)));
            var resources = await Pulumi.Deployment.TestAsync<RecoStack>(mocks, new TestOptions { IsPreview = preview, ProjectName = "reco", StackName = stack });
            return (mocks, resources);
        }
        finally
        {
            foreach (var variable in new[] { "PULUMI_ROOT_DIRECTORY", "PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS" })
            {
                Environment.SetEnvironmentVariable(variable, null);
            }

            folder.Delete(recursive: true);
            OneAtATime.Release();
        }
    }

    /// <summary>The value of an output.</summary>
    public static Task<T> ValueAsync<T>(Output<T> output)
    {
        var value = new TaskCompletionSource<T>();
        output.Apply(known =>
        {
            value.SetResult(known);
            return known;
        });
        return value.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>Follows a path of member names and list indexes into inputs.</summary>
    public static object? At(object? value, params object[] path) => path.Aggregate(value, (current, step) => (current, step) switch
    {
        (ImmutableDictionary<string, object> map, string key) => map.GetValueOrDefault(key),
        (ImmutableArray<object> list, int index) => list[index],
        _ => null,
    });
}
