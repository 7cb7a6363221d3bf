using System.Diagnostics;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using k8s;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Tests;

/// <summary>The provider as the engine calls it, on a project folder of its own; its local cluster is the real one.</summary>
public sealed class Harness : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("reco-provider-").FullName;
    private readonly List<LogRequest> logs = [];
    private int spaces;

    public Harness()
    {
        Provider = Make();
    }

    public KubernetesProvider Provider { get; private set; }

    public string Folder => folder;

    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>What the provider told the engine.</summary>
    public IReadOnlyList<LogRequest> Logs
    {
        get
        {
            lock (logs)
            {
                return [.. logs];
            }
        }
    }

    public static string Urn(string type, string name) => $"urn:pulumi:dev::shop::{type}::{name}";

    public static Struct Props(string json) => WireWriter.Write(JsonNode.Parse(json)!.AsObject());

    public static JsonObject Json(Struct properties) => WireReader.Read(properties);

    /// <summary>Another provider process of the same project and stack.</summary>
    public KubernetesProvider Make() => new(
        new KubernetesProviderOptions
        {
            ProjectDirectory = folder,
            Stack = "dev",
            LocalClusterPath = ClusterPath(),
            PollInterval = TimeSpan.FromMilliseconds(200),
            SettleTime = TimeSpan.FromSeconds(1),
            GetEnvironmentVariable = name => Environment.GetValueOrDefault(name),
        },
        request =>
        {
            lock (logs)
            {
                logs.Add(request);
            }

            return Task.CompletedTask;
        });

    public Task<ConfigureResponse> ConfigureAsync(string args = """{"context":"reco-local"}""") => ConfigureAsync(Provider, args);

    public static Task<ConfigureResponse> ConfigureAsync(KubernetesProvider provider, string args)
    {
        var request = new ConfigureRequest { Args = Props(args), AcceptSecrets = true, AcceptResources = true };
        return provider.Configure(request, null!);
    }

    public async Task InitializeAsync() => await ConfigureAsync();

    /// <summary>A namespace for one test.</summary>
    public async Task<string> SpaceAsync()
    {
        var name = $"t{Interlocked.Increment(ref spaces)}-{Guid.NewGuid().ToString("N")[..5]}";
        await CreateAsync("kubernetes:core/v1:Namespace", name, $$$"""{"metadata":{"name":"{{{name}}}"}}""");
        return name;
    }

    public async Task<Struct> CheckAsync(string type, string name, string inputs, Struct? olds = null)
    {
        var response = await CheckRawAsync(type, name, inputs, olds);
        Assert.Empty(response.Failures);
        return response.Inputs;
    }

    public Task<CheckResponse> CheckRawAsync(string type, string name, string inputs, Struct? olds = null) =>
        Provider.Check(new CheckRequest { Urn = Urn(type, name), News = Props(inputs), Olds = olds ?? new Struct(), RandomSeed = ByteString.CopyFromUtf8("seed") }, null!);

    public async Task<(string Id, Struct State, Struct Inputs)> CreateAsync(string type, string name, string inputs, double timeout = 60)
    {
        var checkedInputs = await CheckAsync(type, name, inputs);
        var response = await Provider.Create(new CreateRequest { Urn = Urn(type, name), Properties = checkedInputs, Timeout = timeout }, null!);
        return (response.Id, response.Properties, checkedInputs);
    }

    public async Task<DiffResponse> DiffAsync(string type, string name, (string Id, Struct State, Struct Inputs) old, string inputs, params string[] ignore)
    {
        var news = await CheckAsync(type, name, inputs, old.Inputs);
        var request = new DiffRequest { Urn = Urn(type, name), Id = old.Id, Olds = old.State, OldInputs = old.Inputs, News = news };
        request.IgnoreChanges.AddRange(ignore);
        return await Provider.Diff(request, null!);
    }

    public async Task<(string Id, Struct State, Struct Inputs)> UpdateAsync(string type, string name, (string Id, Struct State, Struct Inputs) old, string inputs, double timeout = 60, bool preview = false)
    {
        var news = await CheckAsync(type, name, inputs, old.Inputs);
        var response = await Provider.Update(new UpdateRequest { Urn = Urn(type, name), Id = old.Id, Olds = old.State, OldInputs = old.Inputs, News = news, Timeout = timeout, Preview = preview }, null!);
        return (old.Id, response.Properties, news);
    }

    public Task DeleteAsync(string type, string name, (string Id, Struct State, Struct Inputs) old, double timeout = 60) =>
        Provider.Delete(new DeleteRequest { Urn = Urn(type, name), Id = old.Id, Properties = old.State, OldInputs = old.Inputs, Timeout = timeout }, null!);

    public Task<ReadResponse> ReadAsync(string type, string name, string id, Struct? state = null, Struct? inputs = null) =>
        Provider.Read(new ReadRequest { Urn = Urn(type, name), Id = id, Properties = state ?? new Struct(), Inputs = inputs ?? new Struct() }, null!);

    /// <summary>A refusal's code and words.</summary>
    public static async Task<RpcException> RefusedAsync(Func<Task> call) => await Assert.ThrowsAsync<RpcException>(call);

    /// <summary>What is in the error of an object that was made but is not ready.</summary>
    public static ErrorResourceInitFailed InitFailed(RpcException error) => StatusDetails.Find<ErrorResourceInitFailed>(error) ?? throw new Xunit.Sdk.XunitException($"no details: {error.Message}");

    /// <summary>Kubeconfig of the local cluster, once it was made.</summary>
    public string Kubeconfig => Path.Combine(folder, ".reco", "clusters", "dev", "admin.kubeconfig");

    public async Task DisposeAsync()
    {
        try
        {
            if (File.Exists(Kubeconfig))
            {
                using var client = new k8s.Kubernetes(k8s.KubernetesClientConfiguration.BuildConfigFromConfigFile(Kubeconfig));
                foreach (var space in (await client.CoreV1.ListNamespaceAsync()).Items.Where(space => space.Metadata.Name.StartsWith('t')))
                {
                    await client.CoreV1.DeleteCollectionNamespacedPodAsync(space.Metadata.Name, gracePeriodSeconds: 0);
                    await client.CoreV1.DeleteNamespaceAsync(space.Metadata.Name);
                }

                while ((await client.CoreV1.ListNamespaceAsync()).Items.Any(space => space.Metadata.Name.StartsWith('t')))
                {
                    await Task.Delay(50);
                }
            }
        }
        finally
        {
            await Provider.DisposeAsync();
            await EndClusterAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Ends a cluster that a test left something in: it would write into the folder while that is removed.</summary>
    private async Task EndClusterAsync()
    {
        var record = Path.Combine(folder, ".reco", "clusters", "dev", "daemon.json");
        if (!File.Exists(record))
        {
            return;
        }

        try
        {
            using var daemon = Process.GetProcessById((int)JsonNode.Parse(await File.ReadAllTextAsync(record))!["pid"]!);
            daemon.Kill();
            await daemon.WaitForExitAsync();
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or FileNotFoundException)
        {
            // It ended by itself.
        }
    }

    private static string ClusterPath()
    {
        // .../tests/KubernetesProvider.Tests/bin/Release/net10.0/
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var root = own.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "infra", "Engine", "Providers", "LocalCluster", "bin", own.Parent!.Name, own.Name, "reco-cluster.dll");
    }
}
