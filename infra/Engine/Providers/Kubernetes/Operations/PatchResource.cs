using System.Net;
using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Cluster;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Operations;

/// <summary>Patch resources (<c>ConfigMapPatch</c>, ...): some fields of an object that somebody else makes, owned by a field
/// manager of their own, given up when the resource is deleted.</summary>
internal static class PatchResource
{
    private const string Suffix = "Patch";

    /// <summary>Whether a resource is one.</summary>
    /// <param name="urn">The resource.</param>
    /// <param name="inputs">What the program gave: it names the patched kind.</param>
    public static bool IsPatch(string urn, JsonObject inputs)
    {
        var kind = GroupVersionKind.FromToken(Urn.Type(urn));
        return IsPatch(kind, inputs.Kind());
    }

    /// <summary>Whether a type is one.</summary>
    public static bool IsPatch(GroupVersionKind kind, string named) => kind.Kind.EndsWith(Suffix, StringComparison.Ordinal) && ModelCatalog.Find(kind) is null
        && (named + Suffix == kind.Kind || (named is "" && ModelCatalog.Find(Patched(kind)) is not null));

    /// <summary>The kind that a Patch type patches.</summary>
    public static GroupVersionKind Patched(GroupVersionKind kind) => kind with { Kind = kind.Kind[..^Suffix.Length] };

    /// <summary>Takes fields of an object that is there.</summary>
    public static async Task<JsonObject> ApplyAsync(ClusterClient client, string path, JsonObject inputs, string manager, bool force, Action<string> warn, CancellationToken cancellationToken)
    {
        if (await client.GetAsync(path, cancellationToken).ConfigureAwait(false) is null)
        {
            throw new InvalidDataException($"{inputs.Kind()} {inputs.Id()} is not there to be patched. Make it first, or let the patch depend on the resource that makes it.");
        }

        try
        {
            return await client.ApplyAsync(path, inputs, manager, force, dryRun: false, cancellationToken, warn).ConfigureAwait(false);
        }
        catch (KubeApiException error) when (error.Code == HttpStatusCode.Conflict)
        {
            throw new InvalidDataException($"another manager owns fields of {inputs.Kind()} {inputs.Id()}: {error.Message}. Take them over with annotation {Annotations.PatchForce}: \"true\".");
        }
    }

    /// <summary>Gives the fields up: what no other manager owns leaves the object.</summary>
    public static async Task ReleaseAsync(ClusterClient client, string path, JsonObject live, string manager, CancellationToken cancellationToken)
    {
        var identity = new JsonObject { ["apiVersion"] = live.ApiVersion(), ["kind"] = live.Kind(), ["metadata"] = new JsonObject { ["name"] = live.Name() } };
        if (live.Namespace().Length > 0)
        {
            identity.SetMetadata("namespace", live.Namespace());
        }

        try
        {
            await client.ApplyAsync(path, identity, manager, force: true, dryRun: false, cancellationToken).ConfigureAwait(false);
        }
        catch (KubeApiException error) when (error.Code == HttpStatusCode.UnprocessableEntity)
        {
            throw new InvalidDataException($"the patch holds a field that {live.Kind()} {live.Id()} cannot be without, so it cannot be deleted: {error.Message}. "
                + "Let another manager own the field first, or set the resource option retainOnDelete.");
        }
    }
}
