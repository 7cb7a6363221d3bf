using System.Net;
using System.Text.Json.Nodes;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Awaiting;
using Reco.Providers.Kubernetes.Cluster;
using Reco.Providers.Kubernetes.Objects;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Operations;

/// <summary>Makes an object and waits until it is ready.</summary>
internal sealed class CreateOperation(ResourceSession session)
{
    private const int Attempts = 6;

    /// <summary>Makes the object; in a preview answers what it would be.</summary>
    public async Task<CreateResponse> RunAsync(CreateRequest request, CancellationToken cancellationToken)
    {
        var inputs = WireReader.Read(request.Properties);
        var kind = inputs.Gvk() ?? GroupVersionKind.FromToken(Urn.Type(request.Urn));
        if (request.Preview)
        {
            return await PlanAsync(request, inputs, kind, cancellationToken).ConfigureAwait(false);
        }

        var log = session.LogOf(request.Urn);
        var client = await session.Source.ConnectAsync(ClusterNeed.Required, cancellationToken).ConfigureAwait(false)
            ?? throw new ClusterUnreachableException("there is no cluster");
        var manager = session.ManagerOf(inputs, null, request.Urn);
        var (live, collection) = await MakeAsync(client, inputs, kind, PatchResource.IsPatch(request.Urn, inputs), manager, log, cancellationToken).ConfigureAwait(false);
        try
        {
            live = await session.WaitAsync(inputs, live, collection, client, log, request.Timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (NotReadyException error)
        {
            var failed = new ErrorResourceInitFailed
            {
                Id = error.Live.Id().ToString(),
                Properties = StateOf(inputs, error.Live, manager).Write(request.Properties, session.Secrets),
                Inputs = request.Properties,
            };
            failed.Reasons.AddRange(error.Reasons);
            throw StatusDetails.InitFailed(failed);
        }

        return new CreateResponse
        {
            Id = live.Id().ToString(),
            Properties = StateOf(inputs, live, manager).Write(request.Properties, session.Secrets),
        };
    }

    private static Checkpoint StateOf(JsonObject inputs, JsonObject live, string manager) => new()
    {
        Inputs = inputs,
        Live = live,
        InitialApiVersion = inputs.ApiVersion(),
        FieldManager = manager,
    };

    private static bool MayComeLater(KubeApiException error) => error.Code == HttpStatusCode.NotFound;

    private async Task<(JsonObject Live, string Collection)> MakeAsync(
        ClusterClient client, JsonObject inputs, GroupVersionKind kind, bool isPatch, string manager, ProgressLog log, CancellationToken cancellationToken)
    {
        // Resources without a declared dependency may come in any order: an object before its namespace, a custom
        // resource before its definition. Official tries five times more, each pause twice the one before.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var collection = await session.RequireCollectionAsync(client, kind, inputs.Namespace(), cancellationToken).ConfigureAwait(false);
                // Once asked for, the answer is waited for: an object that is made must come into the state.
                cancellationToken.ThrowIfCancellationRequested();
                return (await ApplyAsync(client, inputs, collection, manager, isPatch, session.WarnOf(log), CancellationToken.None).ConfigureAwait(false), collection);
            }
            catch (Exception error) when (attempt < Attempts && (error is InvalidOperationException || (error is KubeApiException refused && MayComeLater(refused))))
            {
                await log.StatusAsync($"try {attempt} failed, trying again: {error.Message}").ConfigureAwait(false);
                await Task.Delay(TimeSpan.FromMilliseconds(250 * Math.Pow(2, attempt)), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<JsonObject> ApplyAsync(ClusterClient client, JsonObject inputs, string collection, string manager, bool isPatch, Action<string> warn, CancellationToken cancellationToken)
    {
        if (!session.Settings.ServerSideApply)
        {
            return await client.CreateAsync(collection, inputs, manager, dryRun: false, cancellationToken, warn).ConfigureAwait(false);
        }

        var path = ResourceSession.PathIn(collection, inputs.Name());
        var force = session.Settings.PatchForce || inputs.HasAnnotation(Annotations.PatchForce);
        if (isPatch)
        {
            return await PatchResource.ApplyAsync(client, path, inputs, manager, force, warn, cancellationToken).ConfigureAwait(false);
        }

        if (!session.Settings.UpsertExisting && await client.GetAsync(path, cancellationToken).ConfigureAwait(false) is not null)
        {
            throw new InvalidDataException(
                $"{inputs.Kind()} {inputs.Id()} exists already, and this stack did not make it. Choose another name, give the resource an alias if it was "
                + "renamed in the program, import it (resource option import), or set the provider's upsertExistingObjects to take it over.");
        }

        return await client.ApplyAsync(path, inputs, manager, force, dryRun: false, cancellationToken, warn).ConfigureAwait(false);
    }

    private async Task<CreateResponse> PlanAsync(CreateRequest request, JsonObject inputs, GroupVersionKind kind, CancellationToken cancellationToken)
    {
        var asGiven = new CreateResponse { Properties = request.Properties };
        if (!session.Settings.ServerSideApply || WireReader.HasUnknown(inputs)
            || await session.Source.ConnectAsync(ClusterNeed.IfRunning, cancellationToken).ConfigureAwait(false) is not { } client
            || await session.CollectionAsync(client, kind, inputs.Namespace(), cancellationToken).ConfigureAwait(false) is not { } collection)
        {
            return asGiven;
        }

        var path = ResourceSession.PathIn(collection, inputs.Name());
        if (await client.GetAsync(path, cancellationToken).ConfigureAwait(false) is not null)
        {
            // The old object under the same name goes first: what the server would answer now is about that one.
            return asGiven;
        }

        var manager = session.ManagerOf(inputs, null, request.Urn);
        JsonObject planned;
        try
        {
            planned = await client.ApplyAsync(path, inputs, manager, force: true, dryRun: true, cancellationToken).ConfigureAwait(false);
        }
        catch (KubeApiException error) when (error.Code is HttpStatusCode.Forbidden or HttpStatusCode.NotFound
            || error.Message.Contains("dry run", StringComparison.OrdinalIgnoreCase))
        {
            // No right to try, or its namespace is made in the same update.
            return asGiven;
        }

        planned.Remove("status");
        return new CreateResponse { Properties = StateOf(inputs, planned, manager).Write(request.Properties, session.Secrets) };
    }
}
