namespace Reco.Engine.Values;

/// <summary>Which kinds of value a receiver understands; the others are reduced to what it does.</summary>
internal sealed record MarshalOptions
{
    /// <summary>Everything a program or this engine itself understands.</summary>
    public static readonly MarshalOptions All = new() { KeepUnknowns = true, KeepSecrets = true, KeepResources = true, KeepOutputs = true };

    /// <summary>Keeps unknown values; otherwise they are left out.</summary>
    public bool KeepUnknowns { get; init; }

    /// <summary>Keeps secrets; otherwise their plain value stands in their place.</summary>
    public bool KeepSecrets { get; init; }

    /// <summary>Keeps resource references; otherwise the ID (or, for a component, the URN) stands in their place.</summary>
    public bool KeepResources { get; init; }

    /// <summary>Keeps outputs; otherwise their value, as a secret where they are one.</summary>
    public bool KeepOutputs { get; init; }

    /// <summary>Sends assets and archives by hash alone, for calls that only compare.</summary>
    public bool ElideAssets { get; init; }

    /// <summary>Refuses unknown values: outside a preview nothing may be unknown.</summary>
    public bool RejectUnknowns { get; init; }

    /// <summary>Folder that relative asset paths are relative to; when set, missing hashes are computed on reading.</summary>
    public string? AssetDirectory { get; init; }
}
