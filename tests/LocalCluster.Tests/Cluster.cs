using System.Diagnostics;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Reco.LocalCluster.Tests;

/// <summary>A real daemon process with a state folder of its own, and the official client on it.</summary>
public sealed partial class Cluster : IAsyncLifetime, IAsyncDisposable
{
    /// <summary>Longest time that a test waits for anything: machines may be busy.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int KillSignal = 9;
    private const int TerminateSignal = 15;
    private readonly string root;
    private readonly StringBuilder output = new();
    private int spaces;

    /// <summary>Does not start it yet.</summary>
    public Cluster()
        : this(null)
    {
    }

    internal Cluster(string? state)
    {
        root = Directory.CreateTempSubdirectory("reco-cluster-").FullName;
        State = state ?? Path.Combine(root, ".reco", "clusters", "test");
        Directory.CreateDirectory(State);
    }

    /// <summary>Folder of the project.</summary>
    public string Project => root;

    /// <summary>State folder.</summary>
    public string State { get; }

    /// <summary>The official client, as administrator.</summary>
    public Kubernetes Client { get; private set; } = null!;

    /// <summary>The daemon.</summary>
    public Process Daemon { get; private set; } = null!;

    /// <summary>What it printed.</summary>
    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    /// <summary>Client settings.</summary>
    public KubernetesClientConfiguration Configuration => KubernetesClientConfiguration.BuildConfigFromConfigFile(Path.Combine(State, "admin.kubeconfig"));

    public Task InitializeAsync() => StartAsync();

    /// <summary>Starts the daemon and waits until it serves.</summary>
    public async Task StartAsync()
    {
        Daemon = Launch();
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Read(object? sender, DataReceivedEventArgs line)
        {
            lock (output)
            {
                output.AppendLine(line.Data);
            }

            if (line.Data?.StartsWith("ready", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        }

        Daemon.OutputDataReceived += Read;
        Daemon.ErrorDataReceived += Read;
        Daemon.BeginOutputReadLine();
        Daemon.BeginErrorReadLine();
        var first = await Task.WhenAny(ready.Task, Daemon.WaitForExitAsync(), Task.Delay(Patience));
        Assert.True(first == ready.Task, $"the daemon did not start: {Output}");
        Client?.Dispose();
        Client = new Kubernetes(Configuration);
    }

    /// <summary>Starts another daemon process on the same state.</summary>
    public Process Launch() => Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "reco-cluster.dll"), "serve", "--project", root, "--state", State])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        Send(Daemon.Id, KillSignal);
        await Daemon.WaitForExitAsync();
    }

    /// <summary>SIGTERM.</summary>
    public async Task TerminateAsync()
    {
        Send(Daemon.Id, TerminateSignal);
        await Daemon.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>A fresh namespace for one test.</summary>
    public async Task<string> SpaceAsync()
    {
        var name = $"t{Interlocked.Increment(ref spaces)}-{Guid.NewGuid().ToString("N")[..6]}";
        await Client.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name } });
        return name;
    }

    /// <summary>A plain HTTP request with the administrator's token.</summary>
    public async Task<(int Status, JsonNode? Body, HttpResponseHeaders Headers)> SendAsync(HttpMethod method, string path, string? body = null, string format = "application/json", string? token = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(Client.BaseUri, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? Configuration.AccessToken);
        if (body is not null)
        {
            request.Content = new StringContent(body, new MediaTypeHeaderValue(format));

            // A server that refuses a body closes the connection: whoever still writes may see that before the answer.
            request.Headers.ExpectContinue = body.Length > 1 << 20;
        }

        using var response = await Client.HttpClient.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        JsonNode? json = null;
        try
        {
            json = JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            json = text;
        }

        return ((int)response.StatusCode, json, response.Headers);
    }

    /// <summary>Waits until something holds.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(waited.Elapsed < Patience, $"not within {Patience.TotalSeconds} s: {what}\n{Output}");
            await Task.Delay(50);
        }
    }

    /// <summary>Waits for a pod's phase.</summary>
    public async Task<V1Pod> PhaseAsync(string space, string name, params string[] phases)
    {
        V1Pod pod = null!;
        await UntilAsync(async () => (pod = await Client.ReadNamespacedPodAsync(name, space)).Status?.Phase is { } phase && Array.IndexOf(phases, phase) >= 0, $"pod {name} is {string.Join(" or ", phases)}");
        return pod;
    }

    /// <summary>Waits until a pod is ready.</summary>
    public async Task<V1Pod> ReadyAsync(string space, string name)
    {
        V1Pod pod = null!;
        await UntilAsync(async () => IsReady(pod = await Client.ReadNamespacedPodAsync(name, space)), $"pod {name} is ready");
        return pod;
    }

    /// <summary>Whether a pod is ready.</summary>
    public static bool IsReady(V1Pod pod) => pod.Status?.Conditions?.Any(condition => condition.Type == "Ready" && condition.Status == "True") == true;

    /// <summary>Log of a pod; empty where it has not begun.</summary>
    public async Task<string> LogAsync(string space, string name, string? container = null)
    {
        try
        {
            using var reader = new StreamReader(await Client.ReadNamespacedPodLogAsync(name, space, container));
            return await reader.ReadToEndAsync();
        }
        catch (k8s.Autorest.HttpOperationException error) when (error.Response.Content.Contains("waiting to start", StringComparison.Ordinal))
        {
            return "";
        }
    }

    /// <summary>Waits until a pod is gone.</summary>
    public Task GoneAsync(string space, string name) => UntilAsync(async () => !(await Client.ListNamespacedPodAsync(space, fieldSelector: $"metadata.name={name}")).Items.Any(), $"pod {name} is gone");

    /// <summary>A pod that runs a shell script.</summary>
    public static V1Pod Script(string name, string script, Action<V1PodSpec>? change = null) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["app"] = name } },
        Spec = Spec(script, "Never", change),
    };

    /// <summary>A pod spec that runs a shell script. Kubernetes takes <c>$$</c> in a command for an escaped <c>$</c>.</summary>
    public static V1PodSpec Spec(string script, string? restart = null, Action<V1PodSpec>? change = null)
    {
        var spec = new V1PodSpec
        {
            RestartPolicy = restart,
            TerminationGracePeriodSeconds = 2,
            Containers = [new V1Container { Name = "main", Image = "localhost/exec", Command = ["/bin/sh", "-c", script.Replace("$$", "$$$$", StringComparison.Ordinal)] }],
        };
        change?.Invoke(spec);
        return spec;
    }

    /// <summary>Whether a process lives.</summary>
    public static bool Lives(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    public async Task DisposeAsync()
    {
        if (Daemon is { HasExited: false })
        {
            try
            {
                foreach (var space in (await Client.ListNamespaceAsync()).Items.Where(space => space.Metadata.Name.StartsWith('t')))
                {
                    await Client.DeleteCollectionNamespacedPodAsync(space.Metadata.Name, gracePeriodSeconds: 0);
                    await Client.DeleteNamespaceAsync(space.Metadata.Name);
                }

                await UntilAsync(async () => !(await Client.ListNamespaceAsync()).Items.Any(space => space.Metadata.Name.StartsWith('t')), "all namespaces are gone");
            }
            catch (Exception error) when (error is HttpRequestException or k8s.Autorest.HttpOperationException)
            {
                // A test of a broken cluster.
            }

            await KillAsync();
        }

        Client?.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
