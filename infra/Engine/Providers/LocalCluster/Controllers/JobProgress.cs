using System.Globalization;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>How far a Job is, from its ended pods.</summary>
internal sealed class JobProgress
{
    private readonly long? completions;
    private readonly bool criteriaMet;

    /// <summary>Counts.</summary>
    /// <param name="job">The job.</param>
    /// <param name="succeeded">Its pods that succeeded.</param>
    /// <param name="failed">Its pods that failed and count.</param>
    /// <param name="policy">What a failed pod means.</param>
    public JobProgress(JsonObject job, JsonObject[] succeeded, JsonObject[] failed, JobFailurePolicy policy)
    {
        completions = job.Number("spec", "completions");
        IsIndexed = job.Text("spec", "completionMode") == "Indexed";
        SucceededIndexes = IsIndexed ? [.. succeeded.Select(JobController.IndexOf).Where(InRange)] : [];
        Succeeded = IsIndexed ? SucceededIndexes.Count : succeeded.Length;
        if (IsIndexed && job.Number("spec", "backoffLimitPerIndex") is { } each)
        {
            FailedIndexes = [.. failed.GroupBy(JobController.IndexOf).Where(pods => pods.Count() > each || pods.Any(policy.FailsIndex)).Select(pods => pods.Key).Where(index => !SucceededIndexes.Contains(index))];
        }

        criteriaMet = job.Items("spec", "successPolicy", "rules").Any(Holds);
    }

    /// <summary>Whether each completion has an index.</summary>
    public bool IsIndexed { get; }

    /// <summary>Completions that are there.</summary>
    public long Succeeded { get; }

    /// <summary>Indexes that have completed.</summary>
    public HashSet<string> SucceededIndexes { get; }

    /// <summary>Indexes that are given up.</summary>
    public HashSet<string> FailedIndexes { get; } = [];

    /// <summary>Completions still to be made.</summary>
    public long Missing => completions is { } all ? Math.Max(0, all - Succeeded - FailedIndexes.Count) : long.MaxValue;

    /// <summary>Whether the pods that run are the last: without a number of completions one success says that the work is done.</summary>
    public bool IsWindingDown => completions is null && Succeeded > 0;

    /// <summary>Whether nothing is left to try, and something failed.</summary>
    public bool HasOnlyFailuresLeft => FailedIndexes.Count > 0 && Missing == 0;

    /// <summary>Reason of the end in success.</summary>
    public string Reason => criteriaMet ? "SuccessPolicy" : "CompletionsReached";

    /// <summary>The same in words.</summary>
    public string Message => criteriaMet ? "Matched rules of the success policy" : "Reached expected number of succeeded pods";

    /// <summary>Whether the job has done its work.</summary>
    /// <param name="active">Pods that still run: without a number of completions they are let end.</param>
    public bool IsComplete(int active) => criteriaMet || (FailedIndexes.Count == 0 && (completions is { } all ? Succeeded >= all : Succeeded > 0 && active == 0));

    /// <summary>Indexes as Kubernetes writes them: <c>0-2,5</c>.</summary>
    public static string Ranges(IEnumerable<string> indexes)
    {
        var numbers = indexes.Select(index => int.Parse(index, CultureInfo.InvariantCulture)).Order().ToArray();
        var parts = new List<string>();
        for (var i = 0; i < numbers.Length;)
        {
            var end = i;
            while (end + 1 < numbers.Length && numbers[end + 1] == numbers[end] + 1)
            {
                end++;
            }

            parts.Add(end == i ? $"{numbers[i]}" : end == i + 1 ? $"{numbers[i]},{numbers[end]}" : $"{numbers[i]}-{numbers[end]}");
            i = end + 1;
        }

        return string.Join(',', parts);
    }

    private bool InRange(string index) => int.TryParse(index, CultureInfo.InvariantCulture, out var number) && number < (completions ?? 0);

    private bool Holds(JsonObject rule)
    {
        var asked = rule.Text("succeededIndexes") is { } text ? Parse(text) : null;
        var met = asked is null ? SucceededIndexes.Count : SucceededIndexes.Count(asked.Contains);
        return rule.Number("succeededCount") is { } count ? met >= count : asked is not null && met == asked.Count;
    }

    private static HashSet<string> Parse(string ranges) => [.. ranges.Split(',', StringSplitOptions.RemoveEmptyEntries).SelectMany(part =>
    {
        var ends = part.Split('-');
        return int.TryParse(ends[0], CultureInfo.InvariantCulture, out var from) && int.TryParse(ends[^1], CultureInfo.InvariantCulture, out var to) && to >= from
            ? Enumerable.Range(from, to - from + 1).Select(index => index.ToString(CultureInfo.InvariantCulture)) : [];
    })];
}
