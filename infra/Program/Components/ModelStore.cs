using Pulumi;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;

namespace Reco.Infra.Components;

/// <summary>Arguments of <see cref="ModelStore"/>.</summary>
internal sealed class ModelStoreArgs : ResourceArgs
{
    /// <summary>Namespace of the claim.</summary>
    public required Input<string> Namespace { get; init; }

    /// <summary>Size of the volume, for example <c>10Gi</c>.</summary>
    public required string Size { get; init; }

    /// <summary>Name of a volume that there is already; null for one of the cluster's default storage class.</summary>
    public Input<string>? VolumeName { get; init; }
}

/// <summary>The volume that holds model bundles: training writes, scoring reads.</summary>
internal sealed class ModelStore : ComponentResource
{
    /// <summary>Where the store is mounted in pods.</summary>
    public const string MountPath = "/models";

    /// <summary>Makes the volume claim.</summary>
    public ModelStore(string name, ModelStoreArgs args, ComponentResourceOptions? options = null)
        : base("reco:model:Store", name, options)
    {
        var spec = new PersistentVolumeClaimSpecArgs
        {
            AccessModes = { "ReadWriteMany" },
            Resources = new VolumeResourceRequirementsArgs { Requests = { ["storage"] = args.Size } },
        };
        if (args.VolumeName is { } volume)
        {
            spec.VolumeName = volume;
            spec.StorageClassName = "";
        }

        var claim = new PersistentVolumeClaim(name, new PersistentVolumeClaimArgs
        {
            Metadata = new ObjectMetaArgs
            {
                Name = name,
                Namespace = args.Namespace,
                Labels = Labels.For("store"),
                // A class that binds on first use leaves the claim pending until the training pod is there.
                Annotations = { ["pulumi.com/skipAwait"] = "true" },
            },
            Spec = spec,
        }, new CustomResourceOptions { Parent = this });
        ClaimName = claim.Metadata.Apply(metadata => metadata.Name);
        RegisterOutputs(new Dictionary<string, object?> { ["claimName"] = ClaimName });
    }

    /// <summary>Name of the volume claim.</summary>
    public Output<string> ClaimName { get; }
}
