using System.Globalization;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Kubelet;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Admission;

/// <summary>Rules of pod specs.</summary>
internal static class PodRules
{
    private static readonly string[] Handlers = ["exec", "httpGet", "tcpSocket", "grpc"];

    /// <summary>What is wrong with a pod spec.</summary>
    /// <param name="pod">The spec.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="claims">Volumes that its controller adds.</param>
    public static IEnumerable<(string Field, string Problem)> Problems(JsonNode? pod, string path, params IEnumerable<string> claims)
    {
        var volumes = pod.Items("volumes").Select(volume => volume.Text("name")).Concat(claims).ToHashSet();
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (!pod.Items("containers").Any())
        {
            yield return ($"{path}.containers", "Required value");
        }

        foreach (var list in new[] { "initContainers", "containers" })
        {
            var index = 0;
            foreach (var container in pod.Items(list))
            {
                var at = $"{path}.{list}[{index++.ToString(CultureInfo.InvariantCulture)}]";
                var name = container.Text("name") ?? "";
                if (NameRules.Problem("Service", name) is not null)
                {
                    yield return ($"{at}.name", $"Invalid value: \"{name}\": at most 63 lower-case letters, digits and '-', first and last a letter or digit");
                }
                else if (!names.Add(name))
                {
                    yield return ($"{at}.name", $"Duplicate value: \"{name}\"");
                }

                foreach (var problem in Container(container, at, volumes, list == "initContainers"))
                {
                    yield return problem;
                }
            }
        }

        foreach (var volume in pod.Items("volumes").Where(volume => volume.Count(member => member.Key != "name") > 1))
        {
            yield return ($"{path}.volumes", $"Forbidden: {volume.Text("name")} may not specify more than 1 volume type");
        }
    }

    private static IEnumerable<(string, string)> Container(JsonObject container, string at, HashSet<string?> volumes, bool isInit)
    {
        if (container.Text("image") is not { Length: > 0 })
        {
            yield return ($"{at}.image", "Required value");
        }

        if (container.Text("restartPolicy") is { } policy && !(isInit && policy == "Always"))
        {
            yield return ($"{at}.restartPolicy", "Forbidden: only init containers have one, and it is \"Always\"");
        }

        var mounts = container.Items("volumeMounts").ToArray();
        foreach (var mount in mounts.Where(mount => !volumes.Contains(mount.Text("name"))))
        {
            yield return ($"{at}.volumeMounts.name", $"Not found: \"{mount.Text("name")}\"");
        }

        if (mounts.DistinctBy(mount => mount.Text("mountPath")).Count() < mounts.Length)
        {
            yield return ($"{at}.volumeMounts.mountPath", "Invalid value: must be unique");
        }

        foreach (var port in container.Items("ports").Where(port => port.Number("containerPort") is not (>= 1 and <= 65_535)))
        {
            yield return ($"{at}.ports.containerPort", $"Invalid value: {port.Number("containerPort")}: must be between 1 and 65535, inclusive");
        }

        foreach (var (resource, limit) in container.Map("resources", "limits"))
        {
            var request = container.Map("resources", "requests").GetValueOrDefault(resource);
            if (Quantity.Parse(request) is { } wanted && Quantity.Parse(limit) is { } most && wanted > most)
            {
                yield return ($"{at}.resources.requests", $"Invalid value: \"{request}\": must be less than or equal to {resource} limit of {limit}");
            }
        }

        foreach (var probe in new[] { "startupProbe", "livenessProbe", "readinessProbe" })
        {
            if (container[probe] is JsonObject check && Handlers.Count(check.ContainsKey) != 1)
            {
                yield return ($"{at}.{probe}", "Required value: must specify exactly one handler type");
            }
        }

        foreach (var variable in container.Items("env").Where(variable => variable.Text("value") is { Length: > 0 } && variable["valueFrom"] is not null))
        {
            yield return ($"{at}.env", $"Invalid value: {variable.Text("name")}: `valueFrom` may not be specified when `value` is not empty");
        }
    }
}
