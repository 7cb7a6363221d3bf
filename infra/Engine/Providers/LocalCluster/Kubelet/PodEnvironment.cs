using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Kubelet;

/// <summary>Environment variables of containers.</summary>
internal sealed class PodEnvironment(ObjectStore store, Uri server, Networking.ClusterNames names)
{
    /// <summary>Resolves the environment of a container, mount paths not yet translated.</summary>
    /// <exception cref="PodFailure">A reference leads nowhere.</exception>
    public Dictionary<string, string> Resolve(JsonObject pod, JsonObject container)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOSTNAME"] = pod.Text("spec", "hostname") ?? pod.Name(),
            ["KUBERNETES_SERVICE_HOST"] = server.Host,
            ["KUBERNETES_SERVICE_PORT"] = server.Port.ToString(CultureInfo.InvariantCulture),
            ["KUBERNETES_SERVICE_PORT_HTTPS"] = server.Port.ToString(CultureInfo.InvariantCulture),
        };
        if (pod.At("spec", "enableServiceLinks") is null || pod.Flag("spec", "enableServiceLinks"))
        {
            AddServices(pod.Space(), result);
        }

        foreach (var source in container.Items("envFrom"))
        {
            foreach (var (key, value) in All(pod, source))
            {
                result[(source.Text("prefix") ?? "") + key] = Encoding.UTF8.GetString(value);
            }
        }

        foreach (var variable in container.Items("env"))
        {
            var name = variable.Text("name") ?? "";
            if (variable["valueFrom"] is JsonObject source)
            {
                if (Referenced(pod, container, source) is { } value)
                {
                    result[name] = value;
                }
            }
            else
            {
                result[name] = Expansion.Variables(variable.Text("value") ?? "", result);
            }
        }

        return result;
    }

    /// <summary>Replaces host names of the cluster by addresses: there is no name server here that processes would ask.</summary>
    public string Names(JsonObject pod, string text) => names.Expand(text, pod.Space());

    private void AddServices(string space, Dictionary<string, string> variables)
    {
        foreach (var service in store.List(ResourceKinds.Service, space).Where(service => System.Net.IPAddress.TryParse(service.Text("spec", "clusterIP"), out _)))
        {
            var prefix = service.Name().ToUpperInvariant().Replace('-', '_');
            variables[$"{prefix}_SERVICE_HOST"] = service.Text("spec", "clusterIP")!;
            foreach (var (port, index) in service.Items("spec", "ports").Select((port, index) => (port, index)))
            {
                var number = (port.Number("port") ?? 0).ToString(CultureInfo.InvariantCulture);
                if (index == 0)
                {
                    variables[$"{prefix}_SERVICE_PORT"] = number;
                }

                if (port.Text("name") is { Length: > 0 } name)
                {
                    variables[$"{prefix}_SERVICE_PORT_{name.ToUpperInvariant().Replace('-', '_')}"] = number;
                }
            }
        }
    }

    private IReadOnlyDictionary<string, byte[]> All(JsonObject pod, JsonObject source)
    {
        var (kind, reference) = source["secretRef"] is { } secret ? (ResourceKinds.Secret, secret) : (ResourceKinds.ConfigMap, source["configMapRef"]);
        var name = reference.Text("name") ?? "";
        return store.Get(new ObjectKey(kind, pod.Space(), name)) is { } value ? ObjectData.Read(value)
            : reference.Flag("optional") ? new Dictionary<string, byte[]>()
            : throw new PodFailure("CreateContainerConfigError", $"{kind.Kind.ToLowerInvariant()} \"{name}\" not found");
    }

    private string? Referenced(JsonObject pod, JsonObject container, JsonObject source) => source.FirstOrDefault() switch
    {
        { Key: "fieldRef", Value: var field } => Expansion.Field(pod, field.Text("fieldPath") ?? ""),
        { Key: "resourceFieldRef", Value: var resource } => ResourceField(pod, container, resource),
        { Key: "secretKeyRef", Value: var key } => Entry(pod, ResourceKinds.Secret, key),
        { Key: "configMapKeyRef", Value: var key } => Entry(pod, ResourceKinds.ConfigMap, key),
        var other => throw new PodFailure("CreateContainerConfigError", $"there are no variables from {other.Key}"),
    };

    private string? Entry(JsonObject pod, ResourceKind kind, JsonNode? reference)
    {
        var (name, key) = (reference.Text("name") ?? "", reference.Text("key") ?? "");
        var value = store.Get(new ObjectKey(kind, pod.Space(), name));
        if (value is not null && ObjectData.Read(value).TryGetValue(key, out var content))
        {
            return Encoding.UTF8.GetString(content);
        }

        return reference.Flag("optional") ? null
            : throw new PodFailure("CreateContainerConfigError", value is null ? $"{kind.Kind.ToLowerInvariant()} \"{name}\" not found" : $"couldn't find key {key} in {kind.Kind} {pod.Space()}/{name}");
    }

    private static string ResourceField(JsonObject pod, JsonObject container, JsonNode? reference)
    {
        var owner = reference.Text("containerName") is { } named
            ? pod.Items("spec", "containers").FirstOrDefault(other => other.Text("name") == named) ?? container
            : container;
        var path = (reference.Text("resource") ?? "").Split('.', 2);
        var text = path.Length == 2 ? owner.Map("resources", path[0]).GetValueOrDefault(path[1]) : null;
        var amount = Quantity.Parse(text) ?? (path is [_, "cpu"] ? Environment.ProcessorCount : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var divisor = Quantity.Parse(reference.Text("divisor")) is { } given and > 0 ? given : 1;
        return Math.Ceiling(amount / divisor).ToString("0", CultureInfo.InvariantCulture);
    }
}
