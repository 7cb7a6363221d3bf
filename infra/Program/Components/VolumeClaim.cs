using Pulumi;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;

namespace Reco.Infra.Components;

/// <summary>What a volume claim asks for.</summary>
internal sealed record VolumeClaimSpec
{
    /// <summary>Namespace of the claim.</summary>
    public required Input<string> Namespace { get; init; }

    /// <summary>Component that it belongs to.</summary>
    public required string Component { get; init; }

    /// <summary>Access mode.</summary>
    public required string AccessMode { get; init; }

    /// <summary>Size, for example <c>10Gi</c>.</summary>
    public required string Size { get; init; }

    /// <summary>Name of a volume that there is already; null for one of the cluster's default storage class.</summary>
    public Input<string>? VolumeName { get; init; }
}

/// <summary>Makes volume claims.</summary>
internal static class VolumeClaim
{
    /// <summary>Makes one.</summary>
    /// <returns>Its name, known once it exists.</returns>
    public static Output<string> Make(string name, VolumeClaimSpec claim, CustomResourceOptions options)
    {
        var spec = new PersistentVolumeClaimSpecArgs
        {
            AccessModes = { claim.AccessMode },
            Resources = new VolumeResourceRequirementsArgs { Requests = { ["storage"] = claim.Size } },
        };
        if (claim.VolumeName is { } volume)
        {
            spec.VolumeName = volume;
            // The empty class: the claim waits for that volume and no provisioner makes another.
            spec.StorageClassName = "";
        }

        return new PersistentVolumeClaim(name, new PersistentVolumeClaimArgs
        {
            Metadata = new ObjectMetaArgs
            {
                Name = name,
                Namespace = claim.Namespace,
                Labels = Labels.For(claim.Component),
                // A class that binds on first use leaves the claim pending until the first pod is there.
                Annotations = { ["pulumi.com/skipAwait"] = "true" },
            },
            Spec = spec,
        }, options).Metadata.Apply(metadata => metadata.Name);
    }
}
