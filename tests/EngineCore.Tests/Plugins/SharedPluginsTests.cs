using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reco.Engine.Plugins;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Tests.Plugins;

public sealed class SharedPluginsTests
{
    private const string Urn = "urn:pulumi:dev::proj::pulumi:providers:test::";
    private static readonly ProviderEnvironment Environment = new("127.0.0.1:1", "proj", "/", "{}", _ => Task.CompletedTask);
    private readonly Processes processes = new();

    [Fact]
    public async Task Runs_SameConfiguration_ShareAProcessThatIsConfiguredOnce()
    {
        await using (var plugins = new SharedPlugins(processes))
        {
            var made = await RunAsync(plugins, "a", preview: true, region: "x");
            Assert.Equal(made, await RunAsync(plugins, "a", preview: false, region: "x"));
            Assert.Equal([$"{made} x"], Assert.Single(processes.Started).Configurations.Select(Describe));
            Assert.False(processes.Started[0].IsStopped);
        }

        Assert.True(processes.Started[0].IsStopped);
    }

    [Fact]
    public async Task Runs_OtherConfiguration_GetAnotherProcess()
    {
        await using var plugins = new SharedPlugins(processes);
        await RunAsync(plugins, "a", preview: true, region: "x");
        await RunAsync(plugins, "a", preview: false, region: "y");
        await RunAsync(plugins, "b", preview: false, region: "x");

        Assert.Equal(3, processes.Started.Count);
        Assert.All(processes.Started, process => Assert.Single(process.Configurations));
        Assert.Equal(processes.Started[0].Configurations[0].Id, processes.Started[1].Configurations[0].Id);
        Assert.NotEqual(processes.Started[0].Configurations[0].Id, processes.Started[2].Configurations[0].Id);
    }

    [Fact]
    public async Task Runs_TwoProvidersOfAPackage_EachGetTheirOwnProcessAgain()
    {
        await using var plugins = new SharedPlugins(processes);
        foreach (var preview in (bool[])[true, false])
        {
            var (a, b) = (await StartAsync(plugins, "a"), await StartAsync(plugins, "b"));
            await ConfigureAsync(a, "a", preview, "x");
            await ConfigureAsync(b, "b", preview, "y");
            await a.DisposeAsync();
            await b.DisposeAsync();
        }

        Assert.Equal(2, processes.Started.Count);
        Assert.All(processes.Started, process => Assert.Single(process.Configurations));
    }

    [Fact]
    public async Task Run_ProcessWasCancelled_GetsAnother()
    {
        await using var plugins = new SharedPlugins(processes);
        var first = await StartAsync(plugins, "a");
        await first.CancelAsync(CancellationToken.None);
        await first.DisposeAsync();
        await RunAsync(plugins, "a", preview: false, region: "x");

        Assert.Equal([true, false], processes.Started.Select(process => process.IsStopped));
    }

    [Fact]
    public async Task Prepare_ProviderDoesNotStart_WhoWantsItIsTold()
    {
        await using var plugins = new SharedPlugins(processes);
        var missing = new ProviderRequest { Plugin = "missing" };
        plugins.Prepare(missing, Environment);
        var error = await Assert.ThrowsAsync<EngineException>(() => plugins.StartAsync(missing, Environment, CancellationToken.None));
        Assert.Contains("missing", error.Message, StringComparison.Ordinal);

        plugins.Prepare(new ProviderRequest { Plugin = "test" }, Environment);
        await RunAsync(plugins, "a", preview: false, region: "x");
        Assert.Single(processes.Started);
    }

    private static async Task<ProviderSession> StartAsync(SharedPlugins plugins, string name) =>
        new(await plugins.StartAsync(new ProviderRequest { Plugin = "test", Urn = Urn + name }, Environment, CancellationToken.None));

    private static async Task<string> RunAsync(SharedPlugins plugins, string name, bool preview, string region)
    {
        await using var session = await StartAsync(plugins, name);
        return await ConfigureAsync(session, name, preview, region);
    }

    private static async Task<string> ConfigureAsync(ProviderSession session, string name, bool preview, string region)
    {
        var id = session.NewId(preview);
        session.Configure(Urn + name, id, new PropertyMap([new("region", new PropertyValue.StringValue(region))]), CancellationToken.None);
        await session.CheckAsync("urn:pulumi:dev::proj::test:index:Thing::x", null, PropertyMap.Empty, new byte[32], preview, CancellationToken.None);
        return id;
    }

    private static string Describe(ConfigureRequest request) => $"{request.Id} {request.Variables["test:config:region"]}";

    /// <summary>Providers that count as processes.</summary>
    private sealed class Processes : IProviderFactory
    {
        public List<Service> Started { get; } = [];

        public bool StartsProcess(ProviderRequest request) => true;

        public Task<StartedProvider> StartAsync(ProviderRequest request, ProviderEnvironment environment, CancellationToken cancellation)
        {
            if (request.Plugin != "test")
            {
                throw new EngineException($"no provider '{request.Plugin}'", 1);
            }

            Started.Add(new Service());
            return Task.FromResult(new StartedProvider(new InProcessProvider(Started[^1]), new ProviderHandshakeResponse { AcceptSecrets = true }));
        }
    }

    private sealed class Service : ResourceProvider.ResourceProviderBase, IDisposable
    {
        public List<ConfigureRequest> Configurations { get; } = [];

        public bool IsStopped { get; private set; }

        public override Task<ConfigureResponse> Configure(ConfigureRequest request, ServerCallContext context)
        {
            Configurations.Add(request);
            return Task.FromResult(new ConfigureResponse { AcceptSecrets = true });
        }

        public override Task<CheckResponse> Check(CheckRequest request, ServerCallContext context) => Task.FromResult(new CheckResponse { Inputs = request.News });

        public override Task<Empty> Cancel(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

        public void Dispose() => IsStopped = true;
    }
}
