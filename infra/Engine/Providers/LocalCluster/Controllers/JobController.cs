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
        if (job.Text("status", "startTime") is null && !suspended)
        {
            job = store.UpdateStatus(key, status => status["startTime"] = now.Stamp()) ?? job;
        }

        var pods = store.Owned(ResourceKinds.Pod, job);
        var active = pods.Where(pod => !Owners.HasEnded(pod) && !pod.IsDeleting()).ToArray();
        var succeeded = pods.Where(pod => pod.Text("status", "phase") == "Succeeded").ToArray();
        var failed = pods.Where(pod => pod.Text("status", "phase") == "Failed").ToArray();
        var completions = job.Number("spec", "completions");
        var restarts = job.Text("spec", "template", "spec", "restartPolicy") == "OnFailure"
            ? active.Sum(pod => pod.Items("status", "containerStatuses").Sum(entry => entry.Number("restartCount") ?? 0)) : 0;
        var done = Succeeded(job, succeeded);

        string? failure = null;
        if (failed.Length + restarts > (job.Number("spec", "backoffLimit") ?? 6))
        {
            failure = "BackoffLimitExceeded";
        }
        else if (job.Number("spec", "activeDeadlineSeconds") is { } limit && DateTimeOffset.TryParse(job.Text("status", "startTime"), CultureInfo.InvariantCulture, out var begun) && now >= begun.AddSeconds(limit))
        {
            failure = "DeadlineExceeded";
        }

        var complete = failure is null && done >= (completions ?? 1) && (completions is not null || active.Length == 0);
        if (complete || failure is not null || suspended)
        {
            foreach (var pod in active)
            {
                store.Delete(Owners.Key(ResourceKinds.Pod, pod));
            }
        }
        else
        {
            Start(job, active, succeeded, failed, completions - done, now);
        }

        WriteStatus(job, key, complete, failure, done, failed.Length, now);
    }

    private static long Succeeded(JsonObject job, JsonObject[] succeeded) => job.Text("spec", "completionMode") == "Indexed"
        ? succeeded.Select(IndexOf).Distinct().Count()
        : succeeded.Length;

    private static string IndexOf(JsonObject pod) => pod.Map("metadata", "annotations").GetValueOrDefault(IndexAnnotation, "");

    private void Start(JsonObject job, JsonObject[] active, JsonObject[] succeeded, JsonObject[] failed, long? missing, DateTimeOffset now)
    {
        var wanted = (int)Math.Min(job.Number("spec", "parallelism") ?? 1, missing ?? long.MaxValue);
        if (failed.Length > 0 && failed.Select(Ended).Max() is { } last)
        {
            var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, FirstPause.TotalSeconds * Math.Pow(2, failed.Length - 1)));
            if (now < last + pause)
            {
                return;
            }
        }

        var indexed = job.Text("spec", "completionMode") == "Indexed";
        var taken = active.Concat(succeeded).Select(IndexOf).ToHashSet();
        for (var i = active.Length; i < wanted; i++)
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

    private void WriteStatus(JsonObject job, ObjectKey key, bool complete, string? failure, long done, int failed, DateTimeOffset now)
    {
        var active = store.Owned(ResourceKinds.Pod, job).Where(pod => !Owners.HasEnded(pod) && !pod.IsDeleting()).ToArray();
        store.UpdateStatus(key, status =>
        {
            status["active"] = active.Length;
            status["ready"] = active.Count(Owners.IsReady);
            status["terminating"] = store.Owned(ResourceKinds.Pod, job).Count(pod => pod.IsDeleting());
            status["succeeded"] = done;
            status["failed"] = failed;
            PodWorker.SetCondition(status, "Suspended", job.Flag("spec", "suspend"), now.Stamp());
            if (complete)
            {
                status["completionTime"] = now.Stamp();
                PodWorker.SetCondition(status, "SuccessCriteriaMet", true, now.Stamp(), "CompletionsReached", "Reached expected number of succeeded pods");
                PodWorker.SetCondition(status, "Complete", true, now.Stamp(), "CompletionsReached", "Reached expected number of succeeded pods");
            }
            else if (failure is not null)
            {
                var message = failure == "DeadlineExceeded" ? "Job was active longer than specified deadline" : "Job has reached the specified backoff limit";
                PodWorker.SetCondition(status, "FailureTarget", true, now.Stamp(), failure, message);
                PodWorker.SetCondition(status, "Failed", true, now.Stamp(), failure, message);
            }
        });
        if (failure is not null)
        {
            events.Record(job, "Warning", failure, "Job has failed");
        }
    }
}
