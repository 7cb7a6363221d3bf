using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Reco.Engine.Planning;

/// <summary>URNs and patterns: <c>*</c> stands for anything within one part of a URN, <c>**</c> for anything at all.</summary>
internal sealed class TargetSet
{
    private readonly HashSet<string> literals;
    private readonly Regex[] patterns;

    /// <summary>Makes a set; an empty one is not constrained.</summary>
    public TargetSet(ImmutableArray<string> entries)
    {
        literals = [.. entries.Where(entry => !entry.Contains('*', StringComparison.Ordinal))];
        patterns = [.. entries.Where(entry => entry.Contains('*', StringComparison.Ordinal)).Select(Pattern)];
        Named = [.. literals];
    }

    /// <summary>True where it holds anything, so that what it does not hold is left out.</summary>
    public bool IsConstrained => literals.Count > 0 || patterns.Length > 0;

    /// <summary>The URNs that were given in full.</summary>
    public ImmutableArray<string> Named { get; }

    /// <summary>True where the URN is one of them.</summary>
    public bool Contains(string urn) => literals.Contains(urn) || Array.Exists(patterns, pattern => pattern.IsMatch(urn));

    /// <summary>Adds a URN that is implied by another.</summary>
    public void Add(string urn) => literals.Add(urn);

    private static Regex Pattern(string glob)
    {
        var parts = glob.Split("**").Select(part => string.Join("[^:]*", part.Split('*').Select(Regex.Escape)));
        return new Regex($"^{string.Join(".*", parts)}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }
}
