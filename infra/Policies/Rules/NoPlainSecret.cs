using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using static Reco.Policies.PolicyResource;

namespace Reco.Policies.Rules;

/// <summary>Secrets are marked as such, and stand in Secret objects only.</summary>
internal sealed partial class NoPlainSecret : ResourceRule
{
    /// <inheritdoc/>
    public override string Name => "no-plain-secret";

    /// <inheritdoc/>
    public override string Description => "The content of Secret objects carries Pulumi's secret mark; environment variables, arguments and ConfigMaps hold no keys, tokens or passwords.";

    /// <inheritdoc/>
    public override IEnumerable<string> Check(PolicyResource resource, PolicyContext context) =>
        resource.Type switch
        {
            "kubernetes:core/v1:Secret" => Unmarked(resource),
            "kubernetes:core/v1:ConfigMap" => Members(resource.At("data")).Where(entry => LooksSecret(entry.Key) || HoldsSecret(Text(entry.Value))).Select(entry => $"data.{entry.Key} looks like a secret: put it in a Secret."),
            _ => Variables(resource).Concat(Arguments(resource)),
        };

    private static IEnumerable<string> Unmarked(PolicyResource resource)
    {
        foreach (var part in new[] { "data", "stringData" })
        {
            if (!resource.Properties.Fields.TryGetValue(part, out var content) || IsSecret(content))
            {
                continue;
            }

            foreach (var (key, value) in Members(content).Where(entry => !IsSecret(entry.Value)))
            {
                _ = value;
                yield return $"{part}.{key} carries no secret mark, so that it would show in state and diffs: wrap it with Output.CreateSecret, or read it with GetSecret.";
            }
        }
    }

    private static IEnumerable<string> Variables(PolicyResource resource) =>
        from entry in PodTemplate.Of(resource)?.Containers() ?? []
        from variable in Items(At(entry.Container, "env"))
        where Text(At(variable, "name")) is { } name && !IsMissing(At(variable, "value")) && (LooksSecret(name) || HoldsSecret(Text(At(variable, "value"))))
        select $"{entry.Path}.env: {Text(At(variable, "name"))} has its value in the open: take it from a Secret with valueFrom.secretKeyRef.";

    private static IEnumerable<string> Arguments(PolicyResource resource) =>
        from entry in PodTemplate.Of(resource)?.Containers() ?? []
        from field in new[] { "command", "args" }
        where Items(At(entry.Container, field)).Any(argument => HoldsSecret(Text(argument)))
        select $"{entry.Path}.{field} holds a secret, which everybody who may list pods can read: give it as an environment variable from a Secret.";

    private static IEnumerable<KeyValuePair<string, Value>> Members(Value? value) =>
        value is { KindCase: Value.KindOneofCase.StructValue } ? value.StructValue.Fields : [];

    private static bool LooksSecret(string name) => SecretName().IsMatch(name);

    /// <summary>Values that are secrets whatever their name: keys of storage accounts and buses, signatures of shared access, private
    /// keys, tokens of code hosts, passwords in addresses.</summary>
    private static bool HoldsSecret(string? value) => value is not null && SecretValue().IsMatch(value);

    [GeneratedRegex("(AccountKey|SharedAccessKey)=[A-Za-z0-9+/=]{16}|[?&]sig=[A-Za-z0-9%]{16}|-----BEGIN ([A-Z]+ )?PRIVATE KEY|\\bgh[pousr]_[A-Za-z0-9]{20}|\\bglpat-[A-Za-z0-9_-]{20}|://[^/\\s:@]+:[^/\\s:@$]+@", RegexOptions.CultureInvariant)]
    private static partial Regex SecretValue();

    [GeneratedRegex("(^|[-_.])(password|passwd|secret|token|api[-_]?key|access[-_]?key|connection[-_]?string|private[-_]?key)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();
}
