using System.Globalization;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Kubelet;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Runs Jobs to their end: completions, parallelism, back-off between failed pods, deadline, suspension, indexed
/// completion, and removal after a time.</summary>
internal sealed class JobController(ObjectStore store, EventRecorder events, TimeProvider time) : IController
{
    private const string IndexAnnotation = "batch.kubernetes.io/job-completion-index";
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(6);

    /// <inheritdoc/>
    public Task ReconcileAsync(CancellationToken cancellation)
    {
        foreach (var job in store.List(ResourceKinds.Job).Where(job => !job.IsDeleting()))
        {
            if (IsFinished(job))
            {
                Expire(job);
            }
            else
            {
                Reconcile(job);
            }
        }

        return Task.CompletedTask;
    }

    private static bool IsFinished(JsonObject job) => job.Items("status", "conditions").Any(entry => entry.Text("type") is "Complete" or "Failed" && entry.Text("status") == "True");

    private void Expire(JsonObject job)
    {
        var finished = job.Text("status", "completionTime")
            ?? job.Items("status", "conditions").FirstOrDefault(entry => entry.Text("type") == "Failed").Text("lastTransitionTime");
        if (job.Number("spec", "ttlSecondsAfterFinished") is { } seconds && DateTimeOffset.TryParse(finished, CultureInfo.InvariantCulture, out var at) && time.GetUtcNow() >= at.AddSeconds(seconds))
        {
            store.Delete(Owners.Key(ResourceKinds.Job, job));
        }
    }

    private void Reconcile(JsonObject job)
    {
        var now = time.GetUtcNow();
        var key = Owners.Key(ResourceKinds.Job, job);
        var suspended = job.Flag("spec", "suspend");
        if (suspended != (job.Text("status", "startTime") is null))
        {
            // Time that a job is suspended does not count.
            job = store.UpdateStatus(key, status =>
            {
                if (suspended)
                {
                    status.Remove("startTime");
                }
                else
                {
                    status["startTime"] = now.Stamp();
                }
            }) ?? job;
            events.Record(job, "Normal", suspended ? "Suspended" : "Started", suspended ? "Job suspended" : "Job started");
        }

        var pods = store.Owned(ResourceKinds.Pod, job);
        var active = pods.Where(pod => !Owners.HasEnded(pod) && !pod.IsDeleting()).ToArray();
        var succeeded = pods.Where(pod => pod.Text("status", "phase") == "Succeeded").ToArray();
        var allFailed = pods.Where(pod => pod.Text("status", "phase") == "Failed").ToArray();
        var policy = new JobFailurePolicy(job);
        var failed = allFailed.Where(policy.Counts).ToArray();
        var restarts = job.Text("spec", "template", "spec", "restartPolicy") == "OnFailure"
            ? active.Sum(pod => pod.Items("status", "containerStatuses").Concat(pod.Items("status", "initContainerStatuses")).Sum(entry => entry.Number("restartCount") ?? 0)) : 0;
        var progress = new JobProgress(job, succeeded, failed, policy);
        var failure = Failure(job, allFailed, failed.Length + restarts, progress, policy, now);
        var complete = failure is null && progress.IsComplete(active.Length);
        if (complete || failure is not null || suspended)
        {
            foreach (var pod in active)
            {
                store.Delete(Owners.Key(ResourceKinds.Pod, pod));
            }
        }
        else
        {
            // A job that replaces failed pods only waits for those that are still on their way out.
            var leaving = job.Text("spec", "podReplacementPolicy") == "Failed" ? pods.Count(pod => pod.IsDeleting() && !Owners.HasEnded(pod)) : 0;
            Start(job, active, leaving, failed, progress, now);
        }

        WriteStatus(job, key, complete, failure, progress, allFailed.Length, now);
    }

    private static (string Reason, string Message)? Failure(JsonObject job, JsonObject[] failed, long counted, JobProgress progress, JobFailurePolicy policy, DateTimeOffset now)
    {
        if (failed.Select(policy.FailsJob).FirstOrDefault(message => message is not null) is { } rule)
        {
            return ("PodFailurePolicy", rule);
        }

        if (job.Number("spec", "activeDeadlineSeconds") is { } limit && DateTimeOffset.TryParse(job.Text("status", "startTime"), CultureInfo.InvariantCulture, out var begun) && now >= begun.AddSeconds(limit))
        {
            return ("DeadlineExceeded", "Job was active longer than specified deadline");
        }

        if (job.Number("spec", "maxFailedIndexes") is { } most && progress.FailedIndexes.Count > most)
        {
            return ("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
        }

        if (progress.HasOnlyFailuresLeft)
        {
            return ("FailedIndexes", "Job has failed indexes");
        }

        return counted > (job.Number("spec", "backoffLimit") ?? 6) ? ("BackoffLimitExceeded", "Job has reached the specified backoff limit") : null;
    }

    /// <summary>Completion index of a pod; empty where it has none.</summary>
    public static string IndexOf(JsonObject pod) => pod.Map("metadata", "annotations").GetValueOrDefault(IndexAnnotation, "");

    private void Start(JsonObject job, JsonObject[] active, int leaving, JsonObject[] failed, JobProgress progress, DateTimeOffset now)
    {
        if (progress.IsWindingDown)
        {
            return;
        }

        var wanted = (int)Math.Min(job.Number("spec", "parallelism") ?? 1, progress.Missing);
        foreach (var surplus in active.Skip(wanted))
        {
            store.Delete(Owners.Key(ResourceKinds.Pod, surplus));
        }

        if (failed.Length > 0 && failed.Select(Ended).Max() is { } last)
        {
            var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, FirstPause.TotalSeconds * Math.Pow(2, failed.Length - 1)));
            if (now < last + pause)
            {
                return;
            }
        }

