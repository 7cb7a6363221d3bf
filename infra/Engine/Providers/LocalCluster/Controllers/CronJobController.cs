using System.Globalization;
using System.Text.Json.Nodes;
using Cronos;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Starts the Jobs of CronJobs when they are due.</summary>
internal sealed class CronJobController(ObjectStore store, Admission.AdmissionChain admission, EventRecorder events, TimeProvider time) : IController
{
    /// <inheritdoc/>
    public Task ReconcileAsync(CancellationToken cancellation)
    {
        foreach (var cron in store.List(ResourceKinds.CronJob).Where(cron => !cron.IsDeleting()))
        {
            var jobs = store.Owned(ResourceKinds.Job, cron);
            Trim(cron, jobs);
            if (!cron.Flag("spec", "suspend"))
            {
                Schedule(cron, jobs);
            }
        }

        return Task.CompletedTask;
    }

    private static bool Has(JsonObject job, string condition) => Owners.Condition(job, condition).Text("status") == "True";

    private void Schedule(JsonObject cron, JsonObject[] jobs)
    {
        CronExpression schedule;
        TimeZoneInfo zone;
        try
        {
            schedule = CronExpression.Parse(cron.Text("spec", "schedule") ?? "");
            zone = TimeZoneInfo.FindSystemTimeZoneById(cron.Text("spec", "timeZone") ?? "UTC");
        }
        catch (Exception error) when (error is CronFormatException or TimeZoneNotFoundException)
        {
            events.Record(cron, "Warning", "UnparseableSchedule", error.Message);
            return;
        }

        var now = time.GetUtcNow();
        var since = DateTimeOffset.TryParse(cron.Text("status", "lastScheduleTime") ?? cron.Text("metadata", "creationTimestamp"), CultureInfo.InvariantCulture, out var at) ? at : now;
        if (Latest(schedule, zone, since, now) is not { } due)
        {
            return;
        }

        if (cron.Number("spec", "startingDeadlineSeconds") is { } deadline && now - due > TimeSpan.FromSeconds(deadline))
        {
            events.Record(cron, "Warning", "MissSchedule", $"Missed scheduled time to start a job: {due.Stamp()}");
            return;
        }

        var active = jobs.Where(job => !Has(job, "Complete") && !Has(job, "Failed")).ToArray();
        var policy = cron.Text("spec", "concurrencyPolicy") ?? "Allow";
        if (active.Length > 0 && policy == "Forbid")
        {
            events.Record(cron, "Normal", "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
            return;
        }

        foreach (var job in policy == "Replace" ? active : [])
        {
            store.Delete(Owners.Key(ResourceKinds.Job, job));
        }

        StartJob(cron, due);
        store.UpdateStatus(Owners.Key(ResourceKinds.CronJob, cron), status => status["lastScheduleTime"] = due.Stamp());
    }

    // However many were missed, one run makes up for them: the latest. Looked for backwards, in spans that grow, because a
    // schedule of minutes that slept for a year has half a million of them.
    private static DateTimeOffset? Latest(CronExpression schedule, TimeZoneInfo zone, DateTimeOffset since, DateTimeOffset now)
    {
        for (var span = TimeSpan.FromMinutes(2); ; span *= 16)
        {
            var from = now - since > span ? now - span : since;
            if (schedule.GetOccurrences(from, now, zone, fromInclusive: false, toInclusive: true).Select(due => (DateTimeOffset?)due).LastOrDefault() is { } due)
            {
                return due;
            }

            if (from == since)
            {
                return null;
            }
        }
    }

    private void StartJob(JsonObject cron, DateTimeOffset due)
    {
        var template = cron.At("spec", "jobTemplate");
        var metadata = template.At("metadata") is JsonObject given ? given.Copy() : [];
        metadata["name"] = $"{cron.Name()}-{due.ToUnixTimeSeconds() / 60}";
        metadata["namespace"] = cron.Space();
        metadata["ownerReferences"] = Owners.Reference(cron);
        var job = new JsonObject { ["apiVersion"] = "batch/v1", ["kind"] = "Job", ["metadata"] = metadata, ["spec"] = template.At("spec")?.DeepClone() };
        try
        {
            admission.Create(store.Kinds.Find("batch", "v1", ResourceKinds.Job.Plural)!, job);
            store.Create(ResourceKinds.Job, job);
            events.Record(cron, "Normal", "SuccessfulCreate", $"Created job {job.Name()}");
        }
        catch (ApiException refusal)
        {
            events.Record(cron, "Warning", "FailedCreate", refusal.Message);
        }
    }

    private void Trim(JsonObject cron, JsonObject[] jobs)
    {
        foreach (var (condition, field, kept) in new[] { ("Complete", "successfulJobsHistoryLimit", 3), ("Failed", "failedJobsHistoryLimit", 1) })
        {
            var ended = jobs.Where(job => Has(job, condition)).OrderByDescending(job => job.Text("metadata", "creationTimestamp"), StringComparer.Ordinal);
            foreach (var job in ended.Skip((int)(cron.Number("spec", field) ?? kept)))
            {
                store.Delete(Owners.Key(ResourceKinds.Job, job));
            }
        }

        var succeeded = jobs.Select(job => job.Text("status", "completionTime")).Max(StringComparer.Ordinal);
        if (succeeded is not null)
        {
            store.UpdateStatus(Owners.Key(ResourceKinds.CronJob, cron), status => status["lastSuccessfulTime"] = succeeded);
        }

        store.UpdateStatus(Owners.Key(ResourceKinds.CronJob, cron), status => status["active"] = new JsonArray([.. jobs
            .Where(job => !Has(job, "Complete") && !Has(job, "Failed"))
            .Select(job => new JsonObject { ["kind"] = "Job", ["name"] = job.Name(), ["namespace"] = job.Space(), ["uid"] = job.Uid() })]));
    }
}
