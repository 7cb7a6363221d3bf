using System.Text.Json.Nodes;

namespace Reco.Infra.Tests.Components;

public sealed class TrainingTests
{
    [Fact]
    public async Task Job_Distributed_IsIndexedAndWorkersFindTheFirst()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Kubernetes(("trainingWorkers", "4")));
        var spec = objects.Get("Job").At("spec")!;
        Assert.Equal(("Indexed", "4", "4"), (spec.Text("completionMode"), spec.Text("completions"), spec.Text("parallelism")));
        var (pod, container) = (spec.At("template.spec")!, spec.At("template.spec.containers.0")!);
        var service = objects.Get("Service", "training-workers");
        Assert.Equal("None", service.Text("spec.clusterIP"));
        Assert.Equal("true", service.Text("spec.publishNotReadyAddresses"));
        Assert.Equal(service.Text("metadata.name"), pod.Text("subdomain"));
        Assert.Equal("4", container.Env("WORLD_SIZE"));
        Assert.Equal("$(JOB_NAME)-0.training-workers", container.Env("MASTER_ADDR"));
        Assert.Equal(service.Text("spec.ports.0.port"), container.Env("MASTER_PORT"));
        Assert.Equal("metadata.annotations['batch.kubernetes.io/job-completion-index']",
            container.List("env").Single(variable => variable.Text("name") == "RANK").Text("valueFrom.fieldRef.fieldPath"));
        // $(JOB_NAME) is expanded only where it stands before.
        var names = container.List("env").Select(variable => variable.Text("name")).ToList();
        Assert.True(names.IndexOf("JOB_NAME") < names.IndexOf("MASTER_ADDR"));
    }

    [Fact]
    public async Task Job_OfOneWorker_HasNoServiceAndNoRank()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Kubernetes());
        Assert.DoesNotContain(objects.Of("Service"), service => service.Text("metadata.name") == "training-workers");
        Assert.Null(objects.Get("Job").At("spec.completionMode"));
        Assert.Null(objects.Get("Job").At("spec.template.spec.containers.0").Env("RANK"));
    }

    [Fact]
    public async Task Job_OnSpotNodes_OutlivesThem()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Kubernetes(("trainingSpot", "true")));
        var spec = objects.Get("Job").At("spec")!;
        var rules = spec.List("podFailurePolicy.rules").ToArray();
        Assert.Equal(("Ignore", "DisruptionTarget"), (rules[0].Text("action"), rules[0].Text("onPodConditions.0.type")));
        Assert.Equal(("FailJob", "2"), (rules[1].Text("action"), rules[1].Text("onExitCodes.values.0")));
        Assert.Equal("Never", spec.Text("template.spec.restartPolicy"));
        Assert.Contains(spec.List("template.spec.tolerations"), toleration => toleration.Text("key") == "kubernetes.azure.com/scalesetpriority");
        var container = spec.At("template.spec.containers.0");
        var mount = container.List("volumeMounts").Single(item => item.Text("mountPath") == container.Env("RECO_CHECKPOINT_DIR"));
        Assert.Equal("training-checkpoints", spec.List("template.spec.volumes").Single(volume => volume.Text("name") == mount.Text("name")).Text("persistentVolumeClaim.claimName"));
        Assert.Contains(objects.Of("PersistentVolumeClaim"), claim => claim.Text("metadata.name") == "training-checkpoints");
    }

    [Fact]
    public async Task Job_WithGpus_TakesTheirShareOfTheNode()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Kubernetes(("trainingGpus", "2"), ("trainingGpuType", "t4")));
        var container = objects.Get("Job").At("spec.template.spec.containers.0");
        Assert.Equal(("6", "40Gi", "2"), (container.Text("resources.requests.cpu"), container.Text("resources.limits.memory"), container.Text("resources.limits|nvidia.com/gpu")));
        Assert.Contains(container.List("volumeMounts"), mount => mount.Text("mountPath") == "/dev/shm");
    }

    [Fact]
    public async Task Job_Limits_ComeFromTheConfiguration()
    {
        var spec = (await RegisteredObjects.RunAsync(Configurations.Kubernetes(("trainingDeadlineHours", "6"), ("trainingRetries", "3")))).Get("Job").At("spec");
        Assert.Equal(("21600", "3"), (spec.Text("activeDeadlineSeconds"), spec.Text("backoffLimit")));
        // The cluster would remove it, and the next refresh would train again.
        Assert.Null(spec.At("ttlSecondsAfterFinished"));
    }

    [Fact]
    public async Task Identity_OfTheCloud_IsSaidWhereTheWebhookLooks()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        Assert.Equal("11111111-2222-3333-4444-555555555555", objects.Get("ServiceAccount", "training").Text("metadata.annotations|azure.workload.identity/client-id"));
        Assert.All(new[] { "spec.template", "spec.jobTemplate.spec.template", "spec.jobTargetRef.template" }.Zip(new[] { "Job", "CronJob", "ScaledJob" }), pair =>
            Assert.Equal("true", objects.Get(pair.Second).Text($"{pair.First}.metadata.labels|azure.workload.identity/use")));
    }

    [Fact]
    public async Task NetworkPolicy_TrainingPods_AreCalledByWorkersOnly()
    {
        var spec = (await RegisteredObjects.RunAsync(Configurations.Kubernetes())).Get("NetworkPolicy", "training").At("spec");
        var rule = Assert.Single(spec.List("ingress"));
        Assert.Equal("reco-training", Assert.Single(rule.List("from")).Text("podSelector.matchLabels|app.kubernetes.io/name"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Retraining_ByTheClock_RunsWhatTheJobRuns(bool kubernetes)
    {
        var config = kubernetes ? Configurations.Kubernetes() : new Dictionary<string, string>();
        config["retrainSchedule"] = "30 2 * * *";
        config["epochs"] = "7";
        var objects = await RegisteredObjects.RunAsync(config);
        var spec = objects.Get("CronJob").At("spec")!;
        Assert.Equal(("30 2 * * *", "Etc/UTC", "Forbid"), (spec.Text("schedule"), spec.Text("timeZone"), spec.Text("concurrencyPolicy")));
        Assert.Equal("604800", spec.Text("jobTemplate.spec.ttlSecondsAfterFinished"));
        Assert.True(JsonNode.DeepEquals(objects.Get("Job").At("spec.template"), spec.At("jobTemplate.spec.template")));
        Assert.Contains("--result-configmap=reco/model-release", spec.List("jobTemplate.spec.template.spec.containers.0.args").Select(argument => argument.ToString()));
    }

    [Fact]
    public async Task Retraining_WithoutASchedule_IsNotThere() => Assert.False((await RegisteredObjects.RunAsync()).Has("CronJob"));

    [Fact]
    public async Task Queue_OwnQuota_CoversTheJob()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        var (local, cluster, flavour) = (objects.Get("LocalQueue"), objects.Get("ClusterQueue"), objects.Get("ResourceFlavor"));
        Assert.Equal(cluster.Text("metadata.name"), local.Text("spec.clusterQueue"));
        Assert.Equal(flavour.Text("metadata.name"), cluster.Text("spec.resourceGroups.0.flavors.0.name"));
        var quotas = cluster.List("spec.resourceGroups.0.flavors.0.resources").ToDictionary(quota => quota.Text("name")!, quota => quota.Text("nominalQuota"));
        Assert.Equal(cluster.List("spec.resourceGroups.0.coveredResources").Select(name => name.ToString()), quotas.Keys);
        Assert.Equal("8", quotas["nvidia.com/gpu"]);
        Assert.Equal("reco", cluster.Text("spec.namespaceSelector.matchLabels|kubernetes.io/metadata.name"));
        Assert.Equal("models", objects.Get("Job").Text("metadata.labels|kueue.x-k8s.io/queue-name"));
        Assert.Equal("models", objects.Get("CronJob").Text("spec.jobTemplate.metadata.labels|kueue.x-k8s.io/queue-name"));
    }

    [Fact]
    public async Task Queue_OfSomebodyElse_IsOnlyNamed()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Kubernetes(("trainingQueue", "shared")));
        Assert.Equal("shared", objects.Get("Job").Text("metadata.labels|kueue.x-k8s.io/queue-name"));
        Assert.False(objects.Has("ClusterQueue"));
    }

    [Fact]
    public async Task Trigger_OneMessage_StartsOneRunAtATime()
    {
        var objects = await RegisteredObjects.RunAsync(Configurations.Everything());
        var spec = objects.Get("ScaledJob").At("spec")!;
        Assert.Equal("1", spec.Text("maxReplicaCount"));
        Assert.Equal(("azure-queue", "retrain", "shopevents"), (spec.Text("triggers.0.type"), spec.Text("triggers.0.metadata.queueName"), spec.Text("triggers.0.metadata.accountName")));
        // Else the message would start the next run when this one ends.
        Assert.Contains("--trigger-queue=https://shopevents.queue.core.windows.net/retrain", spec.List("jobTargetRef.template.spec.containers.0.args").Select(argument => argument.ToString()));
        Assert.Equal("azure-workload", objects.Get("TriggerAuthentication").Text("spec.podIdentity.provider"));
        Assert.Equal(objects.Get("TriggerAuthentication").Text("metadata.name"), spec.Text("triggers.0.authenticationRef.name"));
    }
}