        var indexed = progress.IsIndexed;
        var taken = active.Select(IndexOf).Concat(progress.SucceededIndexes).Concat(progress.FailedIndexes).ToHashSet();
        for (var i = active.Length + leaving; i < wanted; i++)
        {
            var index = indexed ? Enumerable.Range(0, int.MaxValue).First(number => !taken.Contains(number.ToString(CultureInfo.InvariantCulture))).ToString(CultureInfo.InvariantCulture) : null;
            var pod = Owners.PodFrom(job, job.At("spec", "template"), Owners.Generate(index is null ? job.Name() : $"{job.Name()}-{index}"));
            if (index is not null)
            {
                taken.Add(index);
                Mark(job, pod, index);
            }

            var created = store.Create(ResourceKinds.Pod, pod);
            events.Record(job, "Normal", "SuccessfulCreate", $"Created pod: {created.Name()}");
        }
    }

    private static void Mark(JsonObject job, JsonObject pod, string index)
    {
        pod.Member("metadata").Member("annotations")[IndexAnnotation] = index;
        pod.Member("metadata").Member("labels")[IndexAnnotation] = index;
        pod.Member("spec")["hostname"] = $"{job.Name()}-{index}";
        foreach (var container in pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers")))
        {
            if (container["env"] is not JsonArray env)
            {
                container["env"] = env = [];
            }

            env.Add(new JsonObject { ["name"] = "JOB_COMPLETION_INDEX", ["value"] = index });
        }
    }

    private static DateTimeOffset? Ended(JsonObject pod) => pod.Items("status", "containerStatuses").Concat(pod.Items("status", "initContainerStatuses"))
        .Select(entry => DateTimeOffset.TryParse(entry.Text("state", "terminated", "finishedAt"), CultureInfo.InvariantCulture, out var at) ? at : (DateTimeOffset?)null).Max();

    private void WriteStatus(JsonObject job, ObjectKey key, bool complete, (string Reason, string Message)? failure, JobProgress progress, int failed, DateTimeOffset now)
    {
        var pods = store.Owned(ResourceKinds.Pod, job);
        var active = pods.Where(pod => !Owners.HasEnded(pod) && !pod.IsDeleting()).ToArray();
        store.UpdateStatus(key, status =>
        {
            status["active"] = active.Length;
            status["ready"] = active.Count(Owners.IsReady);
            status["terminating"] = pods.Count(pod => pod.IsDeleting() && !Owners.HasEnded(pod));
            status["succeeded"] = progress.Succeeded;
            status["failed"] = failed;
            if (progress.IsIndexed)
            {
                status["completedIndexes"] = JobProgress.Ranges(progress.SucceededIndexes);
                if (job.At("spec", "backoffLimitPerIndex") is not null)
                {
                    status["failedIndexes"] = JobProgress.Ranges(progress.FailedIndexes);
                }
            }

            if (job.Flag("spec", "suspend") || status.Items("conditions").Any(entry => entry.Text("type") == "Suspended"))
            {
                PodWorker.SetCondition(status, "Suspended", job.Flag("spec", "suspend"), now.Stamp(), job.Flag("spec", "suspend") ? "JobSuspended" : "JobResumed", job.Flag("spec", "suspend") ? "Job suspended" : "Job resumed");
            }

            if (complete)
            {
                status["completionTime"] = now.Stamp();
                PodWorker.SetCondition(status, "SuccessCriteriaMet", true, now.Stamp(), progress.Reason, progress.Message);
                PodWorker.SetCondition(status, "Complete", true, now.Stamp(), progress.Reason, progress.Message);
            }
            else if (failure is { } why)
            {
                PodWorker.SetCondition(status, "FailureTarget", true, now.Stamp(), why.Reason, why.Message);
                PodWorker.SetCondition(status, "Failed", true, now.Stamp(), why.Reason, why.Message);
            }
        });
        if (failure is { } reason)
        {
            events.Record(job, "Warning", reason.Reason, reason.Message);
        }
        else if (complete)
        {
            events.Record(job, "Normal", "Completed", "Job completed");
        }
    }
}
