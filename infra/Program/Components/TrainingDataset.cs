using Pulumi;
using Pulumi.Kubernetes.Types.Inputs.Core.V1;
using Reco.Infra.Configuration;

namespace Reco.Infra.Components;

/// <summary>The data that a training job reads, as the job needs it: an argument, a volume and a digest.</summary>
internal sealed record TrainingDataset
{
    private const string MountPath = "/data";

    /// <summary>Value of the tool's <c>--data</c>.</summary>
    public required string Argument { get; init; }

    /// <summary>Digest of the data where it can be had at this moment, else empty.</summary>
    public string Digest { get; init; } = "";

    /// <summary>Volume of the data; null for data that the tool makes by itself.</summary>
    public VolumeArgs? Volume { get; init; }

    /// <summary>Mount of <see cref="Volume"/>.</summary>
    public VolumeMountArgs? Mount => Volume is null ? null : new VolumeMountArgs { Name = "data", MountPath = MountPath, ReadOnly = true };

    /// <summary>The data set that <c>reco:dataset</c> names.</summary>
    /// <param name="config">The stack's settings.</param>
    /// <param name="projectRoot">Folder of Pulumi.yaml.</param>
    /// <param name="ownClaim">Claim of the data that the stack itself makes; null: the one that the setting names is there.</param>
    public static TrainingDataset From(StackConfig config, string projectRoot, Output<string>? ownClaim = null)
    {
        if (config.Dataset == StackConfig.DemoDataset)
        {
            return new TrainingDataset { Argument = StackConfig.DemoDataset };
        }

        if (config.Target != Target.Local)
        {
            var claim = ownClaim.OrNothing() ?? config.Dataset["pvc:".Length..];
            return new TrainingDataset
            {
                Argument = MountPath,
                Volume = new VolumeArgs
                {
                    Name = "data",
                    PersistentVolumeClaim = new PersistentVolumeClaimVolumeSourceArgs { ClaimName = claim, ReadOnly = true },
                },
            };
        }

        var folder = Path.GetFullPath(Path.Combine(projectRoot, config.Dataset));
        return new TrainingDataset
        {
            Argument = MountPath,
            Digest = DatasetDigest.Compute(folder),
            // The local cluster runs on the machine that holds the data; on a real one this is never used.
            Volume = new VolumeArgs { Name = "data", HostPath = new HostPathVolumeSourceArgs { Path = folder, Type = "Directory" } },
        };
    }
}
