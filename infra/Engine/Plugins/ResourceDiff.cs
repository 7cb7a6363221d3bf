using System.Collections.Immutable;
using Reco.Engine.Events;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Plugins;

/// <summary>What a provider, or the engine in its place, says about the difference between state and inputs.</summary>
internal sealed record ResourceDiff
{
    /// <summary>Nothing differs.</summary>
    public static readonly ResourceDiff None = new() { Changed = false };

    /// <summary>Something differs, and it is not known what.</summary>
    public static readonly ResourceDiff Some = new() { Changed = true };

    /// <summary>Whether anything differs; null where the provider leaves that to the engine.</summary>
    public bool? Changed { get; init; }

    /// <summary>Properties that force a replacement.</summary>
    public ImmutableArray<string> ReplaceKeys { get; init; } = [];

    /// <summary>Outputs that keep their value in an update.</summary>
    public ImmutableArray<string> StableKeys { get; init; } = [];

    /// <summary>Properties that differ.</summary>
    public ImmutableArray<string> ChangedKeys { get; init; } = [];

    /// <summary>Differences by path; null where the provider gives none.</summary>
    public ImmutableSortedDictionary<string, PropertyDifference>? Detailed { get; init; }

    /// <summary>The old one has to go first.</summary>
    public bool DeleteBeforeReplace { get; init; }

    /// <summary>True where it forces a replacement.</summary>
    public bool Replaces => ReplaceKeys.Length > 0 || (Detailed is not null && Detailed.Values.Any(difference => difference.Kind.EndsWith("-replace", StringComparison.Ordinal)));

    /// <summary>A replacement for one reason.</summary>
    public static ResourceDiff ReplaceFor(string key) => new() { Changed = true, ReplaceKeys = [key] };

    /// <summary>From a provider's answer.</summary>
    public static ResourceDiff From(DiffResponse response) => new()
    {
        Changed = response.Changes switch
        {
            DiffResponse.Types.DiffChanges.DiffNone => false,
            DiffResponse.Types.DiffChanges.DiffSome => true,
            _ => null,
        },
        ReplaceKeys = [.. response.Replaces],
        StableKeys = [.. response.Stables],
        ChangedKeys = [.. response.Diffs],
        DeleteBeforeReplace = response.DeleteBeforeReplace,
        Detailed = response.HasDetailedDiff
            ? response.DetailedDiff.ToImmutableSortedDictionary(entry => entry.Key, entry => new PropertyDifference(KindName(entry.Value.Kind), entry.Value.InputDiff), StringComparer.Ordinal)
            : null,
    };

    /// <summary>The engine's own comparison of inputs, secrets and outputs unwrapped.</summary>
    public static ResourceDiff OfInputs(PropertyMap old, PropertyMap @new)
    {
        var differences = PropertyDiffer.Compare(old.Plain(), @new.Plain());
        return differences.Count == 0
            ? None
            : new ResourceDiff
            {
                Changed = true,
                ChangedKeys = [.. differences.Keys.Select(PropertyDiffer.TopLevel).Distinct(StringComparer.Ordinal)],
                Detailed = differences.ToImmutableSortedDictionary(
                    entry => entry.Key,
                    entry => new PropertyDifference(
                        entry.Value switch { DifferenceKind.Add => "add", DifferenceKind.Delete => "delete", _ => "update" },
                        InputDiff: true),
                    StringComparer.Ordinal),
            };
    }

    /// <summary>The same difference seen from the other side: what was added is deleted and the other way round.</summary>
    public ResourceDiff Inverted() => this with
    {
        Detailed = Detailed?.ToImmutableSortedDictionary(
            entry => entry.Key,
            entry => entry.Value with
            {
                Kind = entry.Value.Kind switch
                {
                    "add" => "delete",
                    "add-replace" => "delete-replace",
                    "delete" => "add",
                    "delete-replace" => "add-replace",
                    var kind => kind,
                },
            },
            StringComparer.Ordinal),
    };

    private static string KindName(PropertyDiff.Types.Kind kind) => kind switch
    {
        PropertyDiff.Types.Kind.Add => "add",
        PropertyDiff.Types.Kind.AddReplace => "add-replace",
        PropertyDiff.Types.Kind.Delete => "delete",
        PropertyDiff.Types.Kind.DeleteReplace => "delete-replace",
        PropertyDiff.Types.Kind.UpdateReplace => "update-replace",
        _ => "update",
    };
}
