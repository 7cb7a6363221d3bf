using k8s;
using Reco.Providers.Kubernetes.Configuration;

namespace Reco.Providers.Kubernetes.Cluster;

/// <summary>A cluster that a kubeconfig names.</summary>
internal sealed class KubeconfigSource : IClusterSource
{
    private readonly Lazy<KubernetesClientConfiguration> configuration;
    private readonly string? space;
    private readonly SemaphoreSlim gate = new(1);
    private ClusterClient? client;

    /// <summary>Reads nothing yet: a provider may be configured for a cluster that is made in the same run.</summary>
    public KubeconfigSource(ProviderSettings settings)
    {
        space = settings.Namespace;
        configuration = new(() => KubeconfigFile.Select(KubeconfigFile.Load(settings.Kubeconfig), settings.Context, settings.Cluster));
    }

    /// <inheritdoc/>
    public string DefaultNamespace
    {
        get
        {
            if (space is not null)
            {
                return space;
            }

            try
            {
                return string.IsNullOrEmpty(configuration.Value.Namespace) ? "default" : configuration.Value.Namespace;
            }
            catch (ClusterUnreachableException)
            {
                return "default";
            }
        }
    }

    /// <inheritdoc/>
    public async Task<ClusterClient?> ConnectAsync(ClusterNeed need, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (client is null)
            {
                var made = new ClusterClient(configuration.Value);
                try
                {
                    await made.GetAsync("version", cancellationToken).ConfigureAwait(false);
                    client = made;
                }
                catch (KubeApiException)
                {
                    // Someone answers; the request at hand will say what it may not do.
                    client = made;
                }
                catch (HttpRequestException error)
                {
                    var address = made.Address;
                    made.Dispose();
                    throw new ClusterUnreachableException($"the API server {address} does not answer: {(error.InnerException ?? error).Message}");
                }
            }

            return client;
        }
        catch (ClusterUnreachableException) when (need == ClusterNeed.IfRunning)
        {
            return null;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        client?.Dispose();
        gate.Dispose();
        return ValueTask.CompletedTask;
    }
}
