namespace Reco.Providers.Kubernetes;

/// <summary>What the provider must know of the run it belongs to.</summary>
public sealed record KubernetesProviderOptions
{
    /// <summary>Context name that means the local cluster of this project and stack.</summary>
    public const string LocalContext = "reco-local";

    /// <summary>Folder of <c>Pulumi.yaml</c>, absolute.</summary>
    public required string ProjectDirectory { get; init; }

    /// <summary>Name of the stack.</summary>
    public required string Stack { get; init; }

    /// <summary>The local cluster's program, <c>reco-cluster.dll</c>, absolute.</summary>
    public required string LocalClusterPath { get; init; }

    /// <summary>How long the local cluster may take to start.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a waiting operation looks again when the cluster tells no news.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a Service without any endpoint is watched before it counts as ready.</summary>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> GetEnvironmentVariable { get; init; } = Environment.GetEnvironmentVariable;
}
