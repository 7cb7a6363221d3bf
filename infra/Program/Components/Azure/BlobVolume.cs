using Pulumi;
using Pulumi.Kubernetes.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Pulumi.Kubernetes.Types.Inputs.Meta.V1;

namespace Reco.Infra.Components.Azure;

/// <summary>Arguments of <see cref="BlobVolume"/>.</summary>
internal sealed class BlobVolumeArgs : ResourceArgs
{
    /// <summary>Name of the environment, for a name that no other volume of a cluster has.</summary>
    public required AzureEnvironment Environment { get; init; }

    /// <summary>The storage account.</summary>
    public required Input<string> AccountName { get; init; }

    /// <summary>Container of the account.</summary>
    public required string Container { get; init; }

    /// <summary>Client ID of the identity that mounts it.</summary>
    public required Input<string> ClientId { get; init; }

    /// <summary>Size as Kubernetes wants one; a container has no limit.</summary>
    public required string Size { get; init; }

    /// <summary>Whether pods may write.</summary>
    public bool ReadOnly { get; init; }
}

/// <summary>A container of blobs as a volume, mounted by AKS's blob driver with an identity in place of a key.</summary>
internal sealed class BlobVolume : ComponentResource
{
    private const string Driver = "blob.csi.azure.com";

    /// <summary>Makes the volume; a claim names it.</summary>
    public BlobVolume(string name, BlobVolumeArgs args, ComponentResourceOptions? options = null)
        : base("reco:azure:BlobVolume", name, options)
    {
        var volume = new PersistentVolume(name, new PersistentVolumeArgs
        {
            Metadata = new ObjectMetaArgs { Name = $"{args.Environment.NameOf("pv")}-{args.Container}", Labels = Labels.For("store") },
            Spec = new PersistentVolumeSpecArgs
            {
                Capacity = { ["storage"] = args.Size },
                AccessModes = { args.ReadOnly ? "ReadOnlyMany" : "ReadWriteMany" },
                PersistentVolumeReclaimPolicy = "Retain",
                StorageClassName = "",
                MountOptions = { "-o allow_other", "--file-cache-timeout-in-seconds=120", "--use-attr-cache=true" },
                Csi = new CSIPersistentVolumeSourceArgs
                {
                    Driver = Driver,
                    ReadOnly = args.ReadOnly,
                    VolumeHandle = Output.Format($"{args.AccountName}_{args.Container}"),
                    VolumeAttributes =
                    {
                        ["protocol"] = "fuse2",
                        ["resourceGroup"] = args.Environment.Group,
                        ["storageAccount"] = args.AccountName,
                        ["containerName"] = args.Container,
                        ["clientID"] = args.ClientId,
                    },
                },
            },
        }, new CustomResourceOptions { Parent = this });
        Name = volume.Metadata.Apply(metadata => metadata.Name);
        RegisterOutputs(new Dictionary<string, object?> { ["name"] = Name });
    }

    /// <summary>Name of the volume.</summary>
    public Output<string> Name { get; }
}
