using System.Text.Json.Nodes;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Awaiting;
using Reco.Providers.Kubernetes.Cluster;
using Reco.Providers.Kubernetes.Objects;
using Reco.Providers.Kubernetes.Operations;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Diffing;

/// <summary>Answers Diff: the live state, cut to what the program gave before, against what it gives now. So a drift that a
/// refresh has found shows, and a default that the cluster filled in does not.</summary>
internal sealed class ResourceDiffer(ResourceSession session)
{
    private const string ReplaceUnreadyPath = "metadata.annotations[\"pulumi.com/replaceUnready\"]";

    /// <summary>The difference.</summary>
    public async Task<DiffResponse> DiffAsync(DiffRequest request, CancellationToken cancellationToken)
    {
        var old = Checkpoint.Read(request.Olds);
        var given = Normalizer.Normalize(old.Inputs.Count > 0 ? old.Inputs : WireReader.Read(request.OldInputs));
        var after = Normalizer.Normalize(WireReader.Read(request.News));
        var before = Before(old.Live, given, after);
        SetNamespaces(before, after);

        var ignored = request.IgnoreChanges.Select(PropertyPath.Parse).ToList();
        var fields = ReplacementRules.Of(after, session.Settings, PatchResource.IsPatch(request.Urn, after));
        var response = new DiffResponse { HasDetailedDiff = true, Changes = DiffResponse.Types.DiffChanges.DiffNone };
        foreach (var change in ObjectDiff.Compare(before, after, given))
        {
            if (ignored.Any(path => path.Contains(change.Path)))
            {
                continue;
            }

            var path = change.Path.ToString();
            var replaces = ReplacementRules.Touches(change, fields);
            response.Changes = DiffResponse.Types.DiffChanges.DiffSome;
            response.Diffs.Add(path);
            response.DetailedDiff[path] = new PropertyDiff { Kind = KindOf(change.Kind, replaces), InputDiff = change.Kind == ChangeKind.Delete };
            if (replaces)
            {
                response.Replaces.Add(path);
            }
        }

        if (after.HasAnnotation(Annotations.ReplaceUnready) && after.Kind() == "Job"
            && await IsUnreadyAsync(old.Live, cancellationToken).ConfigureAwait(false))
        {
            response.Changes = DiffResponse.Types.DiffChanges.DiffSome;
            response.Diffs.Add(ReplaceUnreadyPath);
            response.Replaces.Add(ReplaceUnreadyPath);
            response.DetailedDiff[ReplaceUnreadyPath] = new PropertyDiff { Kind = PropertyDiff.Types.Kind.UpdateReplace };
        }

        response.DeleteBeforeReplace = response.Replaces.Count > 0
            && after.Name().Length > 0
            && !after.HasAnnotation(Annotations.Autonamed)
            && after.Name() == old.Live.Name()
            && after.Namespace() == before.Namespace();
        return response;
    }

    /// <summary>What the cluster has of what the program gave. A state without the live object (made by a preview or an
    /// import of inputs alone) is taken at its inputs.</summary>
    private static JsonObject Before(JsonObject live, JsonObject given, JsonObject after)
    {
        if (live.Name().Length == 0)
        {
            return given.Copy();
        }

        var before = Pruner.Prune(Normalizer.Normalize(live), given);
        before["apiVersion"] ??= live.ApiVersion();
        before["kind"] ??= live.Kind();
        if (after.Name().Length > 0)
        {
            // Naming an object by the name that it has changes nothing.
            before.SetMetadata("name", live.Name());
        }

        return before;
    }

    private static void SetNamespaces(JsonObject before, JsonObject after)
    {
        if (ResourceScope.IsNamespaced(after.Kind()))
        {
            SetDefault(before);
            SetDefault(after);
        }
        else
        {
            before.Remove("metadata", "namespace");
            after.Remove("metadata", "namespace");
        }
    }

    private static void SetDefault(JsonObject value)
    {
        var space = value.At("metadata", "namespace");
        if (space is null || space.Text() == "")
        {
            value.SetMetadata("namespace", "default");
        }
    }

    private static PropertyDiff.Types.Kind KindOf(ChangeKind kind, bool replaces) => kind switch
    {
        ChangeKind.Add => replaces ? PropertyDiff.Types.Kind.AddReplace : PropertyDiff.Types.Kind.Add,
        ChangeKind.Delete => replaces ? PropertyDiff.Types.Kind.DeleteReplace : PropertyDiff.Types.Kind.Delete,
        _ => replaces ? PropertyDiff.Types.Kind.UpdateReplace : PropertyDiff.Types.Kind.Update,
    };

    private async Task<bool> IsUnreadyAsync(JsonObject old, CancellationToken cancellationToken)
    {
        try
        {
            // Asked of the cluster as it is; what cannot be asked is not replaced.
            return old.Gvk() is { } kind
                && await session.Source.ConnectAsync(ClusterNeed.IfRunning, cancellationToken).ConfigureAwait(false) is { } client
                && await session.CollectionAsync(client, kind, old.Namespace(), cancellationToken).ConfigureAwait(false) is { } collection
                && await client.GetAsync(ResourceSession.PathIn(collection, old.Name()), cancellationToken).ConfigureAwait(false) is { } live
                && !JobCheck.IsComplete(live);
        }
        catch (Exception error) when (error is KubeApiException or HttpRequestException or ClusterUnreachableException)
        {
            return false;
        }
    }
}
