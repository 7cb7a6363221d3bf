namespace Reco.Providers.Kubernetes.Wire;

/// <summary>The constants by which Pulumi's wire format marks values that JSON has no form for
/// (Pulumi's "property value" serialization: a struct with a signature member, or a reserved string).</summary>
internal static class Signatures
{
    /// <summary>Member whose value says what a marked struct is.</summary>
    public const string Key = "4dabf18193072939515e22adb298388d";

    /// <summary>A secret; its value is in member <c>value</c>.</summary>
    public const string Secret = "1b47061264138c4ac30d75fd1eb44270";

    /// <summary>An output: <c>value</c> (absent where unknown), <c>secret</c>, <c>dependencies</c>.</summary>
    public const string Output = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

    /// <summary>A reference to a resource: <c>urn</c>, <c>id</c>.</summary>
    public const string Resource = "5cf8f73096256a8f31e491e813e4eb8e";

    /// <summary>An asset (file content); Kubernetes objects have none.</summary>
    public const string Asset = "c44067f5952c0a294b673a41bacd8c17";

    /// <summary>An archive; Kubernetes objects have none.</summary>
    public const string Archive = "0def7320c3a5731c473e5ecbe6d01bc7";

    /// <summary>The unknown value of a string; the one that this provider writes for every type.</summary>
    public const string Unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

    /// <summary>Every reserved string that means "not known yet", one for each type.</summary>
    public static readonly IReadOnlySet<string> Unknowns = new HashSet<string>(StringComparer.Ordinal)
    {
        Unknown,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    };
}
