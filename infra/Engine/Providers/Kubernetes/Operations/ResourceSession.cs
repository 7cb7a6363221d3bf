using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Awaiting;
using Reco.Providers.Kubernetes.Cluster;
using Reco.Providers.Kubernetes.Configuration;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Operations;

/// <summary>A configured provider: what every operation on a resource works with.</summary>
internal sealed record ResourceSession
{
    /// <summary>Time that an operation may take where nobody says otherwise.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(10);

    private readonly ResourceMapper mapper = new();
    private readonly ConcurrentDictionary<string, bool> warned = new(StringComparer.Ordinal);

    /// <summary>What the provider was constructed with.</summary>
    public required KubernetesProviderOptions Options { get; init; }

    /// <summary>The provider resource's arguments.</summary>
    public required ProviderSettings Settings { get; init; }

    /// <summary>The cluster.</summary>
    public required IClusterSource Source { get; init; }

    /// <summary>Whether the engine takes secrets.</summary>
    public required bool Secrets { get; init; }

    /// <summary>Where messages go.</summary>
    public required Func<LogRequest, Task> Log { get; init; }

    /// <summary>The log of one resource.</summary>
    public ProgressLog LogOf(string urn) => new(Log, urn);

    /// <summary>Shows a warning of the API server; each once a run.</summary>
    public Action<string> WarnOf(ProgressLog log) => text =>
    {
        if (warned.TryAdd(text, true))
        {
            _ = log.WarnAsync(text);
        }
    };

    /// <summary>What a wait works with.</summary>
    public AwaitContext Await(ClusterClient client, ProgressLog log, bool once = false) => new()
    {
        Client = client,
        Log = log,
        PollInterval = Options.PollInterval,
        SettleTime = Options.SettleTime,
        Once = once,
    };

    /// <summary>Where the objects of a kind are in the API.</summary>
    /// <returns>The path of the collection; null where the server does not know the kind.</returns>
    public async Task<string?> CollectionAsync(ClusterClient client, GroupVersionKind kind, string space, CancellationToken cancellationToken)
    {
        var mapping = await mapper.FindAsync(client, kind, cancellationToken).ConfigureAwait(false);
        return mapping is null ? null
            : ClusterClient.CollectionPath(kind, mapping, mapping.Namespaced && space.Length == 0 ? Source.DefaultNamespace : space);
    }

    /// <summary>Where the objects of a kind are in the API.</summary>
    /// <exception cref="InvalidOperationException">The server does not know the kind.</exception>
    public async Task<string> RequireCollectionAsync(ClusterClient client, GroupVersionKind kind, string space, CancellationToken cancellationToken) =>
        await CollectionAsync(client, kind, space, cancellationToken).ConfigureAwait(false)
        ?? throw new InvalidOperationException(
            $"the cluster does not know {kind}. If it is a custom resource, its CustomResourceDefinition must be there first: let the resource depend on it.");

    /// <summary>Path of an object in its collection.</summary>
    public static string PathIn(string collection, string name) => $"{collection}/{Uri.EscapeDataString(name)}";

    /// <summary>How long an operation may take.</summary>
    /// <param name="seconds">The resource's custom timeout; 0 where it has none.</param>
    /// <param name="inputs">What the program gave, with its annotations.</param>
    public static TimeSpan TimeoutOf(double seconds, JsonObject inputs)
    {
        if (seconds > 0)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        return int.TryParse(inputs.Annotation(Annotations.TimeoutSeconds), out var given) && given > 0
            ? TimeSpan.FromSeconds(given)
            : DefaultTimeout;
    }

    /// <summary>The manager's name under which an object's fields are applied.</summary>
    /// <param name="inputs">What the program gave: an annotation may name it.</param>
    /// <param name="known">The name in the resource's state.</param>
    /// <param name="urn">The resource.</param>
    public string ManagerOf(JsonObject inputs, string? known, string urn)
    {
        if (!Settings.ServerSideApply)
        {
            return FieldManagers.ClientSide;
        }

        return inputs.Annotation(Annotations.PatchFieldManager) is { Length: > 0 } named ? named : known ?? FieldManagers.NameOf(urn);
    }

    /// <summary>Waits until an object is ready.</summary>
    /// <exception cref="NotReadyException">It is not.</exception>
    public async Task<JsonObject> WaitAsync(
        JsonObject inputs, JsonObject live, string collection, ClusterClient client, ProgressLog log, double seconds, CancellationToken cancellationToken)
    {
        if (ReadinessChecks.For(inputs, live, Await(client, log)) is not { } check)
        {
            return live;
        }

        await using (check.ConfigureAwait(false))
        {
            return await ObjectWaiter.ReadyAsync(check, live, collection, TimeoutOf(seconds, inputs), Await(client, log), cancellationToken).ConfigureAwait(false);
        }
    }
}
