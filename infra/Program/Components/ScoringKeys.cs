using System.Security.Cryptography;
using System.Text;
using Pulumi;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;

namespace Reco.Infra.Components;

/// <summary>Arguments of <see cref="ScoringKeys"/>.</summary>
internal sealed class ScoringKeysArgs : ResourceArgs
{
    /// <summary>Namespace of the secret.</summary>
    public required Input<string> Namespace { get; init; }

    /// <summary>Key that callers must send; null for an open service.</summary>
    public Output<string>? ApiKey { get; init; }
}

/// <summary>The secret of the scoring service: the callers' API key where one is configured, and the key by which the
/// service turns user IDs into pseudonyms before they reach a log.</summary>
internal sealed class ScoringKeys : ComponentResource
{
    /// <summary>Entry of the API key.</summary>
    public const string ApiKey = "api-key";

    /// <summary>Entry of the pseudonym key.</summary>
    public const string PseudonymKey = "pseudonym-key";

    /// <summary>Makes the secret.</summary>
    public ScoringKeys(string name, ScoringKeysArgs args, ComponentResourceOptions? options = null)
        : base("reco:model:ScoringKeys", name, options)
    {
        var entries = new InputMap<string>
        {
            [PseudonymKey] = Output.CreateSecret(Convert.ToBase64String(Encoding.UTF8.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))))),
        };
        if (args.ApiKey is { } apiKey)
        {
            entries.Add(ApiKey, apiKey.Apply(key => Convert.ToBase64String(Encoding.UTF8.GetBytes(key))));
        }

        var secret = new Secret(name, new SecretArgs
        {
            Metadata = new ObjectMetaArgs { Name = name, Namespace = args.Namespace, Labels = Labels.For("scoring") },
            Type = "Opaque",
            Data = entries,
        }, new CustomResourceOptions
        {
            Parent = this,
            // Drawn anew in each run; the first one stays, so that pseudonyms stay comparable.
            IgnoreChanges = { $"data[\"{PseudonymKey}\"]" },
        });
        SecretName = secret.Metadata.Apply(metadata => metadata.Name);
        RegisterOutputs(new Dictionary<string, object?> { ["secretName"] = SecretName });
    }

    /// <summary>Name of the secret.</summary>
    public Output<string> SecretName { get; }
}
