using System.Collections.Immutable;
using Pulumi.Testing;

namespace Pulumi;

/// <content>Programs in tests.</content>
public sealed partial class Deployment
{
    /// <summary>Runs a stack class with mocks.</summary>
    /// <returns>All resources, the stack among them.</returns>
    /// <exception cref="RunException">The program failed.</exception>
    public static async Task<ImmutableArray<Resource>> TestAsync<TStack>(IMocks mocks, TestOptions? options = null)
        where TStack : Stack, new()
        => await TestAsync(mocks, options, core => core.Runner.RunAsync(Create<TStack>)).ConfigureAwait(false);

    /// <summary>Runs a stack class with mocks; the service provider makes the stack.</summary>
    /// <returns>All resources, the stack among them.</returns>
    /// <exception cref="RunException">The program failed.</exception>
    public static async Task<ImmutableArray<Resource>> TestWithServiceProviderAsync<TStack>(
        IMocks mocks, IServiceProvider serviceProvider, TestOptions? options = null)
        where TStack : Stack
        => await TestAsync(mocks, options, core => core.Runner.RunAsync(() => Resolve<TStack>(serviceProvider))).ConfigureAwait(false);

    /// <summary>Runs a function with mocks.</summary>
    /// <returns>The resources that it made, and the outputs that it gave.</returns>
    /// <exception cref="RunException">The program failed.</exception>
    public static async Task<(ImmutableArray<Resource> Resources, IDictionary<string, object?> Outputs)> TestAsync(
        IMocks testMocks, TestOptions testOptions, Func<Task<IDictionary<string, object?>>> createResources)
    {
        IDictionary<string, object?> outputs = new Dictionary<string, object?>();
        async Task<IDictionary<string, object?>> Run() => outputs = await createResources().ConfigureAwait(false);
        var resources = await TestAsync(testMocks, testOptions, core => core.Runner.RunAsync(Run, null)).ConfigureAwait(false);
        return (resources.RemoveAll(resource => resource is Stack), outputs);
    }

    /// <summary>Runs a function with mocks.</summary>
    /// <returns>The resources that it made, and the outputs that it gave.</returns>
    /// <exception cref="RunException">The program failed.</exception>
    public static Task<(ImmutableArray<Resource> Resources, IDictionary<string, object?> Outputs)> TestAsync(
        IMocks testMocks, TestOptions testOptions, Func<IDictionary<string, object?>> createResources)
        => TestAsync(testMocks, testOptions, () => Task.FromResult(createResources()));

    /// <summary>Runs a function with mocks.</summary>
    /// <returns>The resources that it made.</returns>
    /// <exception cref="RunException">The program failed.</exception>
    public static async Task<ImmutableArray<Resource>> TestAsync(IMocks testMocks, TestOptions testOptions, Func<Task> createResources)
    {
        async Task<IDictionary<string, object?>> Run()
        {
            await createResources().ConfigureAwait(false);
            return new Dictionary<string, object?>();
        }
        return (await TestAsync(testMocks, testOptions, Run).ConfigureAwait(false)).Resources;
    }

    /// <summary>Runs a function with mocks.</summary>
    /// <returns>The resources that it made.</returns>
    /// <exception cref="RunException">The program failed.</exception>
    public static Task<ImmutableArray<Resource>> TestAsync(IMocks testMocks, TestOptions testOptions, Action createResources)
        => TestAsync(testMocks, testOptions, () =>
        {
            createResources();
            return Task.CompletedTask;
        });

    private static async Task<ImmutableArray<Resource>> TestAsync(IMocks mocks, TestOptions? options, Func<DeploymentCore, Task<int>> run)
    {
        var settings = new DeploymentSettings
        {
            Project = options?.ProjectName ?? "project",
            Stack = options?.StackName ?? "stack",
            Organization = options?.OrganizationName ?? "organization",
            RootDirectory = options?.RootDirectory,
            IsDryRun = options?.IsPreview ?? true,
            Config = DeploymentSettings.ParseConfig(Environment.GetEnvironmentVariable("PULUMI_CONFIG")),
            SecretKeys = DeploymentSettings.ParseKeys(Environment.GetEnvironmentVariable("PULUMI_CONFIG_SECRET_KEYS")),
        };
        var log = new MockEngineLog();
        var monitor = new MockMonitor(mocks, settings);
        // A failed program sets the exit code of its process; the test run is not that process.
        var exitCode = Environment.ExitCode;
        await RunInAsync(new(settings, monitor, log), run).ConfigureAwait(false);
        Environment.ExitCode = exitCode;
        return log.Errors switch
        {
            [] => monitor.Resources,
            [var single] => throw new RunException(single),
            var many => throw new AggregateException(many.Select(error => new RunException(error))),
        };
    }
}
