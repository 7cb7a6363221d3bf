using Reco.Protocol;
using Reco.Providers.Kubernetes.Awaiting;
using Reco.Providers.Kubernetes.Cluster;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Operations;

/// <summary>Deletes an object and waits until it is gone.</summary>
internal sealed class DeleteOperation(ResourceSession session)
{
    private static readonly HashSet<string> SkipsWait = new(StringComparer.Ordinal)
    {
        "v1/Namespace", "v1/Pod", "v1/ReplicationController", "apps/v1/DaemonSet", "apps/v1/Deployment", "apps/v1/StatefulSet", "batch/v1/Job",
    };

    /// <summary>Deletes the object; one that is not there is deleted.</summary>
    /// <exception cref="TimeoutException">It is still there.</exception>
    public async Task RunAsync(DeleteRequest request, CancellationToken cancellationToken)
    {
        var log = session.LogOf(request.Urn);
        try
        {
            if (await session.Source.ConnectAsync(ClusterNeed.IfExists, cancellationToken).ConfigureAwait(false) is { } client)
            {
                await DeleteAsync(request, client, log, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ClusterUnreachableException error) when (session.Settings.DeleteUnreachable)
        {
            await log.WarnAsync($"the cluster cannot be reached ({error.Message}): the resource counts as deleted, as deleteUnreachable says").ConfigureAwait(false);
        }
    }

    private async Task DeleteAsync(DeleteRequest request, ClusterClient client, ProgressLog log, CancellationToken cancellationToken)
    {
        var id = ObjectId.Parse(request.Id);
        var old = Checkpoint.Read(request.Properties);
        var type = GroupVersionKind.FromToken(Urn.Type(request.Urn));
        var isPatch = PatchResource.IsPatch(type, old.Live.Kind());
        var kind = old.Live.Gvk() ?? type;
        var space = old.Live.Namespace() is { Length: > 0 } named ? named : id.Namespace;
        if (await session.CollectionAsync(client, kind, space, cancellationToken).ConfigureAwait(false) is not { } collection)
        {
            // Its definition went before it, and took it along.
            return;
        }

        var path = ResourceSession.PathIn(collection, id.Name);
        var live = await client.GetAsync(path, cancellationToken).ConfigureAwait(false);
        if (live is not null && isPatch)
        {
            await PatchResource.ReleaseAsync(client, path, live, session.ManagerOf(old.Inputs, old.FieldManager, request.Urn), cancellationToken).ConfigureAwait(false);
            return;
        }

        if (live is null
            || !await client.DeleteAsync(path, Propagation(old.Inputs.Annotation(Annotations.DeletionPropagation)), cancellationToken).ConfigureAwait(false)
            || (old.Inputs.HasAnnotation(Annotations.SkipAwait) && SkipsWait.Contains(kind.ToString())))
        {
            return;
        }

        var timeout = ResourceSession.TimeoutOf(request.Timeout, old.Inputs);
        await ObjectWaiter.GoneAsync(live, collection, timeout, session.Await(client, log), cancellationToken).ConfigureAwait(false);
    }

    private static string Propagation(string? annotation) => annotation?.ToLowerInvariant() switch
    {
        "orphan" => "Orphan",
        "background" => "Background",
        _ => "Foreground",
    };
}
