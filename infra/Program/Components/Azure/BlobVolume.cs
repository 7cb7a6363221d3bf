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

    /// <summary>Client ID of the identity that mounts it. The driver hands the token of the pod's service account in for one of
    /// this identity, so that only pods of the account that is federated with it can mount the volume.</summary>
    public required Input<string> ClientId { get; init; }

    /// <summary>Size as Kubernetes wants one; a container has no limit.</summary>
    public required string Size { get; init; }

    /// <summary>Whether pods may write.</summary>
    public bool ReadOnly { get; init; }
}

/// <summary>A container of blobs as a volume, mounted by AKS's blob driver with an identity in place of a key. A container that
/// two workloads use is two volumes, each with the identity of one.</summary>
internal sealed class BlobVolume : ComponentResource
{
    private const string Driver = "blob.csi.azure.com";

    /// <summary>Makes the volume; a claim names it.</summary>
    public BlobVolume(string name, BlobVolumeArgs args, ComponentResourceOptions? options = null)
        : base("reco:azure:BlobVolume", name, options)
    {
        var volume = new PersistentVolume(name, new PersistentVolumeArgs
        {
            Metadata = new ObjectMetaArgs { Name = $"{args.Environment.NameOf("pv")}-{name}", Labels = Labels.For("store") },
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
                    // The driver takes one handle for one volume: the name tells a reader's from a writer's.
                    VolumeHandle = Output.Format($"{args.AccountName}_{args.Container}_{name}"),
                    VolumeAttributes =
                    {
                        ["protocol"] = "fuse2",
                        ["resourceGroup"] = args.Environment.Group,
                        ["storageAccount"] = args.AccountName,
                        ["containerName"] = args.Container,
                        ["clientID"] = args.ClientId,
                        // Else the driver would ask for the account's key, which nobody may have.
                        ["mountWithWorkloadIdentityToken"] = "true",
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
