using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Reco.Protocol;

namespace Reco.Providers.Kubernetes.Configuration;

/// <summary>The provider resource's arguments. On the wire every value is a string, booleans and objects in JSON; the
/// flags fall back to the environment variables of Pulumi's Kubernetes provider.</summary>
internal sealed record ProviderSettings
{
    private const string Prefix = "kubernetes:config:";

    /// <summary>A kubeconfig's content or path; null for the ambient one.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Whether which cluster it is depends on something that is not made yet.</summary>
    public bool IsClusterUnknown { get; init; }

    /// <summary>Context in the kubeconfig; null for its current one.</summary>
    public string? Context { get; init; }

    /// <summary>Cluster in the kubeconfig, in place of the context's.</summary>
    public string? Cluster { get; init; }

    /// <summary>Namespace of objects that name none; null for the context's.</summary>
    public string? Namespace { get; init; }

    /// <summary>Whether updates are server-side apply (else merge patches).</summary>
    public bool ServerSideApply { get; init; } = true;

    /// <summary>Whether applying takes over fields that another manager owns.</summary>
    public bool PatchForce { get; init; }

    /// <summary>Whether creating an object that exists already changes it.</summary>
    public bool UpsertExisting { get; init; }

    /// <summary>Whether objects of an unreachable cluster count as deleted.</summary>
    public bool DeleteUnreachable { get; init; }

    /// <summary>Whether reads of an unreachable cluster answer the last known state.</summary>
    public bool SkipUpdateUnreachable { get; init; }

    /// <summary>Whether a ConfigMap's data changes in place.</summary>
    public bool ConfigMapMutable { get; init; }

    /// <summary>Whether a Secret's data changes in place.</summary>
    public bool SecretMutable { get; init; }

    /// <summary>Reads the configuration.</summary>
    /// <param name="request">The engine's request.</param>
    /// <param name="environment">Reads an environment variable.</param>
    public static ProviderSettings Read(ConfigureRequest request, Func<string, string?> environment)
    {
        string? Text(string key)
        {
            if (request.Variables.TryGetValue(Prefix + key, out var text) && text.Length > 0 && !Wire.Signatures.Unknowns.Contains(text))
            {
                return text;
            }

            return request.Args is not null && request.Args.Fields.TryGetValue(key, out var value) ? Plain(value) : null;
        }

        bool Flag(string key, string variable, bool unset)
        {
            var text = Text(key) ?? environment(variable);
            return string.IsNullOrEmpty(text) ? unset : text == "true";
        }

        bool IsUnknown(string key) =>
            (request.Variables.TryGetValue(Prefix + key, out var text) && Wire.Signatures.Unknowns.Contains(text))
            || (request.Args is not null && request.Args.Fields.TryGetValue(key, out var value) && IsUnknownValue(value));

        return new ProviderSettings
        {
            Kubeconfig = Text("kubeconfig"),
            IsClusterUnknown = IsUnknown("kubeconfig") || IsUnknown("context") || IsUnknown("cluster"),
            Context = Text("context"),
            Cluster = Text("cluster"),
            Namespace = Text("namespace"),
            ServerSideApply = Flag("enableServerSideApply", "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", unset: true),
            PatchForce = Flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE", unset: false),
            UpsertExisting = Flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS", unset: false),
            DeleteUnreachable = Flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE", unset: false),
            SkipUpdateUnreachable = Flag("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE", unset: false),
            ConfigMapMutable = Flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE", unset: false),
            SecretMutable = Flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE", unset: false),
        };
    }

    private static bool IsUnknownValue(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.StringValue => Wire.Signatures.Unknowns.Contains(value.StringValue),
        Value.KindOneofCase.StructValue when value.StructValue.Fields.ContainsKey(Wire.Signatures.Key) => !value.StructValue.Fields.TryGetValue("value", out var inner) || IsUnknownValue(inner),
        Value.KindOneofCase.StructValue => value.StructValue.Fields.Values.Any(IsUnknownValue),
        Value.KindOneofCase.ListValue => value.ListValue.Values.Any(IsUnknownValue),
        _ => false,
    };

    private static string? Plain(Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StringValue:
                return value.StringValue.Length == 0 || Wire.Signatures.Unknowns.Contains(value.StringValue) ? null : value.StringValue;
            case Value.KindOneofCase.BoolValue:
                return value.BoolValue ? "true" : "false";
            case Value.KindOneofCase.StructValue when value.StructValue.Fields.ContainsKey(Wire.Signatures.Key):
                return value.StructValue.Fields.TryGetValue("value", out var inner) ? Plain(inner) : null;
            case Value.KindOneofCase.StructValue:
                return Wire.WireReader.Read(value.StructValue).ToJsonString(JsonSerializerOptions.Default);
            default:
                return null;
        }
    }
}
