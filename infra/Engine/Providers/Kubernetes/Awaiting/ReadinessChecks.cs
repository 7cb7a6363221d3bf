using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Awaiting;

/// <summary>Picks what "ready" means for an object.</summary>
internal static class ReadinessChecks
{
    /// <summary>The check for an object; null where there is nothing to wait for.</summary>
    /// <param name="inputs">What the program gave, with its annotations.</param>
    /// <param name="live">The object.</param>
    /// <param name="context">What the wait works with.</param>
    /// <exception cref="FormatException">A condition in an annotation that cannot be read.</exception>
    public static IReadinessCheck? For(JsonObject inputs, JsonObject live, AwaitContext context)
    {
        if (inputs.HasAnnotation(Annotations.SkipAwait))
        {
            return null;
        }

        if (inputs.Annotation(Annotations.WaitFor) is { Length: > 0 } wanted)
        {
            return WaitForCondition.Parse(wanted);
        }

        return live.Gvk()?.ToString() switch
        {
            "batch/v1/Job" => new JobCheck(context),
            "apps/v1/Deployment" or "apps/v1/StatefulSet" or "apps/v1/DaemonSet" or "apps/v1/ReplicaSet" => new RolloutCheck(context),
            "v1/Service" => new ServiceCheck(context),
            "v1/PersistentVolumeClaim" => context.Once ? null : new ClaimCheck(context),
            "v1/Pod" => new PodCheck(context),
            "v1/PersistentVolume" => context.Once ? null : new ObjectCheck(volume => Phase(volume, "Available", "Bound")),
            "v1/Namespace" => context.Once ? null : new ObjectCheck(space => space.Text("status", "phase") is null ? ReadyReport.Ready : Phase(space, "Active")),
            "v1/Secret" when live.Text("type") == "kubernetes.io/service-account-token" && !context.Once => new ObjectCheck(secret =>
                secret.At("data") is JsonObject { Count: > 0 } ? ReadyReport.Ready : ReadyReport.Waiting("waiting for the token", $"secret {secret.Name()} has no token yet")),
            "networking.k8s.io/v1/Ingress" => new IngressCheck(context),
            "apiextensions.k8s.io/v1/CustomResourceDefinition" when !context.Once => new ObjectCheck(definition =>
                definition.Condition("Established").Text("status") == "True" ? ReadyReport.Ready : ReadyReport.Waiting("waiting to be established", $"{definition.Name()} is not established")),
            _ => null,
        };
    }

    private static ReadyReport Phase(JsonObject live, params string[] good) =>
        live.Text("status", "phase") is { } phase && good.Contains(phase, StringComparer.Ordinal)
            ? ReadyReport.Ready
            : ReadyReport.Waiting($"phase {live.Text("status", "phase") ?? "not set"}", $"{live.Kind()} {live.Name()} is {live.Text("status", "phase") ?? "without a phase"}");
}

/// <summary>The conditions of annotation <c>pulumi.com/waitFor</c>: <c>condition=Type[=Status]</c> or
/// <c>jsonpath={.a.b[0]}[=value]</c>, one or a JSON list of them.</summary>
internal static class WaitForCondition
{
    /// <summary>A check for all conditions of the annotation.</summary>
    /// <exception cref="FormatException">A condition that cannot be read.</exception>
    public static IReadinessCheck Parse(string annotation)
    {
        var parts = Split(annotation).Select(text => (Text: text, Holds: ParseOne(text))).ToList();
        return new ObjectCheck(live =>
        {
            var missing = parts.Where(part => !part.Holds(live)).Select(part => part.Text).ToList();
            return missing.Count == 0 ? ReadyReport.Ready : ReadyReport.Waiting($"waiting for {missing[0]}", $"{live.Kind()} {live.Name()}: {string.Join(", ", missing)} does not hold");
        });
    }

    private static IEnumerable<string> Split(string annotation)
    {
        if (annotation.StartsWith('['))
        {
            try
            {
                return JsonSerializer.Deserialize<string[]>(annotation) ?? [];
            }
            catch (JsonException)
            {
                throw Unreadable(annotation);
            }
        }

        return [annotation];
    }

    private static Func<JsonObject, bool> ParseOne(string text)
    {
        if (text.StartsWith("condition=", StringComparison.Ordinal))
        {
            var parts = text["condition=".Length..].Split('=', 2);
            var wanted = parts.Length > 1 ? parts[1] : "True";
            return live => string.Equals(live.Condition(parts[0]).Text("status"), wanted, StringComparison.OrdinalIgnoreCase);
        }

        var open = text.IndexOf("{.", StringComparison.Ordinal);
        var close = text.IndexOf('}', StringComparison.Ordinal);
        if (!text.StartsWith("jsonpath=", StringComparison.Ordinal) || open != "jsonpath=".Length || close < open)
        {
            throw Unreadable(text);
        }

        var steps = PropertyPath.Parse(text[(open + 2)..close]).Steps;
        var value = text.Length > close + 1 && text[close + 1] == '=' ? text[(close + 2)..] : null;
        return live =>
        {
            JsonNode? node = live;
            foreach (var step in steps)
            {
                node = (node, step) switch
                {
                    (JsonObject members, string key) => members[key],
                    (JsonArray items, int index) when index < items.Count => items[index],
                    _ => null,
                };
            }

            return node is not null && (value is null || (node.Text() ?? node.ToJsonString()) == value);
        };
    }

    private static FormatException Unreadable(string text) =>
        new($"annotation {Annotations.WaitFor}: \"{text}\" is neither condition=<type>[=<status>] nor jsonpath={{.<path>}}[=<value>].");
}
