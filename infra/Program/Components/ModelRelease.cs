using System.Collections.Immutable;
using System.Text.Json;
using Pulumi;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;

namespace Reco.Infra.Components;

/// <summary>Arguments of <see cref="ModelRelease"/>.</summary>
internal sealed class ModelReleaseArgs : ResourceArgs
{
    /// <summary>Namespace of the ConfigMap.</summary>
    public required Input<string> Namespace { get; init; }
}

/// <summary>How a training job hands its result to the rest of the stack: it patches one ConfigMap that the stack owns,
/// and the stack reads it back when the job is done.</summary>
internal sealed class ModelRelease : ComponentResource
{
    private readonly string name;
    private readonly Output<string> id;
    private Output<ImmutableDictionary<string, string>>? data;

    /// <summary>Makes the empty ConfigMap.</summary>
    public ModelRelease(string name, ModelReleaseArgs args, ComponentResourceOptions? options = null)
        : base("reco:model:Release", name, options)
    {
        this.name = name;
        var map = new ConfigMap(name, new ConfigMapArgs
        {
            Metadata = new ObjectMetaArgs { Name = name, Namespace = args.Namespace, Labels = Labels.For("release") },
        }, new CustomResourceOptions
        {
            Parent = this,
            // The training job writes it.
            IgnoreChanges = { "data" },
        });
        id = map.Id;
        ConfigMapName = map.Metadata.Apply(metadata => metadata.Name);
    }

    /// <summary>Name of the ConfigMap.</summary>
    public Output<string> ConfigMapName { get; }

    /// <summary>Version of the model.</summary>
    public Output<string> ModelVersion => Value("modelVersion");

    /// <summary>Folder of the bundle, relative to the store.</summary>
    public Output<string> BundlePath => Value("bundlePath");

    /// <summary>The report that a person reads, relative to the store.</summary>
    public Output<string> ReportPath => Value("reportPath");

    /// <summary>Headline metrics of the evaluation.</summary>
    public Output<ImmutableDictionary<string, object?>> Evaluation => Value("evaluation").Apply(ParseMetrics);

    /// <summary>Reads what the job wrote, when the job is done. In a preview that would train anew there is an old result
    /// to read, but what it says will not hold: everything read here is unknown then.</summary>
    public void ReadAfter(TrainingJob job)
    {
        var map = ConfigMap.Get($"{name}-result", id, new CustomResourceOptions { Parent = this, DependsOn = { job } });
        data = Output.Tuple(job.JobName, map.Data).Apply(parts => parts.Item2);
        RegisterOutputs(new Dictionary<string, object?> { ["modelVersion"] = ModelVersion, ["bundlePath"] = BundlePath });
    }

    private Output<string> Value(string key)
    {
        var read = data ?? throw new InvalidOperationException($"{nameof(ReadAfter)} comes before {key}.");
        return read.Apply(values => values is not null && values.TryGetValue(key, out var value)
            ? value
            : throw new RunException($"ConfigMap {name} has no {key}: the training job ended without telling its result. "
                + "Look at the job's log, then run up with --replace on the job's URN."));
    }

    private static ImmutableDictionary<string, object?> ParseMetrics(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Members(document.RootElement);
    }

    private static ImmutableDictionary<string, object?> Members(JsonElement element) =>
        element.EnumerateObject().ToImmutableDictionary(member => member.Name, member => Plain(member.Value));

    private static object? Plain(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Object => Members(element),
        JsonValueKind.Array => element.EnumerateArray().Select(Plain).ToImmutableArray(),
        _ => null,
    };
}
