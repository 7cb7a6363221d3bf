using System.Collections.Immutable;
using Reco.Engine.Events;
using Reco.Engine.Plugins;
using Reco.Engine.Values;

namespace Reco.Engine.Planning;

/// <summary>What resource options do to inputs and differences.</summary>
internal static class DiffRules
{
    private const string InitErrorKey = "#initerror";

    /// <summary>The inputs with every ignored path set back to what it was.</summary>
    /// <param name="inputs">Inputs of the program.</param>
    /// <param name="old">Inputs before.</param>
    /// <param name="ignoreChanges">Paths.</param>
    /// <param name="invalid">Paths that lie under something that was added or removed, so that they could not be set back.</param>
    public static PropertyMap Ignore(PropertyMap inputs, PropertyMap old, ImmutableArray<string> ignoreChanges, out ImmutableArray<string> invalid)
    {
        var failed = ImmutableArray.CreateBuilder<string>();
        foreach (var text in ignoreChanges)
        {
            if (PropertyPath.TryParse(text, out var path))
            {
                inputs = path.Reset(old, inputs, out var valid);
                if (!valid)
                {
                    failed.Add(text);
                }
            }
        }

        invalid = failed.ToImmutable();
        return inputs;
    }

    /// <summary>The difference where changes at the given paths (and errors of initialisation, for the path
    /// <c>#initerror</c> or <c>*</c>) force a replacement.</summary>
    public static ResourceDiff ReplaceOnChanges(ResourceDiff diff, ImmutableArray<string> replaceOnChanges, bool hasInitErrors)
    {
        if (replaceOnChanges.IsDefaultOrEmpty || (diff.Changed != true && !hasInitErrors))
        {
            return diff;
        }

        var paths = replaceOnChanges.Select(text => PropertyPath.TryParse(text, out var path) ? path : null).OfType<PropertyPath>().ToList();
        bool Covered(string text) => PropertyPath.TryParse(text, out var path) && paths.Exists(candidate => candidate.Contains(path));
        var keys = diff.ReplaceKeys.ToList();
        var changed = diff.Changed;
        var detailed = diff.Detailed;
        if (diff.Changed == true)
        {
            keys.AddRange(diff.ChangedKeys.Where(key => Covered(key) && !keys.Contains(key)));
            detailed = detailed?.ToImmutableSortedDictionary(entry => entry.Key, entry => Covered(entry.Key) ? Replacing(entry.Value) : entry.Value, StringComparer.Ordinal);
        }

        if (hasInitErrors && Covered(InitErrorKey))
        {
            keys.Add(InitErrorKey);
            changed = true;
        }

        return diff with { Changed = changed, ReplaceKeys = [.. keys], Detailed = detailed };
    }

    private static PropertyDifference Replacing(PropertyDifference difference) =>
        difference.Kind.EndsWith("-replace", StringComparison.Ordinal) ? difference : difference with { Kind = difference.Kind + "-replace" };
}
