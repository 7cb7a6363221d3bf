using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Awaiting;
using Reco.Providers.Kubernetes.Cluster;
using Reco.Providers.Kubernetes.Objects;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Operations;

/// <summary>Reads an object as it is now: for refresh, import and <c>.get</c>.</summary>
internal sealed class ReadOperation(ResourceSession session)
{
    /// <summary>The object; an answer without ID where there is none.</summary>
    public async Task<ReadResponse> RunAsync(ReadRequest request, CancellationToken cancellationToken)
    {
        var log = session.LogOf(request.Urn);
        try
        {
            // No client: no cluster was ever made, so nothing is in it.
            return await session.Source.ConnectAsync(ClusterNeed.IfExists, cancellationToken).ConfigureAwait(false) is { } client
                ? await ReadAsync(request, client, log, cancellationToken).ConfigureAwait(false)
                : new ReadResponse();
        }
        catch (ClusterUnreachableException error) when (session.Settings.DeleteUnreachable)
        {
            await log.WarnAsync($"the cluster cannot be reached ({error.Message}): the resource counts as deleted, as deleteUnreachable says").ConfigureAwait(false);
            return new ReadResponse();
        }
        catch (ClusterUnreachableException error) when (session.Settings.SkipUpdateUnreachable)
        {
            await log.WarnAsync($"the cluster cannot be reached ({error.Message}): the resource stays as last known, as skipUpdateUnreachable says").ConfigureAwait(false);
            return new ReadResponse { Id = request.Id, Properties = request.Properties, Inputs = request.Inputs };
        }
    }

    /// <summary>What an interrupted creation has made; an answer without ID where it made nothing, or where the object that
    /// is there carries no mark of it.</summary>
    public async Task<ReadResponse> FindCreatedAsync(CreateRequest interrupted, CancellationToken cancellationToken)
    {
        var inputs = Normalizer.Normalize(WireReader.Read(interrupted.Properties));
        var kind = inputs.Gvk() ?? GroupVersionKind.FromToken(Urn.Type(interrupted.Urn));
        if (inputs.Name().Length == 0 || PatchResource.IsPatch(interrupted.Urn, inputs)
            || await session.Source.ConnectAsync(ClusterNeed.IfExists, cancellationToken).ConfigureAwait(false) is not { } client
            || await session.CollectionAsync(client, kind, inputs.Namespace(), cancellationToken).ConfigureAwait(false) is not { } collection
            || await client.GetAsync(ResourceSession.PathIn(collection, inputs.Name()), cancellationToken).ConfigureAwait(false) is not { } live
            || live.Text("metadata", "deletionTimestamp") is not null
            || !FieldManagers.HasWritten(live, session.ManagerOf(inputs, null, interrupted.Urn)))
        {
            return new ReadResponse();
        }

        var request = new ReadRequest { Id = live.Id().ToString(), Urn = interrupted.Urn, Inputs = interrupted.Properties, Properties = new Struct() };
        var found = await DescribeAsync(request, inputs, Checkpoint.Read(request.Properties), kind, live, client, session.LogOf(interrupted.Urn), cancellationToken).ConfigureAwait(false);
        if (inputs.Annotation(Annotations.WaitFor) is null)
        {
            return found;
        }

        var unseen = new ErrorResourceInitFailed { Id = found.Id, Properties = found.Properties, Inputs = found.Inputs };
        unseen.Reasons.Add("its creation was interrupted before what it waits for was seen");
        throw StatusDetails.InitFailed(unseen);
    }

    private static JsonObject AllInputs(JsonObject live, GroupVersionKind kind)
    {
        var fields = ModelCatalog.Find(kind) is { } model ? ModelCatalog.FieldsOf(model) : null;
        var inputs = live.Copy();
        foreach (var (key, _) in live)
        {
            if (key == "status" || fields?.ContainsKey(key) == false)
            {
                inputs.Remove(key);
            }
        }

        foreach (var key in (string[])["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"])
        {
            inputs.Remove("metadata", key);
        }

        inputs.Remove("metadata", "annotations", "deployment.kubernetes.io/revision");
        inputs.Remove("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration");
        return inputs;
    }

    private async Task<ReadResponse> ReadAsync(ReadRequest request, ClusterClient client, ProgressLog log, CancellationToken cancellationToken)
    {
        var id = ObjectId.Parse(request.Id);
        var old = Checkpoint.Read(request.Properties);
        var known = Normalizer.Normalize(WireReader.Read(request.Inputs));
        var kind = known.Gvk() ?? old.Live.Gvk() ?? GroupVersionKind.FromToken(Urn.Type(request.Urn));
        var space = known.Namespace() is { Length: > 0 } named ? named : id.Namespace;
        if (await session.CollectionAsync(client, kind, space, cancellationToken).ConfigureAwait(false) is not { } collection
            || await client.GetAsync(ResourceSession.PathIn(collection, id.Name), cancellationToken).ConfigureAwait(false) is not { } live)
        {
            return new ReadResponse();
        }

        return await DescribeAsync(request, known, old, kind, live, client, log, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The answer about an object that was found.</summary>
    private async Task<ReadResponse> DescribeAsync(
        ReadRequest request, JsonObject known, Checkpoint old, GroupVersionKind kind, JsonObject live, ClusterClient client, ProgressLog log, CancellationToken cancellationToken)
    {
        var isNew = known.Gvk() is null && old.Live.Gvk() is null;

        // Some servers leave these out of a single object's answer.
        live["apiVersion"] ??= kind.ApiVersion;
        live["kind"] ??= kind.Kind;
        var inputs = isNew || known.Count == 0 ? AllInputs(live, kind) : Pruner.Prune(live, known);
        var state = new Checkpoint
        {
            Inputs = inputs,
            Live = live,
            InitialApiVersion = old.InitialApiVersion ?? kind.ApiVersion,
            FieldManager = session.ManagerOf(known, old.FieldManager, request.Urn),
        };
        var response = new ReadResponse { Id = request.Id, Properties = state.Write(request.Inputs, session.Secrets), Inputs = WireWriter.Write(inputs) };
        if (session.Secrets)
        {
            SecretMarks.Copy(response.Inputs, request.Inputs);
        }

        if (!isNew && await ReasonsAsync(known, live, client, log, cancellationToken).ConfigureAwait(false) is { Count: > 0 } reasons)
        {
            var failed = new ErrorResourceInitFailed { Id = response.Id, Properties = response.Properties, Inputs = response.Inputs };
            failed.Reasons.AddRange(reasons);
            throw StatusDetails.InitFailed(failed);
        }

        return response;
    }

    private async Task<IReadOnlyList<string>> ReasonsAsync(JsonObject known, JsonObject live, ClusterClient client, ProgressLog log, CancellationToken cancellationToken)
    {
        if (known.Annotation(Annotations.WaitFor) is not null
            || ReadinessChecks.For(known, live, session.Await(client, log, once: true)) is not { } check)
        {
            return [];
        }

        await using (check.ConfigureAwait(false))
        {
            var report = await check.LookAsync(live, cancellationToken).ConfigureAwait(false);
            return report.State == ReadyState.Ready ? [] : report.Reasons;
        }
    }
}
