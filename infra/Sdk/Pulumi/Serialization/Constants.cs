namespace Pulumi.Serialization;

/// <summary>Names and signatures of Pulumi's wire format.</summary>
internal static class Constants
{
    /// <summary>Stands for a value that is not known.</summary>
    public const string UnknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

    /// <summary>Property that tells special objects from plain ones.</summary>
    public const string SignatureKey = "4dabf18193072939515e22adb298388d";

    /// <summary>Signature of an asset.</summary>
    public const string AssetSignature = "c44067f5952c0a294b673a41bacd8c17";

    /// <summary>Signature of an archive.</summary>
    public const string ArchiveSignature = "0def7320c3a5731c473e5ecbe6d01bc7";

    /// <summary>Signature of a secret.</summary>
    public const string SecretSignature = "1b47061264138c4ac30d75fd1eb44270";

    /// <summary>Signature of a reference to a resource.</summary>
    public const string ResourceSignature = "5cf8f73096256a8f31e491e813e4eb8e";

    /// <summary>Signature of an output value: value, secretness and dependencies in one.</summary>
    public const string OutputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

    /// <summary>Property "id".</summary>
    public const string Id = "id";

    /// <summary>Property "urn".</summary>
    public const string Urn = "urn";

    /// <summary>Type of the resource at the root of each stack.</summary>
    public const string StackType = "pulumi:pulumi:Stack";
}
