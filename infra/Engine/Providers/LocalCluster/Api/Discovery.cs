using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>What the API says of itself.</summary>
internal sealed class Discovery(KindCatalog kinds)
{
    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    private static readonly Dictionary<string, string[]> ShortNames = new(StringComparer.Ordinal)
    {
        ["Pod"] = ["po"], ["Service"] = ["svc"], ["ConfigMap"] = ["cm"], ["Namespace"] = ["ns"], ["Node"] = ["no"], ["Event"] = ["ev"],
        ["ServiceAccount"] = ["sa"], ["PersistentVolumeClaim"] = ["pvc"], ["PersistentVolume"] = ["pv"], ["Deployment"] = ["deploy"],
        ["ReplicaSet"] = ["rs"], ["StatefulSet"] = ["sts"], ["DaemonSet"] = ["ds"], ["CronJob"] = ["cj"], ["Endpoints"] = ["ep"], ["Ingress"] = ["ing"],
        ["NetworkPolicy"] = ["netpol"], ["PodDisruptionBudget"] = ["pdb"], ["HorizontalPodAutoscaler"] = ["hpa"], ["PriorityClass"] = ["pc"],
        ["StorageClass"] = ["sc"], ["ResourceQuota"] = ["quota"], ["LimitRange"] = ["limits"], ["CustomResourceDefinition"] = ["crd", "crds"],
    };

    /// <summary>Answer of <c>/version</c>: the Kubernetes version whose API this is a part of.</summary>
    public static JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = "34",
        ["gitVersion"] = "v1.34.0+reco-local",
        ["platform"] = "linux/amd64",
    };

    /// <summary>Groups, versions or resources, by path.</summary>
    public JsonObject Answer(string[] path) => path switch
    {
        ["api"] => new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") },
        ["apis"] => new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = new JsonArray([.. Groups().Select(Group)]) },
        ["apis", var group] when Groups().Contains(group) => Group(group),
        ["api", var version] => Resources("", version),
        ["apis", var group, var version] when kinds.All.Any(served => served.Kind.Group == group && served.Version == version) => Resources(group, version),
        _ => throw ApiException.UnknownPath(),
    };

    private IEnumerable<string> Groups() => kinds.All.Select(served => served.Kind.Group).Where(group => group.Length > 0).Distinct();

    private JsonObject Group(string group)
    {
        var versions = kinds.All.Where(served => served.Kind.Group == group).Select(served => served.Version).Distinct().OrderBy(ByStability, StringComparer.Ordinal).ToArray();
        JsonObject Named(string version) => new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };
        return new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1", ["name"] = group, ["versions"] = new JsonArray([.. versions.Select(Named)]), ["preferredVersion"] = Named(versions[0]) };
    }

    /// <summary>Stable versions before beta before alpha, newer before older.</summary>
    private static string ByStability(string version)
    {
        var stage = version.Contains("alpha", StringComparison.Ordinal) ? 2 : version.Contains("beta", StringComparison.Ordinal) ? 1 : 0;
        var number = int.TryParse(new string([.. version.Skip(1).TakeWhile(char.IsAsciiDigit)]), out var major) ? 999 - Math.Min(major, 999) : 999;
        return $"{stage}{number:000}{version}";
    }

    private JsonObject Resources(string group, string version)
    {
        var list = new JsonArray();
        foreach (var served in kinds.All.Where(served => served.Kind.Group == group && served.Version == version).OrderBy(served => served.Kind.Plural, StringComparer.Ordinal))
        {
            var entry = Entry(served, served.Kind.Plural, served.Kind.Kind, Verbs);
            entry["singularName"] = served.Kind.Kind.ToLowerInvariant();
            if (ShortNames.GetValueOrDefault(served.Kind.Kind) is { } names && !served.IsCustom)
            {
                entry["shortNames"] = new JsonArray([.. names.Select(name => JsonValue.Create(name))]);
            }

            list.Add(entry);
            foreach (var sub in served.Subresources)
            {
                list.Add(Entry(served, $"{served.Kind.Plural}/{sub}", SubKind(served, sub), sub switch { "log" => ["get"], "eviction" or "token" => ["create"], _ => ["get", "patch", "update"] }));
            }
        }

        return new JsonObject { ["kind"] = "APIResourceList", ["apiVersion"] = "v1", ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}", ["resources"] = list };
    }

    private static string SubKind(ServedKind served, string sub) => sub switch { "scale" => "Scale", "eviction" => "Eviction", "token" => "TokenRequest", _ => served.Kind.Kind };

    private static JsonObject Entry(ServedKind served, string name, string kind, string[] verbs) => new()
    {
        ["name"] = name,
        ["singularName"] = "",
        ["namespaced"] = served.Kind.Namespaced,
        ["kind"] = kind,
        ["verbs"] = new JsonArray([.. verbs.Select(verb => JsonValue.Create(verb))]),
    };
}
