namespace Reco.Training.Data;

/// <summary>Counts what a loader finds, with the first example of each kind.</summary>
internal sealed class FindingCounter
{
    private readonly Dictionary<(string What, string Policy), (long Count, string Example)> findings = [];

    /// <summary>Counts one finding.</summary>
    public void Add(string what, string example, string policy)
    {
        var key = (what, policy);
        findings[key] = findings.TryGetValue(key, out var known) ? (known.Count + 1, known.Example) : (1, example);
    }

    /// <summary>Every kind, most frequent first.</summary>
    public IReadOnlyList<DataFinding> ToList() =>
        [.. findings.OrderByDescending(finding => finding.Value.Count).Select(finding => new DataFinding(finding.Key.What, finding.Value.Count, finding.Value.Example, finding.Key.Policy))];
}
