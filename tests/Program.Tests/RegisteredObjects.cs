using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reco.Infra.Tests;

/// <summary>The Kubernetes objects of one run of the program, as JSON.</summary>
internal sealed class RegisteredObjects
{
    private readonly IReadOnlyList<(string Type, string Name, JsonObject Value)> objects;

    private RegisteredObjects(IReadOnlyList<(string, string, JsonObject)> objects) => this.objects = objects;

    /// <summary>Runs the program.</summary>
    public static async Task<RegisteredObjects> RunAsync(IReadOnlyDictionary<string, string>? config = null)
    {
        var (mocks, _) = await ProgramRun.StartAsync(config);
        return new RegisteredObjects([.. mocks.Registered
            .Where(resource => resource.Type!.StartsWith("kubernetes:", StringComparison.Ordinal) && string.IsNullOrEmpty(resource.Id))
            .Select(resource => (resource.Type!, resource.Name!, (JsonObject)ToJson(resource.Inputs)!))]);
    }

    /// <summary>Type token, resource name and value of each.</summary>
    public IEnumerable<(string Type, string Name, JsonObject Value)> All => objects;

    /// <summary>Objects of a kind.</summary>
    public IEnumerable<JsonObject> Of(string kind) => objects.Where(item => KindOf(item.Type) == kind).Select(item => item.Value);

    /// <summary>The only object of a kind, or the one of a name.</summary>
    public JsonObject Get(string kind, string? name = null) =>
        objects.Single(item => KindOf(item.Type) == kind && (name is null || item.Name == name)).Value;

    /// <summary>Whether there is an object of a kind.</summary>
    public bool Has(string kind) => objects.Any(item => KindOf(item.Type) == kind);

    /// <summary>Pod templates with the kind that holds each.</summary>
    public IEnumerable<(string Kind, JsonObject Template)> PodTemplates() => objects
        .Select(item => (Kind: KindOf(item.Type), Template: KindOf(item.Type) switch
        {
            "Deployment" or "Rollout" or "Job" or "StatefulSet" or "DaemonSet" => item.Value.At("spec.template"),
            "CronJob" => item.Value.At("spec.jobTemplate.spec.template"),
            "ScaledJob" => item.Value.At("spec.jobTargetRef.template"),
            _ => null,
        }))
        .Where(item => item.Template is not null)
        .Select(item => (item.Kind, (JsonObject)item.Template!));

    /// <summary>Last part of a type token.</summary>
    public static string KindOf(string type) => type[(type.LastIndexOf(':') + 1)..];

    /// <summary>Inputs as JSON.</summary>
    internal static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        ImmutableDictionary<string, object> map => new JsonObject(map.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => KeyValuePair.Create(entry.Key, ToJson(entry.Value)))),
        ImmutableArray<object> list => new JsonArray([.. list.Select(ToJson)]),
        double number when number == Math.Floor(number) => JsonValue.Create((long)number),
        _ => JsonSerializer.SerializeToNode(value),
    };
}

/// <summary>Short ways to look into JSON.</summary>
internal static class JsonLooks
{
    /// <summary>The node at a path of member names and list indexes, parted by dots; null where there is none. A name with
    /// dots or slashes of its own is the last one, after <c>|</c>.</summary>
    public static JsonNode? At(this JsonNode? node, string path)
    {
        var parts = path.Split('|');
        var steps = parts[0].Split('.', StringSplitOptions.RemoveEmptyEntries).Concat(parts.Skip(1));
        return steps.Aggregate(node, (current, step) => current switch
        {
            JsonObject map => map[step],
            JsonArray list when int.TryParse(step, out var index) && index < list.Count => list[index],
            _ => null,
        });
    }

    /// <summary>Text at a path.</summary>
    public static string? Text(this JsonNode? node, string path) => node.At(path)?.ToString();

    /// <summary>Elements of a list at a path; none where there is no list.</summary>
    public static IEnumerable<JsonNode> List(this JsonNode? node, string path) => (node.At(path) as JsonArray)?.Select(item => item!) ?? [];

    /// <summary>Value of an environment variable of a container.</summary>
    public static string? Env(this JsonNode? container, string name) => container.List("env").FirstOrDefault(variable => variable.Text("name") == name).Text("value");
}
