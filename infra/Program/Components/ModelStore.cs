using Pulumi;

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

    /// <summary>Name of a volume with the same content that cannot be written; null: scoring mounts the other read-only.</summary>
    public Input<string>? ReadVolumeName { get; init; }
}

/// <summary>The volume that holds model bundles: training writes, scoring reads. Where a volume carries an identity, each of the
/// two has one of its own.</summary>
internal sealed class ModelStore : ComponentResource
{
    /// <summary>Where the store is mounted in pods.</summary>
    public const string MountPath = "/models";

    private const string Component = "store";

    /// <summary>Makes the volume claims.</summary>
    public ModelStore(string name, ModelStoreArgs args, ComponentResourceOptions? options = null)
        : base("reco:model:Store", name, options)
    {
        var child = new CustomResourceOptions { Parent = this };
        ClaimName = VolumeClaim.Make(name, new VolumeClaimSpec { Namespace = args.Namespace, Component = Component, AccessMode = "ReadWriteMany", Size = args.Size, VolumeName = args.VolumeName }, child);
        ReadClaimName = args.ReadVolumeName is { } volume
            ? VolumeClaim.Make($"{name}-read", new VolumeClaimSpec { Namespace = args.Namespace, Component = Component, AccessMode = "ReadOnlyMany", Size = args.Size, VolumeName = volume }, child)
            : ClaimName;
        RegisterOutputs(new Dictionary<string, object?> { ["claimName"] = ClaimName, ["readClaimName"] = ReadClaimName });
    }

    /// <summary>Name of the volume claim that training writes to.</summary>
    public Output<string> ClaimName { get; }

    /// <summary>Name of the volume claim that scoring reads.</summary>
    public Output<string> ReadClaimName { get; }
}
