using System.Collections.Immutable;
using System.Reflection;

namespace Pulumi;

/// <summary>Runs Pulumi programs, under an engine or with mocks in tests.</summary>
public sealed partial class Deployment
{
    // Flows with the program's asynchronous work, so that tests can run programs side by side.
    private static readonly AsyncLocal<DeploymentInstance?> Running = new();

    private Deployment()
    {
    }

    /// <summary>The run that this code belongs to.</summary>
    /// <exception cref="InvalidOperationException">The code is not inside RunAsync or TestAsync.</exception>
    public static DeploymentInstance Instance
        => Running.Value ?? throw new InvalidOperationException("This code needs a deployment: call it inside Deployment.RunAsync or Deployment.TestAsync.");

    internal static DeploymentCore? Current => Running.Value?.Inner;

    /// <summary>Runs a program that makes resources.</summary>
    /// <returns>The exit code of the program: 0 if all went well.</returns>
    public static Task<int> RunAsync(Action action)
        => RunAsync(() =>
        {
            action();
            return Task.FromResult<IDictionary<string, object?>>(ImmutableDictionary<string, object?>.Empty);
        });

    /// <summary>Runs a program that makes resources and gives the stack's outputs.</summary>
    /// <returns>The exit code of the program: 0 if all went well.</returns>
    public static Task<int> RunAsync(Func<IDictionary<string, object?>> func) => RunAsync(() => Task.FromResult(func()));

    /// <summary>Runs a program that makes resources.</summary>
    /// <returns>The exit code of the program: 0 if all went well.</returns>
    public static Task<int> RunAsync(Func<Task> func)
        => RunAsync(async () =>
        {
            await func().ConfigureAwait(false);
            return (IDictionary<string, object?>)ImmutableDictionary<string, object?>.Empty;
        });

    /// <summary>Runs a program that makes resources and gives the stack's outputs.</summary>
    /// <returns>The exit code of the program: 0 if all went well.</returns>
    public static Task<int> RunAsync(Func<Task<IDictionary<string, object?>>> func, StackOptions? options = null)
        => RunInAsync(Connect(), core => core.Runner.RunAsync(func, options));

    /// <summary>Runs the program that a stack class is.</summary>
    /// <returns>The exit code of the program: 0 if all went well.</returns>
    public static Task<int> RunAsync<TStack>()
        where TStack : Stack, new()
        => RunInAsync(Connect(), core => core.Runner.RunAsync(Create<TStack>));

    /// <summary>Runs the program that a stack class is; the service provider makes the stack.</summary>
    /// <returns>The exit code of the program: 0 if all went well.</returns>
    public static Task<int> RunAsync<TStack>(IServiceProvider serviceProvider)
        where TStack : Stack
        => RunInAsync(Connect(), core => core.Runner.RunAsync(() => Resolve<TStack>(serviceProvider)));

    /// <summary>Makes this flow of work part of a run: for threads that others start.</summary>
    internal static void Enter(DeploymentCore core) => Running.Value = new(core);

    internal static async Task<T> RunInAsync<T>(DeploymentCore core, Func<DeploymentCore, Task<T>> run)
    {
        if (Running.Value is not null)
        {
            throw new InvalidOperationException("A deployment is running already; one program cannot run inside another.");
        }
        Enter(core);
        return await run(core).ConfigureAwait(false);
    }

    private static DeploymentCore Connect()
    {
        var (settings, monitor, engine) = DeploymentSettings.FromEnvironment(Environment.GetEnvironmentVariable);
        return new(settings, new GrpcMonitor(EngineChannel.Open(monitor)), new GrpcEngineLog(EngineChannel.Open(engine)));
    }

    private static TStack Create<TStack>()
        where TStack : Stack
        => (TStack)Activator.CreateInstance(typeof(TStack), BindingFlags.DoNotWrapExceptions | BindingFlags.Public | BindingFlags.Instance, null, null, null)!;

    private static TStack Resolve<TStack>(IServiceProvider services)
        where TStack : Stack
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.GetService(typeof(TStack)) as TStack
            ?? throw new InvalidOperationException($"The service provider has no {typeof(TStack).FullName}; register it first.");
    }
}
