using Reco.Engine.Plugins;
using Reco.Engine.Policy;
using Reco.Engine.Protocol;

namespace Reco.Engine.Planning;

/// <summary>Runs a preview, update, refresh or destroy from beginning to end.</summary>
/// <param name="time">Clock.</param>
/// <param name="listener">Offers the services of a run; on a loopback port where none is given.</param>
/// <param name="shared">The engine service, where providers outlive the run; else the run has its own.</param>
internal sealed class DeploymentRunner(TimeProvider? time = null, EngineListener? listener = null, EngineService? shared = null)
{
    // How long a program whose run has failed may take to notice, before it is stopped.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly TimeProvider time = time ?? TimeProvider.System;

    /// <summary>Runs. Errors of resources, providers and the program are told as events and show in the result.</summary>
    /// <param name="options">The run.</param>
    /// <param name="providers">Starts providers.</param>
    /// <param name="cancellation">Cancels: nothing new starts, what runs comes to its end, the state is written.</param>
    /// <exception cref="EngineException">The state before the run cannot be used.</exception>
    public async Task<DeploymentResult> RunAsync(DeploymentOptions options, IProviderFactory providers, CancellationToken cancellation)
    {
        if (SnapshotIntegrity.Verify(options.Base) is { } corrupt)
        {
            throw new EngineException($"The state of stack '{options.Stack}' is damaged and is not used: {corrupt}. Restore a backup, or repair it with 'state repair'.", 1);
        }

        using var monitor = new ResourceMonitorService();
        var engine = shared ?? new EngineService();
        await using var server = await (listener ?? EngineServer.StartAsync)(monitor, engine, cancellation);
        await using var deployment = new Deployment(options, providers, server.Address, time, engine.TellAsync);
        engine.Deployment = deployment;
        deployment.Providers.Prepare(options.Base);
        monitor.Hooks.Deployment = deployment;
        deployment.Hooks = monitor.Hooks;
        var steps = new StepExecutor(deployment);
        deployment.Refresher = new RefreshRunner(deployment, steps);
        var registrar = new ResourceRegistrar(deployment, steps);
        var defaults = new DefaultProviders(deployment, registrar);
        monitor.Attach(new MonitorRun(deployment, registrar, new ResourceReader(deployment, steps), steps, defaults, server.Address, options.ProjectDirectory));
        await using var cancelled = cancellation.Register(() =>
        {
            deployment.Control.Stop();
            _ = deployment.Providers.CancelAsync(CancellationToken.None);
        });
        await using var policies = await PolicyRunner.StartAsync(deployment, deployment.Environment, cancellation);
        deployment.Policies = policies;
        try
        {
            return await new DeploymentRun(deployment, steps, defaults, monitor, server.Address, Grace).RunAsync(cancellation);
        }
        finally
        {
            engine.Deployment = null;
        }
    }
}
