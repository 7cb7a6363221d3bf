using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Cluster;

/// <summary>Finds, starts and stops the local cluster of one stack. Its state is under
/// <c>&lt;project&gt;/.reco/clusters/&lt;stack&gt;</c>; the daemon outlives this process.</summary>
internal sealed class ClusterLauncher : IClusterSource
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(60);
    private readonly KubernetesProviderOptions options;
    private readonly string state;
    private readonly string? space;
    private readonly SemaphoreSlim gate = new(1);
    private ClusterClient? client;
    private bool used;

    /// <summary>Touches nothing yet.</summary>
    public ClusterLauncher(KubernetesProviderOptions options, string? space)
    {
        this.options = options;
        this.space = space;
        state = StateDirectory(options);
    }

    /// <inheritdoc/>
    public string DefaultNamespace => space ?? "default";

    private string Kubeconfig => Path.Combine(state, "admin.kubeconfig");

    private string Record => Path.Combine(state, "daemon.json");

    private string Log => Path.Combine(state, "daemon.log");

    /// <summary>Where the local cluster of a stack keeps its state.</summary>
    public static string StateDirectory(KubernetesProviderOptions options) =>
        Path.Combine(options.ProjectDirectory, ".reco", "clusters", options.Stack);

    /// <inheritdoc/>
    public async Task<ClusterClient?> ConnectAsync(ClusterNeed need, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            client ??= await FindAsync(cancellationToken).ConfigureAwait(false);
            // A cluster that stopped (reboot) but has its state still holds the stack's objects: reads need it running.
            if (client is null && (need == ClusterNeed.Required || (need == ClusterNeed.IfExists && File.Exists(Kubeconfig))))
            {
                client = await StartAsync(cancellationToken).ConfigureAwait(false);
            }

            used |= client is not null && need != ClusterNeed.IfRunning;
            return client;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Lets an empty cluster stop and remove itself, if this run worked with it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (client is not null)
        {
            if (used)
            {
                await StopIfEmptyAsync(client).ConfigureAwait(false);
            }

            client.Dispose();
        }

        gate.Dispose();
    }

    private static string DotnetPath()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host && File.Exists(host))
        {
            return host;
        }

        if (Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet")
        {
            return own;
        }

        // .../dotnet/shared/Microsoft.NETCore.App/10.0.0/
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return File.Exists(beside) ? beside : "dotnet";
    }

    private async Task<ClusterClient?> FindAsync(CancellationToken cancellationToken)
    {
        if (DaemonRecord.Read(Record) is not { } record || !DetachedProcess.IsAlive(record.Pid) || !File.Exists(Kubeconfig))
        {
            return null;
        }

        ClusterClient? found = null;
        try
        {
            found = new ClusterClient(KubeconfigFile.Select(KubeconfigFile.Load(Kubeconfig), null, null));
            await found.GetAsync("version", cancellationToken).ConfigureAwait(false);
            return found;
        }
        catch (Exception error) when (error is HttpRequestException or KubeApiException or ClusterUnreachableException)
        {
            // Not ready yet, or the process ID is another program's by now.
            found?.Dispose();
            return null;
        }
    }

    private async Task<ClusterClient> StartAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(options.LocalClusterPath))
        {
            throw new ClusterUnreachableException($"the local cluster's program is not built: {options.LocalClusterPath} is missing. Run dotnet build.");
        }

        Directory.CreateDirectory(state, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        IReadOnlyList<string> command = options.LocalClusterPath.EndsWith(".dll", StringComparison.Ordinal)
            ? [DotnetPath(), options.LocalClusterPath, "serve", "--project", options.ProjectDirectory, "--state", state]
            : [options.LocalClusterPath, "serve", "--project", options.ProjectDirectory, "--state", state];
        var pid = await DetachedProcess.StartAsync(command, options.ProjectDirectory, Log, cancellationToken).ConfigureAwait(false);
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (await FindAsync(cancellationToken).ConfigureAwait(false) is { } found)
            {
                return found;
            }

            // Two engines may start it at the same moment: one of the daemons wins, and both engines use it.
            if (!DetachedProcess.IsAlive(pid) && !Tail().Contains("already runs", StringComparison.Ordinal))
            {
                throw new ClusterUnreachableException($"the local cluster ended while starting.{Tail()}");
            }

            if (waited.Elapsed > options.StartTimeout)
            {
                throw new ClusterUnreachableException($"the local cluster (process {pid}) was not ready within {options.StartTimeout.TotalSeconds:0} seconds.{Tail()}");
            }

            await Task.Delay(Step, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task StopIfEmptyAsync(ClusterClient running)
    {
        try
        {
            var pid = DaemonRecord.Read(Record)?.Pid;
            var waited = Stopwatch.StartNew();
            JsonObject answer;

            // What the cluster itself removes (pods of a deployment that is gone) may take longer than what was asked of it.
            while ((answer = await running.PostAsync("reco/v1/shutdown?ifEmpty=true", CancellationToken.None).ConfigureAwait(false)).Flag("emptying") && waited.Elapsed < StopTimeout)
            {
                await Task.Delay(Step).ConfigureAwait(false);
            }

            if (!answer.Flag("stopping") || pid is null)
            {
                return;
            }

            while (DetachedProcess.IsAlive(pid.Value) && waited.Elapsed < StopTimeout)
            {
                await Task.Delay(Step).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is HttpRequestException or KubeApiException)
        {
            // It is going away already.
        }
    }

    private string Tail()
    {
        try
        {
            var lines = File.ReadLines(Log).TakeLast(15).ToList();
            return lines.Count == 0 ? $" {Log} is empty." : $" The end of {Log}:\n  {string.Join("\n  ", lines)}";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
