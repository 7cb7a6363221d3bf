using System.Net;
using System.Text.Json.Nodes;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Awaiting;
using Reco.Providers.Kubernetes.Cluster;
using Reco.Providers.Kubernetes.Objects;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Operations;

/// <summary>Changes an object in place and waits until the change has taken effect.</summary>
internal sealed class UpdateOperation(ResourceSession session)
{
    private const string Merge = "application/merge-patch+json";
    private const string Patch = "application/json-patch+json";

    /// <summary>Changes the object; in a preview answers what it would be.</summary>
    public async Task<UpdateResponse> RunAsync(UpdateRequest request, CancellationToken cancellationToken)
    {
        var old = Checkpoint.Read(request.Olds);
        var inputs = Normalizer.Normalize(WireReader.Read(request.News));
        var need = request.Preview ? ClusterNeed.IfRunning : ClusterNeed.Required;
        var asGiven = new UpdateResponse { Properties = request.News };
        if (request.Preview && WireReader.HasUnknown(inputs))
        {
            return asGiven;
        }

        var client = await session.Source.ConnectAsync(need, cancellationToken).ConfigureAwait(false);
        if (client is null)
        {
            return asGiven;
        }

        var id = ObjectId.Parse(request.Id);
        var kind = inputs.Gvk() ?? GroupVersionKind.FromToken(Urn.Type(request.Urn));
        var collection = await session.RequireCollectionAsync(client, kind, inputs.Namespace(), cancellationToken).ConfigureAwait(false);
        var path = ResourceSession.PathIn(collection, id.Name);
        var before = await client.GetAsync(path, cancellationToken).ConfigureAwait(false);
        if (before is null)
        {
            return request.Preview ? asGiven : throw new InvalidDataException(
                $"{kind.Kind} {id} is not in the cluster: something else than this stack deleted it. Run refresh, then up.");
        }

        var manager = session.ManagerOf(inputs, old.FieldManager, request.Urn);
        var warn = request.Preview ? null : session.WarnOf(session.LogOf(request.Urn));
        JsonObject live;
        try
        {
            // Once asked for, the answer is waited for: what has changed must come into the state.
            cancellationToken.ThrowIfCancellationRequested();
            live = session.Settings.ServerSideApply
                ? await ApplyAsync(client, path, inputs.Copy(), before, manager, request, warn, CancellationToken.None).ConfigureAwait(false)
                : await client.PatchAsync(path, MergePatch.Create(Pruner.Prune(before, old.Inputs), inputs), Merge, manager, request.Preview, CancellationToken.None, warn).ConfigureAwait(false);
        }
        catch (KubeApiException error) when (request.Preview
            && (error.Code == HttpStatusCode.Forbidden || error.Message.Contains("dry run", StringComparison.OrdinalIgnoreCase)))
        {
            return asGiven;
        }

        var state = new Checkpoint { Inputs = inputs, Live = live, InitialApiVersion = old.InitialApiVersion ?? inputs.ApiVersion(), FieldManager = manager };
        if (request.Preview)
        {
            return new UpdateResponse { Properties = state.Write(request.News, session.Secrets) };
        }

        try
        {
            live = await session.WaitAsync(inputs, live, collection, client, session.LogOf(request.Urn), request.Timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (NotReadyException error)
        {
            var failed = new ErrorResourceInitFailed
            {
                Id = error.Live.Id().ToString(),
                Properties = (state with { Live = error.Live }).Write(request.News, session.Secrets),
                Inputs = request.News,
            };
            failed.Reasons.AddRange(error.Reasons);
            throw StatusDetails.InitFailed(failed);
        }

        return new UpdateResponse { Properties = (state with { Live = live }).Write(request.News, session.Secrets) };
    }

    private async Task<JsonObject> ApplyAsync(
        ClusterClient client, string path, JsonObject inputs, JsonObject before, string manager, UpdateRequest request, Action<string>? warn, CancellationToken cancellationToken)
    {
        // What others own of an object that is only patched stays theirs.
        if (!request.Preview && !PatchResource.IsPatch(request.Urn, inputs) && FieldManagers.TakeOver(before, manager) is { } patch)
        {
            before = await client.PatchAsync(path, patch, Patch, manager, dryRun: false, cancellationToken).ConfigureAwait(false);
        }

        FieldManagers.KeepIgnored(inputs, before, request.IgnoreChanges, manager);
        var force = session.Settings.PatchForce
            || inputs.HasAnnotation(Annotations.PatchForce)
            || (request.Preview && FieldManagers.HasClientSideOwner(before))
            // Written before its server knew managers: a "before first apply" owner would conflict with every field.
            || !before.Items("metadata", "managedFields").Any();
        try
        {
            return await client.ApplyAsync(path, inputs, manager, force, request.Preview, cancellationToken, warn).ConfigureAwait(false);
        }
        catch (KubeApiException error) when (error.Code == HttpStatusCode.Conflict)
        {
            throw new InvalidDataException(
                $"another manager owns fields of {inputs.Kind()} {inputs.Id()}: {error.Message}. Take the fields out of the program, ignore them "
                + $"(ignoreChanges), or take them over with annotation {Annotations.PatchForce}: \"true\".");
        }
    }
}
