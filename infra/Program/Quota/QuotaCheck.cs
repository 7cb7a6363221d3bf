using Pulumi;
using Reco.Infra.Configuration;

namespace Reco.Infra.Quota;

/// <summary>What came of a check.</summary>
/// <param name="Lines">Text for a person.</param>
/// <param name="IsShort">Whether something does not fit.</param>
internal sealed record QuotaReport(IReadOnlyList<string> Lines, bool IsShort)
{
    /// <summary>The text.</summary>
    public override string ToString() => string.Join(Environment.NewLine, Lines);
}

/// <summary>Holds what a stack needs against the quota of its region, where somebody is logged in to Azure; says that it did
/// not, and why, where nobody is. A stack that is short of quota is not refused: Azure may have raised it by the time.</summary>
internal sealed class QuotaCheck(HttpClient http, AzureAccess access)
{
    /// <summary>Checks in the background of a run, and writes the result among the run's messages.</summary>
    public static void Start(AzureConfig config)
    {
        // An output is waited for before the program ends, whether or not anything takes it.
        _ = Output.Create(RunAsync(config));
    }

    /// <summary>Checks.</summary>
    public async Task<QuotaReport> CheckAsync(AzureConfig config, CancellationToken cancellation = default)
    {
        var needs = QuotaNeed.Of(config, out var unknown);
        if ((config.SubscriptionId ?? access.Text("ARM_SUBSCRIPTION_ID") ?? access.Text("AZURE_SUBSCRIPTION_ID")) is not { } known)
        {
            return Unchecked(config, needs, "no subscription is set (azure-native:subscriptionId or ARM_SUBSCRIPTION_ID)");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(access.Limit);
        try
        {
            return await new AzureToken(http, access).GetAsync(limit.Token).ConfigureAwait(false) is { } token
                ? Compare(config, needs, unknown, await new ComputeUsage(http, access).ListAsync(known, config.Location!, token, limit.Token).ConfigureAwait(false))
                : Unchecked(config, needs, "nobody is logged in to Azure (no ARM_ or AZURE_ variables, no az login)");
        }
        catch (AzureAccessException error)
        {
            return Unchecked(config, needs, error.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Unchecked(config, needs, $"Azure did not answer within {access.Limit.TotalSeconds:0} seconds");
        }
    }

    private static async Task<bool> RunAsync(AzureConfig config)
    {
        using var http = new HttpClient();
        var report = await new QuotaCheck(http, AzureAccess.FromEnvironment()).CheckAsync(config).ConfigureAwait(false);
        if (report.IsShort)
        {
            Log.Warn(report.ToString());
        }
        else
        {
            Log.Info(report.ToString());
        }

        return report.IsShort;
    }

    private static QuotaReport Unchecked(AzureConfig config, IReadOnlyList<QuotaNeed> needs, string why) => new(
        [$"Quota of {config.Location} was not checked: {why}. Needed at most: {string.Join(", ", needs.Select(need => $"{need.Name} {need.VCpus}"))} vCPUs."],
        IsShort: false);

    private static QuotaReport Compare(AzureConfig config, IReadOnlyList<QuotaNeed> needs, IReadOnlyList<string> unknown, IReadOnlyDictionary<string, UsedQuota> quotas)
    {
        var lines = new List<string> { $"Quota of {config.Location} in vCPUs (what is in use may be this stack's own):" };
        var isShort = false;
        foreach (var need in needs)
        {
            if (!quotas.TryGetValue(need.Name, out var quota))
            {
                lines.Add($"    {need.Name}: needed {need.VCpus}; Azure names no such quota here, so it was not checked");
                continue;
            }

            var available = quota.Limit - quota.Used;
            var verdict = need.VCpus > quota.Limit ? $"; short by {need.VCpus - quota.Limit} even with nothing in use: ask for more, or lower the pools' maxima"
                : need.VCpus > available ? $"; short by {need.VCpus - available} unless the nodes in use are this stack's"
                : "";
            isShort |= verdict.Length > 0;
            lines.Add($"    {need.Name}: needed {need.VCpus}, available {available} of {quota.Limit}{verdict}");
        }

        lines.AddRange(unknown.Select(size => $"    {size}: its family is not known here, so it was not checked"));
        return new QuotaReport(lines, isShort);
    }
}
