using k8s;
using k8s.Models;

namespace Reco.LocalCluster.Tests;

/// <summary>Controllers: Job, CronJob, Deployment, StatefulSet, DaemonSet.</summary>
public sealed class WorkloadTests(Cluster cluster) : IClassFixture<Cluster>
{
    private static V1PodTemplateSpec Template(string app, string script, string? restart = null, Action<V1PodSpec>? change = null) => new()
    {
        Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = app } },
        Spec = Cluster.Spec(script, restart, change),
    };

    private static V1Job Job(string name, string script, Action<V1JobSpec>? change = null, string restart = "Never")
    {
        var spec = new V1JobSpec { Template = Template(name, script, restart), BackoffLimit = 0 };
        change?.Invoke(spec);
        return new V1Job { Metadata = new V1ObjectMeta { Name = name }, Spec = spec };
    }

    private static V1Deployment Deployment(string name, string script, int replicas, Action<V1DeploymentSpec>? change = null)
    {
        var spec = new V1DeploymentSpec { Replicas = replicas, Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = name } }, Template = Template(name, script) };
        change?.Invoke(spec);
        return new V1Deployment { Metadata = new V1ObjectMeta { Name = name }, Spec = spec };
    }

    private async Task<V1Job> EndAsync(string space, V1Job job)
    {
        await cluster.Client.CreateNamespacedJobAsync(job, space);
        V1Job ended = null!;
        await cluster.UntilAsync(async () => (ended = await cluster.Client.ReadNamespacedJobAsync(job.Metadata.Name, space)).Status?.Conditions?.Any(condition => condition.Type is "Complete" or "Failed") == true, $"job {job.Metadata.Name} ends");
        return ended;
    }

    private static (string Type, string Reason) End(V1Job job) => job.Status.Conditions.Where(condition => condition.Type is "Complete" or "Failed").Select(condition => (condition.Type, condition.Reason)).Single();

    private async Task<IList<V1Pod>> PodsAsync(string space, string app) => (await cluster.Client.ListNamespacedPodAsync(space, labelSelector: $"app={app}")).Items;

    private Task RolledOutAsync(string space, string name) => cluster.UntilAsync(async () =>
    {
        var live = await cluster.Client.ReadNamespacedDeploymentAsync(name, space);
        return live.Status is { } status && status.ObservedGeneration == live.Metadata.Generation && (status.UpdatedReplicas ?? 0) == live.Spec.Replicas && (live.Status.Replicas ?? 0) == live.Spec.Replicas && (live.Status.AvailableReplicas ?? 0) == live.Spec.Replicas;
    }, $"deployment {name} is rolled out");

    [Fact]
    public async Task Job_Completions_RunInParallelUntilAllAreDone()
    {
        var space = await cluster.SpaceAsync();
        var job = await EndAsync(space, Job("j", "true", spec => (spec.Completions, spec.Parallelism) = (3, 2)));
        Assert.Equal(("Complete", "CompletionsReached"), End(job));
        Assert.Equal(3, job.Status.Succeeded);
        Assert.NotNull(job.Status.CompletionTime);
    }

    [Fact]
    public async Task Job_Indexed_GivesEachItsIndexHostNameAndAStableFirstHost()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedServiceAsync(new V1Service { Metadata = new V1ObjectMeta { Name = "group" }, Spec = new V1ServiceSpec { ClusterIP = "None", Selector = new Dictionary<string, string> { ["app"] = "j" }, Ports = [new V1ServicePort { Port = 29500 }] } }, space);
        var job = await EndAsync(space, Job("j", $"echo $JOB_COMPLETION_INDEX $HOSTNAME $MASTER", spec =>
        {
            (spec.Completions, spec.Parallelism, spec.CompletionMode) = (2, 2, "Indexed");
            spec.Template.Spec.Subdomain = "group";
            spec.Template.Spec.Containers[0].Env = [new V1EnvVar { Name = "MASTER", Value = "j-0.group:29500" }];
        }));
        Assert.Equal("0,1", job.Status.CompletedIndexes);
        var pods = (await PodsAsync(space, "j")).OrderBy(pod => pod.Spec.Hostname).ToArray();
        var outputs = await Task.WhenAll(pods.Select(pod => cluster.LogAsync(space, pod.Metadata.Name)));
        var master = pods[0].Status.PodIP;
        Assert.Equal([$"0 j-0 {master}:29500\n", $"1 j-1 {master}:29500\n"], outputs);
    }

    [Fact]
    public async Task Job_Fails_AfterItsBackoffLimitWithoutHidingThePods()
    {
        var space = await cluster.SpaceAsync();
        var job = await EndAsync(space, Job("j", "echo broken; exit 2"));
        Assert.Equal(("Failed", "BackoffLimitExceeded"), End(job));
        Assert.Equal("broken\n", await cluster.LogAsync(space, (await PodsAsync(space, "j")).Single().Metadata.Name));
    }

    [Fact]
    public async Task Job_PodFailurePolicy_IgnoresCountsAndFails()
    {
        var space = await cluster.SpaceAsync();
        static V1PodFailurePolicy Rule(string action, int code) => new() { Rules = [new V1PodFailurePolicyRule { Action = action, OnExitCodes = new V1PodFailurePolicyOnExitCodesRequirement { OperatorProperty = "In", Values = [code] } }] };
        var failed = await EndAsync(space, Job("fatal", "exit 42", spec => (spec.BackoffLimit, spec.PodFailurePolicy) = (6, Rule("FailJob", 42))));
        Assert.Equal(("Failed", "PodFailurePolicy"), End(failed));
        Assert.Equal(1, failed.Status.Failed);

        // Ignored, the failure does not use up the limit of 0: another pod is started in its place.
        await cluster.Client.CreateNamespacedJobAsync(Job("ignored", $"test -f {cluster.Project}/{space} && exit 0; touch {cluster.Project}/{space}; exit 43", spec => spec.PodFailurePolicy = Rule("Ignore", 43)), space);
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedJobAsync("ignored", space)).Status?.Succeeded == 1, "the second pod succeeds");
    }

    [Fact]
    public async Task Job_FailedIndexes_AreGivenUpOneByOne()
    {
        var space = await cluster.SpaceAsync();
        var job = await EndAsync(space, Job("j", "test $JOB_COMPLETION_INDEX != 1", spec => (spec.Completions, spec.Parallelism, spec.CompletionMode, spec.BackoffLimit, spec.BackoffLimitPerIndex) = (3, 3, "Indexed", null, 0)));
        Assert.Equal(("Failed", "FailedIndexes"), End(job));
        Assert.Equal(("0,2", "1"), (job.Status.CompletedIndexes, job.Status.FailedIndexes));
    }

    [Fact]
    public async Task Job_Deadline_EndsIt_AndTimeToLiveRemovesIt()
    {
        var space = await cluster.SpaceAsync();
        Assert.Equal(("Failed", "DeadlineExceeded"), End(await EndAsync(space, Job("late", "sleep 300", spec => spec.ActiveDeadlineSeconds = 1))));
        await cluster.UntilAsync(async () => !(await PodsAsync(space, "late")).Any(pod => pod.Status.Phase == "Running"), "its pods are stopped");
        await cluster.Client.CreateNamespacedJobAsync(Job("brief", "true", spec => spec.TtlSecondsAfterFinished = 0), space);
        await cluster.UntilAsync(async () => (await cluster.SendAsync(HttpMethod.Get, $"apis/batch/v1/namespaces/{space}/jobs/brief")).Status == 404, "the job is removed");
        await cluster.UntilAsync(async () => (await PodsAsync(space, "brief")).Count == 0, "and its pods");
    }

    [Fact]
    public async Task Job_Suspend_StopsAndResumes()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedJobAsync(Job("j", "sleep 1", spec => spec.Suspend = true), space);
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedJobAsync("j", space)).Status?.Conditions?.Any(condition => condition is { Type: "Suspended", Status: "True" }) == true, "it is suspended");
        Assert.Empty(await PodsAsync(space, "j"));
        await cluster.Client.PatchNamespacedJobAsync(new V1Patch("""{"spec":{"suspend":false}}""", V1Patch.PatchType.MergePatch), "j", space);
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedJobAsync("j", space)).Status?.Succeeded == 1, "it completes");
    }

    [Fact]
    public async Task Job_OnFailure_RestartsTheContainerInItsPod()
    {
        var space = await cluster.SpaceAsync();
        var job = await EndAsync(space, Job("j", $"test -f {cluster.Project}/{space} && exit 0; touch {cluster.Project}/{space}; exit 1", spec => spec.BackoffLimit = 3, "OnFailure"));
        Assert.Equal("Complete", End(job).Type);
        Assert.Equal(1, (await PodsAsync(space, "j")).Single().Status.ContainerStatuses[0].RestartCount);
    }

    [Fact]
    public async Task CronJob_Due_StartsJobsAndKeepsSome()
    {
        var space = await cluster.SpaceAsync();
        var cron = await cluster.Client.CreateNamespacedCronJobAsync(new V1CronJob
        {
            Metadata = new V1ObjectMeta { Name = "c" },
            Spec = new V1CronJobSpec { Schedule = "0 0 1 1 *", TimeZone = "Europe/Berlin", SuccessfulJobsHistoryLimit = 1, JobTemplate = new V1JobTemplateSpec { Spec = Job("x", "true").Spec } },
        }, space);

        // As if the last start had been long ago: the missed one is made up for, once.
        await cluster.SendAsync(HttpMethod.Patch, $"apis/batch/v1/namespaces/{space}/cronjobs/c/status", """{"status":{"lastScheduleTime":"2020-06-01T00:00:00Z"}}""", "application/merge-patch+json");
        await cluster.UntilAsync(async () => (await cluster.Client.ListNamespacedJobAsync(space)).Items is [{ Status.Succeeded: 1 }], "one job has run");
        Assert.Equal(cron.Metadata.Uid, (await cluster.Client.ListNamespacedJobAsync(space)).Items[0].Metadata.OwnerReferences[0].Uid);
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedCronJobAsync("c", space)).Status is { LastSuccessfulTime: not null, Active: null or { Count: 0 } }, "the status follows");

        // New Year in Berlin is an hour before that in UTC.
        Assert.Equal(23, (await cluster.Client.ReadNamespacedCronJobAsync("c", space)).Status.LastScheduleTime!.Value.ToUniversalTime().Hour);
    }

    [Fact]
    public async Task CronJob_Forbid_StartsNoneWhileOneRuns()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedCronJobAsync(new V1CronJob
        {
            Metadata = new V1ObjectMeta { Name = "c" },
            Spec = new V1CronJobSpec { Schedule = "0 0 1 1 *", ConcurrencyPolicy = "Forbid", JobTemplate = new V1JobTemplateSpec { Spec = Job("x", "sleep 300").Spec } },
        }, space);
        Task MissAsync() => cluster.SendAsync(HttpMethod.Patch, $"apis/batch/v1/namespaces/{space}/cronjobs/c/status", """{"status":{"lastScheduleTime":"2020-06-01T00:00:00Z"}}""", "application/merge-patch+json");
        await MissAsync();
        await cluster.UntilAsync(async () => (await cluster.Client.ListNamespacedJobAsync(space)).Items.Count == 1, "one job runs");
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedCronJobAsync("c", space)).Status.LastScheduleTime?.Year > 2020, "the controller has noted the start, which it does after it");
        await MissAsync();
        await cluster.UntilAsync(async () => (await cluster.Client.CoreV1.ListNamespacedEventAsync(space)).Items.Any(entry => entry.Reason == "JobAlreadyActive"), "the next is refused");
        Assert.Single((await cluster.Client.ListNamespacedJobAsync(space)).Items);
    }

    [Fact]
    public async Task Deployment_Update_StaysWithinItsLimits_AndRollsBack()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedDeploymentAsync(Deployment("d", "sleep 300 # one", 3, spec => spec.Strategy = new V1DeploymentStrategy { Type = "RollingUpdate", RollingUpdate = new V1RollingUpdateDeployment { MaxSurge = 1, MaxUnavailable = 0 } }), space);
        await RolledOutAsync(space, "d");
        var first = (await cluster.Client.ListNamespacedReplicaSetAsync(space)).Items.Single();

        var (most, least) = (0, int.MaxValue);
        var before = await cluster.Client.ListNamespacedPodAsync(space, labelSelector: "app=d");
        var pods = before.Items.ToDictionary(pod => pod.Metadata.Name);
        await cluster.Client.PatchNamespacedDeploymentAsync(new V1Patch("""{"spec":{"template":{"spec":{"containers":[{"name":"main","command":["/bin/sh","-c","sleep 300 # two"]}]}}}}""", V1Patch.PatchType.StrategicMergePatch), "d", space);

        // Every change in its order, from before the update until none of the old pods is left.
        var changes = new List<string>();
        using var limit = new CancellationTokenSource(Cluster.Patience);
        await foreach (var (type, pod) in cluster.Client.CoreV1.WatchListNamespacedPodAsync(space, labelSelector: "app=d", resourceVersion: before.Metadata.ResourceVersion, cancellationToken: limit.Token))
        {
            pods[pod.Metadata.Name] = pod;
            if (type == WatchEventType.Deleted || pod.Metadata.DeletionTimestamp is not null)
            {
                pods.Remove(pod.Metadata.Name);
            }

            (most, least) = (Math.Max(most, pods.Count), Math.Min(least, pods.Values.Count(Cluster.IsReady)));
            changes.Add($"{type} {pod.Metadata.Name} ready={Cluster.IsReady(pod)} deleted={pod.Metadata.DeletionTimestamp is not null}: {pods.Count}, {pods.Values.Count(Cluster.IsReady)} ready");
            if (!before.Items.Any(old => pods.ContainsKey(old.Metadata.Name)))
            {
                break;
            }
        }

        await RolledOutAsync(space, "d");
        Assert.True((most, least) == (4, 3), $"most {most}, fewest ready {least}{Environment.NewLine}{string.Join(Environment.NewLine, changes)}");

        // The old template again: the old replica set again, as the newest revision.
        await cluster.Client.PatchNamespacedDeploymentAsync(new V1Patch("""{"spec":{"template":{"spec":{"containers":[{"name":"main","command":["/bin/sh","-c","sleep 300 # one"]}]}}}}""", V1Patch.PatchType.StrategicMergePatch), "d", space);
        await RolledOutAsync(space, "d");
        var back = await cluster.Client.ReadNamespacedReplicaSetAsync(first.Metadata.Name, space);
        Assert.Equal((3, "3"), (back.Spec.Replicas, back.Metadata.Annotations["deployment.kubernetes.io/revision"]));
    }

    [Fact]
    public async Task Deployment_Stuck_ReportsAfterItsDeadline_AndTheOldOneServesOn()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedDeploymentAsync(Deployment("d", "sleep 300", 1, spec => spec.ProgressDeadlineSeconds = 2), space);
        await RolledOutAsync(space, "d");
        await cluster.Client.PatchNamespacedDeploymentAsync(new V1Patch("""{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"nowhere/at-all"}]}}}}""", V1Patch.PatchType.StrategicMergePatch), "d", space);
        V1Deployment live = null!;
        await cluster.UntilAsync(async () => (live = await cluster.Client.ReadNamespacedDeploymentAsync("d", space)).Status?.Conditions?.Any(condition => condition is { Type: "Progressing", Status: "False", Reason: "ProgressDeadlineExceeded" }) == true, "the deadline is noticed");
        Assert.Equal(1, live.Status.AvailableReplicas);
    }

    [Fact]
    public async Task Deployment_Paused_WaitsAndRecreateHasNoTwoAtOnce()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedDeploymentAsync(Deployment("d", "sleep 300 # one", 1, spec => spec.Strategy = new V1DeploymentStrategy { Type = "Recreate" }), space);
        await RolledOutAsync(space, "d");
        await cluster.Client.PatchNamespacedDeploymentAsync(new V1Patch("""{"spec":{"paused":true,"template":{"spec":{"containers":[{"name":"main","command":["/bin/sh","-c","sleep 300 # two"]}]}}}}""", V1Patch.PatchType.StrategicMergePatch), "d", space);
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedDeploymentAsync("d", space)) is var live && live.Status?.ObservedGeneration == live.Metadata.Generation, "the pause is seen");
        Assert.Single((await cluster.Client.ListNamespacedReplicaSetAsync(space)).Items);
        var old = (await PodsAsync(space, "d")).Single().Metadata.Name;
        await cluster.Client.PatchNamespacedDeploymentAsync(new V1Patch("""{"spec":{"paused":false}}""", V1Patch.PatchType.MergePatch), "d", space);
        await cluster.UntilAsync(async () => (await PodsAsync(space, "d")) is var pods && pods.Any(pod => pod.Metadata.Name != old) && pods.Count == 1, "the new pod came when the old one was gone");
    }

    [Fact]
    public async Task Deployment_OldRevisions_AreTrimmed()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedDeploymentAsync(Deployment("d", "sleep 300", 0, spec => spec.RevisionHistoryLimit = 1), space);
        foreach (var i in Enumerable.Range(0, 4))
        {
            await RolledOutAsync(space, "d");
            await cluster.Client.PatchNamespacedDeploymentAsync(new V1Patch($$$$$$"""{"spec":{"template":{"metadata":{"annotations":{"n":"{{{{{{i}}}}}}"}}}}}""", V1Patch.PatchType.MergePatch), "d", space);
        }

        await cluster.UntilAsync(async () => (await cluster.Client.ListNamespacedReplicaSetAsync(space)).Items.Count == 2, "one old revision is kept");
    }

    [Fact]
    public async Task ReplicaSet_Orphans_AreAdopted()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedDeploymentAsync(Deployment("d", "sleep 300", 1), space);
        await RolledOutAsync(space, "d");
        var pod = (await PodsAsync(space, "d")).Single().Metadata.Uid;
        await cluster.SendAsync(HttpMethod.Delete, $"apis/apps/v1/namespaces/{space}/deployments/d", """{"propagationPolicy":"Orphan"}""");
        await cluster.Client.CreateNamespacedDeploymentAsync(Deployment("d", "sleep 300", 1), space);
        await RolledOutAsync(space, "d");
        Assert.Equal(pod, (await PodsAsync(space, "d")).Single().Metadata.Uid);
    }

    [Fact]
    public async Task StatefulSet_HasNumberedPods_WithTheirOwnClaimsAndAddresses()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedServiceAsync(new V1Service { Metadata = new V1ObjectMeta { Name = "peers" }, Spec = new V1ServiceSpec { ClusterIP = "None", Selector = new Dictionary<string, string> { ["app"] = "s" }, Ports = [new V1ServicePort { Port = 80 }] } }, space);
        var set = new V1StatefulSet
        {
            Metadata = new V1ObjectMeta { Name = "s" },
            Spec = new V1StatefulSetSpec
            {
                Replicas = 2,
                ServiceName = "peers",
                Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "s" } },
                Template = Template("s", "echo $HOSTNAME >>/data/who; cat /data/who; sleep 300", change: spec => spec.Containers[0].VolumeMounts = [new V1VolumeMount { Name = "data", MountPath = "/data" }]),
                VolumeClaimTemplates = [new V1PersistentVolumeClaim { Metadata = new V1ObjectMeta { Name = "data" }, Spec = new V1PersistentVolumeClaimSpec { AccessModes = ["ReadWriteOnce"], Resources = new V1VolumeResourceRequirements { Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = new("1Gi") } } } }],
            },
        };
        await cluster.Client.CreateNamespacedStatefulSetAsync(set, space);
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedStatefulSetAsync("s", space)).Status?.ReadyReplicas == 2, "both are ready");
        var before = (await cluster.Client.ReadNamespacedPodAsync("s-1", space)).Status.PodIP;
        await cluster.UntilAsync(async () => await cluster.LogAsync(space, "s-1") == "s-1\n", "it has written its name");

        // A new version rolls from the last to the first; name, address and data stay.
        await cluster.Client.PatchNamespacedStatefulSetAsync(new V1Patch("""{"spec":{"template":{"metadata":{"annotations":{"v":"2"}}}}}""", V1Patch.PatchType.MergePatch), "s", space);
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedStatefulSetAsync("s", space)).Status is { ReadyReplicas: 2, UpdatedReplicas: 2 } status && status.CurrentRevision == status.UpdateRevision, "the new version is out");
        Assert.Equal(before, (await cluster.Client.ReadNamespacedPodAsync("s-1", space)).Status.PodIP);
        await cluster.UntilAsync(async () => await cluster.LogAsync(space, "s-1") == "s-1\ns-1\n", "its data is there again");

        await cluster.Client.PatchNamespacedStatefulSetScaleAsync(new V1Patch("""{"spec":{"replicas":1}}""", V1Patch.PatchType.MergePatch), "s", space);
        await cluster.GoneAsync(space, "s-1");
        Assert.Equal(["data-s-0", "data-s-1"], (await cluster.Client.ListNamespacedPersistentVolumeClaimAsync(space)).Items.Select(claim => claim.Metadata.Name));
    }

    [Fact]
    public async Task DaemonSet_RunsOncePerNode()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedDaemonSetAsync(new V1DaemonSet { Metadata = new V1ObjectMeta { Name = "d" }, Spec = new V1DaemonSetSpec { Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "d" } }, Template = Template("d", "sleep 300") } }, space);
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedDaemonSetAsync("d", space)).Status is { DesiredNumberScheduled: 1, NumberReady: 1 }, "its pod is ready");
        Assert.Single((await cluster.Client.ListNodeAsync()).Items);
    }

    [Fact]
    public async Task CustomResource_DefinedServedCheckedAndRemoved()
    {
        var space = await cluster.SpaceAsync();
        var group = $"{space}.example.com";
        string Definition(string more = "") => $$$$$$"""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"rollouts.{{{{{{group}}}}}}"},"spec":{"group":"{{{{{{group}}}}}}","scope":"Namespaced",
            "names":{"plural":"rollouts","singular":"rollout","kind":"Rollout"},"versions":[{"name":"v1alpha1","served":true,"storage":true,"subresources":{"status":{}},
            "schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","required":["replicas"],"properties":{"replicas":{"type":"integer","minimum":0},"mode":{"type":"string","enum":["blue","green"],"default":"blue"}}},"status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]}{{{{{{more}}}}}}}
            """;
        Assert.Equal(201, (await cluster.SendAsync(HttpMethod.Post, "apis/apiextensions.k8s.io/v1/customresourcedefinitions", Definition())).Status);
        var path = $"apis/{group}/v1alpha1/namespaces/{space}/rollouts";
        await cluster.UntilAsync(async () => (await cluster.SendAsync(HttpMethod.Get, path)).Status == 200, "the kind is served");
        Assert.Equal(422, (await cluster.SendAsync(HttpMethod.Post, path, """{"metadata":{"name":"r"},"spec":{"replicas":-1}}""")).Status);
        Assert.Equal(422, (await cluster.SendAsync(HttpMethod.Post, path, """{"metadata":{"name":"r"},"spec":{"mode":"red","replicas":1}}""")).Status);
        var (status, made, _) = await cluster.SendAsync(HttpMethod.Post, path, $$$"""{"apiVersion":"{{{group}}}/v1alpha1","kind":"Rollout","metadata":{"name":"r"},"spec":{"replicas":1,"unknown":2}}""");
        Assert.Equal((201, "blue"), (status, (string?)made!["spec"]!["mode"]));
        Assert.Null(made["spec"]!["unknown"]);
        Assert.Equal(415, (await cluster.SendAsync(HttpMethod.Patch, $"{path}/r", "{}", "application/strategic-merge-patch+json")).Status);
        Assert.Equal(200, (await cluster.SendAsync(HttpMethod.Patch, $"{path}/r?fieldManager=m", """{"spec":{"replicas":2}}""", "application/merge-patch+json")).Status);
        await cluster.SendAsync(HttpMethod.Delete, $"apis/apiextensions.k8s.io/v1/customresourcedefinitions/rollouts.{group}");
        await cluster.UntilAsync(async () => (await cluster.SendAsync(HttpMethod.Get, path)).Status == 404, "the kind is gone, and its objects");
    }
}
