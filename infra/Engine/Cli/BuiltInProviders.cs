using Reco.Engine.Plugins;
using Reco.Protocol;
using Reco.Providers.AzureNative;
using Reco.Providers.Kubernetes;

namespace Reco.Engine.Cli;

/// <summary>Providers that are part of the engine.</summary>
internal static class BuiltInProviders
{
    private const string ClusterProgram = "reco-cluster.dll";
    private const string Azure = "azure-native";
    private const string Kubernetes = "kubernetes";

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [Azure, Kubernetes];

    /// <summary>The factory of a run.</summary>
    public static IProviderFactory Factory(string projectDirectory, string stack, Func<string, string?> environment)
    {
        var options = new KubernetesProviderOptions { ProjectDirectory = projectDirectory, Stack = stack, LocalClusterPath = FindCluster() };
        var builtIns = new Dictionary<string, Func<ProviderEnvironment, ResourceProvider.ResourceProviderBase>>(StringComparer.Ordinal)
        {
            [Azure] = provider => new AzureNativeProvider(provider.Log, environment),
            [Kubernetes] = provider => new KubernetesProvider(options, provider.Log),
        };
        return new ProviderFactory(builtIns, PluginLocator.FromEnvironment(), environment("PULUMI_DEBUG_PROVIDERS"));
    }

    /// <summary>The local cluster's program: beside the engine where both were published, else in its own build output.</summary>
    private static string FindCluster()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, ClusterProgram);
        if (File.Exists(beside))
        {
            return beside;
        }

        // .../infra/Engine/bin/Release/net10.0/
        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var output = Path.Combine("bin", own.Parent?.Name ?? "Release", own.Name);
        return Path.Combine(own.Parent?.Parent?.Parent?.FullName ?? AppContext.BaseDirectory, "Providers", "LocalCluster", output, ClusterProgram);
    }
}
