using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Reco.Training.Data;

/// <summary>Counts what a loader finds, with the first example of each kind.</summary>
internal sealed class FindingCounter
{
    private readonly Dictionary<(string What, string Policy), (long Count, string Example)> findings = [];

    /// <summary>Counts a finding.</summary>
    public void Add(string what, string example, string policy, long count = 1)
    {
        var key = (what, policy);
        findings[key] = findings.TryGetValue(key, out var known) ? (known.Count + count, known.Example) : (count, example);
    }

    /// <summary>Counts one more of a kind; false where it is the first, which needs an example.</summary>
    public bool Count(string what, string policy)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(findings, (what, policy));
        if (Unsafe.IsNullRef(ref known))
        {
            return false;
        }

        known.Count++;
        return true;
    }

    /// <summary>Every kind, most frequent first.</summary>
    public IReadOnlyList<DataFinding> ToList() =>
        [.. findings.OrderByDescending(finding => finding.Value.Count).Select(finding => new DataFinding(finding.Key.What, finding.Value.Count, finding.Value.Example, finding.Key.Policy))];
}
