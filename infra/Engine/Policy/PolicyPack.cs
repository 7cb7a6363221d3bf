using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Reco.Engine.Planning;
using Reco.Engine.Plugins;
using Reco.Engine.Workspace;
using Reco.Protocol;
using YamlDotNet.RepresentationModel;

namespace Reco.Engine.Policy;

/// <summary>An official policy pack (a folder with PulumiPolicy.yaml) that runs as a process of its own.</summary>
internal sealed class PolicyPack : IAsyncDisposable
{
    private readonly PluginProcess process;
    private readonly GrpcChannel channel;

    private PolicyPack(PluginProcess process, GrpcChannel channel, Analyzer.AnalyzerClient client, AnalyzerInfo info, string? version)
    {
        this.process = process;
        this.channel = channel;
        Client = client;
        Info = info;
        Version = version ?? info.Version;
    }

    /// <summary>How to call it.</summary>
    public Analyzer.AnalyzerClient Client { get; }

    /// <summary>Name, version and policies.</summary>
    public AnalyzerInfo Info { get; }

    /// <summary>Version: that of PulumiPolicy.yaml, or else of its package.</summary>
    public string Version { get; }

    /// <summary>Starts a pack and tells it the run and its configuration.</summary>
    /// <param name="folder">Folder of PulumiPolicy.yaml (absolute).</param>
    /// <param name="configuration">Configuration file, or null.</param>
    /// <param name="options">The run.</param>
    /// <param name="environment">What processes of the engine are told.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="EngineException">It is no policy pack, is not installed, or does not start.</exception>
    public static async Task<PolicyPack> StartAsync(string folder, string? configuration, DeploymentOptions options, ProviderEnvironment environment, CancellationToken cancellation)
    {
        var (runner, version) = FindRunner(folder);
        var organisation = new Dictionary<string, string>
        {
            ["PULUMI_ORGANIZATION"] = options.Organization,
            ["PULUMI_STACK"] = options.Stack,
            ["PULUMI_DRY_RUN"] = environment.IsDryRun ? "true" : "false",
            ["PULUMI_NODEJS_ORGANIZATION"] = options.Organization,
            ["PULUMI_NODEJS_STACK"] = options.Stack,
            ["PULUMI_NODEJS_DRY_RUN"] = environment.IsDryRun ? "true" : "false",
        };
        var process = await PluginProcess.StartAsync(
            new PluginCommand(["node", runner]) { More = ["."], Directory = folder, Variables = organisation }, $"policy pack {folder}", environment, cancellation);
        var channel = ProviderFactory.Connect(process.Port);
        try
        {
            var client = new Analyzer.AnalyzerClient(channel);
            await Optional(client.HandshakeAsync(new AnalyzerHandshakeRequest { EngineAddress = environment.EngineAddress, RootDirectory = folder, ProgramDirectory = folder }, cancellationToken: cancellation).ResponseAsync);
            var stack = new AnalyzerStackConfigureRequest { Stack = options.Stack, Project = options.Project, Organization = options.Organization, DryRun = environment.IsDryRun };
            stack.Config.Add(options.Config);
            stack.Tags.Add(options.Tags);
            stack.ConfigSecretKeys.AddRange(options.ConfigSecretKeys);
            await Optional(client.ConfigureStackAsync(stack, cancellationToken: cancellation).ResponseAsync);
            var info = await client.GetAnalyzerInfoAsync(new Empty(), cancellationToken: cancellation);
            if (info.SupportsConfig)
            {
                await client.ConfigureAsync(new PolicyPackSettings(info, configuration).ToRequest(), cancellationToken: cancellation);
            }
            else if (configuration is not null)
            {
                throw new EngineException($"policy pack '{info.Name}' takes no configuration; its @pulumi/policy is too old", 2);
            }

            return new PolicyPack(process, channel, client, info, version);
        }
        catch (Exception error)
        {
            channel.Dispose();
            await process.DisposeAsync();
            throw error is RpcException call ? new EngineException($"policy pack '{folder}' does not start: {ProviderFailure.Describe(call)}", 1, call) : error;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        channel.Dispose();
        await process.DisposeAsync();
    }

    private static (string Runner, string? Version) FindRunner(string folder)
    {
        var file = Path.Combine(folder, "PulumiPolicy.yaml");
        if (!File.Exists(file))
        {
            throw new EngineException($"'{folder}' is no policy pack: it has no PulumiPolicy.yaml", 2);
        }

        var root = YamlFile.Load(file);
        var runtime = YamlFile.Child(root, "runtime") is YamlMappingNode map ? YamlFile.Text(map, "name") : YamlFile.Text(root, "runtime");
        if (runtime != "nodejs")
        {
            throw new EngineException($"{file}: the embedded engine runs policy packs of runtime nodejs, not '{runtime}'; use the official CLI for that one", 2);
        }

        var runner = NodeModules.Find(folder, Path.Combine("@pulumi", "pulumi", "cmd", "run-policy-pack"))
            ?? throw new EngineException($"the dependencies of policy pack '{folder}' are not installed; run 'npm install' there", 1);
        return (runner, YamlFile.Text(root, "version") is { Length: > 0 } version ? version : null);
    }

    private static async Task Optional(Task call)
    {
        try
        {
            await call;
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.Unimplemented)
        {
            // Older packs know neither call, and need neither.
        }
    }
}
