using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using k8s;
using Reco.Protocol;

namespace Reco.Providers.Kubernetes.Tests;

/// <summary>Create, update, read and delete on the real local cluster.</summary>
public sealed class LifecycleTests(Harness harness) : IClassFixture<Harness>
{
    private const string ConfigMap = "kubernetes:core/v1:ConfigMap";
    private const string Job = "kubernetes:batch/v1:Job";
    private const string Deployment = "kubernetes:apps/v1:Deployment";

    private static string JobOf(string space, string script, string more = "", string annotations = "{}") =>
        $$$$$"""{"metadata":{"name":"j","namespace":"{{{{{space}}}}}","annotations":{{{{{annotations}}}}}},"spec":{"backoffLimit":0,{{{{{more}}}}}"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"localhost/exec","command":["/bin/sh","-c","{{{{{script}}}}}"]}]}}}}""";

    private static string DeploymentOf(string space, string script, string more = "", string annotations = "{}") =>
        $$$$$"""{"metadata":{"name":"d","namespace":"{{{{{space}}}}}","annotations":{{{{{annotations}}}}}},"spec":{{{{{{more}}}}}"selector":{"matchLabels":{"app":"d"}},"template":{"metadata":{"labels":{"app":"d"}},"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"main","image":"localhost/exec","command":["/bin/sh","-c","{{{{{script}}}}}"]}]}}}}""";

    private static string MapOf(string space, string data, string more = "") => $$"""{"metadata":{"name":"m","namespace":"{{space}}"{{more}}},"data":{{data}}}""";

    [Fact]
    public async Task ConfigMap_Lives_ItsWholeLife()
    {
        var space = await harness.SpaceAsync();
        var made = await harness.CreateAsync(ConfigMap, "m", MapOf(space, """{"a":"1","b":"1"}"""));
        Assert.Equal($"{space}/m", made.Id);
        Assert.StartsWith("pulumi-kubernetes-", made.State.Fields["__fieldManager"].StringValue);

        // Fields that leave the program leave the object; those of others stay.
        using var client = new k8s.Kubernetes(k8s.KubernetesClientConfiguration.BuildConfigFromConfigFile(harness.Kubeconfig));
        await client.CoreV1.PatchNamespacedConfigMapAsync(new k8s.Models.V1Patch("""{"data":{"theirs":"x"}}""", k8s.Models.V1Patch.PatchType.MergePatch), "m", space, fieldManager: "somebody");
        var updated = await harness.UpdateAsync(ConfigMap, "m", made, MapOf(space, """{"a":"2"}"""));
        Assert.Equal("""{"a":"2","theirs":"x"}""", new JsonObject(Harness.Json(updated.State)["data"]!.AsObject().OrderBy(entry => entry.Key).Select(entry => KeyValuePair.Create(entry.Key, entry.Value?.DeepClone()))).ToJsonString());

        var read = await harness.ReadAsync(ConfigMap, "m", made.Id, updated.State, updated.Inputs);
        Assert.Equal(Harness.Json(updated.Inputs)["data"]!.ToJsonString(), Harness.Json(read.Inputs)["data"]!.ToJsonString());
        await harness.DeleteAsync(ConfigMap, "m", updated);
        Assert.Empty((await harness.ReadAsync(ConfigMap, "m", made.Id, updated.State, updated.Inputs)).Id);
        await harness.DeleteAsync(ConfigMap, "m", updated);
    }

    [Fact]
    public async Task Create_OfWhatIsThere_IsRefused_AndUpsertTakesItOver()
    {
        var space = await harness.SpaceAsync();
        await harness.CreateAsync(ConfigMap, "m", MapOf(space, """{"a":"1"}"""));
        var refused = await Harness.RefusedAsync(() => harness.CreateAsync(ConfigMap, "again", MapOf(space, """{"a":"2"}""")));
        Assert.Contains("exists already", refused.Status.Detail);
        Assert.Contains("import", refused.Status.Detail);
    }

    [Fact]
    public async Task Conflict_NamesManagerAndField_AndPatchForceTakesOver()
    {
        var space = await harness.SpaceAsync();
        var made = await harness.CreateAsync(ConfigMap, "m", MapOf(space, """{"a":"1"}"""));
        using var client = new k8s.Kubernetes(k8s.KubernetesClientConfiguration.BuildConfigFromConfigFile(harness.Kubeconfig));
        await client.CoreV1.PatchNamespacedConfigMapAsync(new k8s.Models.V1Patch("""{"data":{"a":"theirs"}}""", k8s.Models.V1Patch.PatchType.MergePatch), "m", space, fieldManager: "somebody");
        var refused = await Harness.RefusedAsync(() => harness.UpdateAsync(ConfigMap, "m", made, MapOf(space, """{"a":"2"}""")));
        Assert.Contains("\"somebody\"", refused.Status.Detail);
        Assert.Contains(".data.a", refused.Status.Detail);
        Assert.Contains("pulumi.com/patchForce", refused.Status.Detail);
        var forced = await harness.UpdateAsync(ConfigMap, "m", made, MapOf(space, """{"a":"2"}""", ""","annotations":{"pulumi.com/patchForce":"true"}"""));
        Assert.Equal("2", Harness.Json(forced.State)["data"]!["a"]!.GetValue<string>());
    }

    [Fact]
    public async Task Import_ReadsAllThatAPersonSet()
    {
        var space = await harness.SpaceAsync();
        await harness.CreateAsync(Deployment, "d", DeploymentOf(space, "sleep 300", "\"replicas\":0,"));
        var read = await harness.ReadAsync(Deployment, "imported", $"{space}/d");
        var inputs = Harness.Json(read.Inputs);
        Assert.Equal((0L, "localhost/exec"), (inputs["spec"]!["replicas"]!.GetValue<long>(), inputs["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!.GetValue<string>()));
        Assert.Null(inputs["status"]);
        Assert.Null(inputs["metadata"]!["uid"]);

        // What was read is no change, and no mistake either.
        var again = await harness.CheckRawAsync(Deployment, "imported", inputs.ToJsonString(), read.Inputs);
        Assert.Empty(again.Failures);
        var diff = await harness.Provider.Diff(new DiffRequest { Urn = Harness.Urn(Deployment, "imported"), Id = read.Id, Olds = read.Properties, OldInputs = read.Inputs, News = again.Inputs }, null!);
        Assert.True(diff.Changes == DiffResponse.Types.DiffChanges.DiffNone, string.Join(", ", diff.Diffs));
    }

    [Fact]
    public async Task Job_Complete_ShowsItsLogOnTheWay()
    {
        var space = await harness.SpaceAsync();
        var made = await harness.CreateAsync(Job, "j", JobOf(space, "for i in 1 2 3; do echo epoch $i; sleep 0.3; done"));
        Assert.Equal(1, Harness.Json(made.State)["status"]!["succeeded"]!.GetValue<long>());
        Assert.Contains(harness.Logs, entry => entry is { Ephemeral: true } && entry.Message == "epoch 3");
    }

    [Fact]
    public async Task Job_Failed_TellsTheLastLines_AndTheStateKeepsIt()
    {
        var space = await harness.SpaceAsync();
        var refused = await Harness.RefusedAsync(() => harness.CreateAsync(Job, "j", JobOf(space, "echo reading /data/x.csv; echo line 7: bad number; exit 3")));
        var failed = Harness.InitFailed(refused);
        Assert.Equal($"{space}/j", failed.Id);
        var reasons = string.Join('\n', failed.Reasons);
        Assert.Contains("BackoffLimitExceeded", reasons);
        Assert.Contains("exit code 3", reasons);
        Assert.Contains("line 7: bad number", reasons);

        // The next update replaces it: the template cannot change, and where asked, an unready Job is replaced as it is.
        var old = (failed.Id, failed.Properties, failed.Inputs);
        Assert.NotEmpty((await harness.DiffAsync(Job, "j", old, JobOf(space, "true"))).Replaces);
        Assert.Empty((await harness.DiffAsync(Job, "j", old, JobOf(space, "echo reading /data/x.csv; echo line 7: bad number; exit 3"))).Replaces);
        Assert.Contains("metadata.annotations[\"pulumi.com/replaceUnready\"]", (await harness.DiffAsync(Job, "j", old, JobOf(space, "echo reading /data/x.csv; echo line 7: bad number; exit 3", annotations: """{"pulumi.com/replaceUnready":"true"}"""))).Replaces);

        // Refresh says the same.
        var refreshed = await Harness.RefusedAsync(() => harness.ReadAsync(Job, "j", failed.Id, failed.Properties, failed.Inputs));
        Assert.Contains("BackoffLimitExceeded", string.Join('\n', Harness.InitFailed(refreshed).Reasons));
        await harness.DeleteAsync(Job, "j", old);
    }

    [Fact]
    public async Task Deployment_NotReadyInTime_TellsWhy_AndRecovers()
    {
        var space = await harness.SpaceAsync();
        var refused = await Harness.RefusedAsync(() => harness.CreateAsync(Deployment, "d", DeploymentOf(space, "echo no model found; exit 9", "\"minReadySeconds\":60,"), timeout: 3));
        var failed = Harness.InitFailed(refused);
        var reasons = string.Join('\n', failed.Reasons);
        Assert.Contains("was not ready within 3 seconds", reasons);
        Assert.Contains("0 of 1 replicas", reasons);
        Assert.Contains("exit code 9", reasons);
        var repaired = await harness.UpdateAsync(Deployment, "d", (failed.Id, failed.Properties, failed.Inputs), DeploymentOf(space, "sleep 300"));
        Assert.Equal(1, Harness.Json(repaired.State)["status"]!["availableReplicas"]!.GetValue<long>());
    }

    [Fact]
    public async Task Deployment_ImageMissing_IsNamed()
    {
        var space = await harness.SpaceAsync();
        var refused = await Harness.RefusedAsync(() => harness.CreateAsync(Deployment, "d", DeploymentOf(space, "true").Replace("localhost/exec", "reco.local/nothing:1", StringComparison.Ordinal), timeout: 3));
        Assert.Contains("ErrImagePull", string.Join('\n', Harness.InitFailed(refused).Reasons));
    }

    [Fact]
    public async Task SkipAwait_AndTimeoutSeconds_AreFollowed()
    {
        var space = await harness.SpaceAsync();
        await harness.CreateAsync(Job, "j", JobOf(space, "sleep 300", annotations: """{"pulumi.com/skipAwait":"true"}"""));
        var refused = await Harness.RefusedAsync(() => harness.CreateAsync(Deployment, "d", DeploymentOf(space, "exit 1", "\"minReadySeconds\":60,", annotations: """{"pulumi.com/timeoutSeconds":"2"}"""), timeout: 0));
        Assert.Contains("within 2 seconds", string.Join('\n', Harness.InitFailed(refused).Reasons));
    }

    [Fact]
    public async Task WaitFor_Conditions_ReplaceTheBuiltInOnes()
    {
        var space = await harness.SpaceAsync();
        var made = await harness.CreateAsync(Job, "j", JobOf(space, "sleep 300", annotations: """{"pulumi.com/waitFor":"jsonpath={.status.active}=1"}"""));
        Assert.Equal(1, Harness.Json(made.State)["status"]!["active"]!.GetValue<long>());
        var refused = await Harness.RefusedAsync(() => harness.CreateAsync(ConfigMap, "m", MapOf(space, "{}", ""","annotations":{"pulumi.com/waitFor":"condition"}""")));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
    }

    [Fact]
    public async Task Cancel_WhileWaiting_LeavesTheObjectInTheState()
    {
        var space = await harness.SpaceAsync();
        await using var provider = harness.Make();
        await Harness.ConfigureAsync(provider, """{"context":"reco-local"}""");
        var inputs = await harness.CheckAsync(Job, "j", JobOf(space, "sleep 300"));
        var creating = provider.Create(new CreateRequest { Urn = Harness.Urn(Job, "cancelled"), Properties = inputs, Timeout = 600 }, null!);
        while (!harness.Logs.Any(entry => entry.Urn == Harness.Urn(Job, "cancelled") && entry.Message.Contains("active", StringComparison.Ordinal)))
        {
            await Task.Delay(50);
            Assert.False(creating.IsCompleted);
        }

        await provider.Cancel(new Empty(), null!);
        var refused = await Harness.RefusedAsync(() => creating);
        var failed = Harness.InitFailed(refused);
        Assert.Equal($"{space}/j", failed.Id);
        Assert.Contains("cancelled while waiting", failed.Reasons[0]);
    }

    [Fact]
    public async Task Delete_PropagationPolicy_Orphans()
    {
        var space = await harness.SpaceAsync();
        var made = await harness.CreateAsync(Deployment, "d", DeploymentOf(space, "sleep 300", annotations: """{"pulumi.com/deletionPropagationPolicy":"orphan"}"""));
        await harness.DeleteAsync(Deployment, "d", made);
        using var client = new k8s.Kubernetes(k8s.KubernetesClientConfiguration.BuildConfigFromConfigFile(harness.Kubeconfig));
        Assert.Single((await client.AppsV1.ListNamespacedReplicaSetAsync(space)).Items);
        Assert.Single((await client.CoreV1.ListNamespacedPodAsync(space)).Items);
    }

    [Fact]
    public async Task Delete_Foreground_EndsWhenTheProcessesHave()
    {
        var space = await harness.SpaceAsync();
        var made = await harness.CreateAsync(Deployment, "d", DeploymentOf(space, "sleep 300"));
        await harness.DeleteAsync(Deployment, "d", made);
        using var client = new k8s.Kubernetes(k8s.KubernetesClientConfiguration.BuildConfigFromConfigFile(harness.Kubeconfig));
        Assert.Empty((await client.CoreV1.ListNamespacedPodAsync(space)).Items);
    }

    [Fact]
    public async Task Service_IsReady_WhenItsPodsAre()
    {
        var space = await harness.SpaceAsync();
        await harness.CreateAsync(Deployment, "d", DeploymentOf(space, "sleep 300"));
        var made = await harness.CreateAsync("kubernetes:core/v1:Service", "s", $$$"""{"metadata":{"name":"s","namespace":"{{{space}}}"},"spec":{"type":"LoadBalancer","selector":{"app":"d"},"ports":[{"port":8080}]}}""");
        Assert.NotNull(Harness.Json(made.State)["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]);
    }

    [Fact]
    public async Task Patch_TakesAndGivesBack_FieldsOfAnObjectOfOthers()
    {
        var space = await harness.SpaceAsync();
        const string Type = "kubernetes:core/v1:ConfigMapPatch";
        var missing = await Harness.RefusedAsync(() => harness.CreateAsync(Type, "p", MapOf(space, """{"extra":"1"}""")));
        Assert.Contains("is not there to be patched", missing.Status.Detail);
        var whole = await harness.CreateAsync(ConfigMap, "m", MapOf(space, """{"a":"1"}"""));
        var patch = await harness.CreateAsync(Type, "p", MapOf(space, """{"extra":"1"}"""));
        Assert.Equal(["a", "extra"], Harness.Json(patch.State)["data"]!.AsObject().Select(entry => entry.Key).Order());
        var changed = await harness.UpdateAsync(Type, "p", patch, MapOf(space, """{"extra":"2"}"""));
        await harness.DeleteAsync(Type, "p", changed);
        var left = await harness.ReadAsync(ConfigMap, "m", whole.Id, whole.State, whole.Inputs);
        Assert.Equal("""{"a":"1"}""", Harness.Json(left.Properties)["data"]!.ToJsonString());
    }

    [Fact]
    public async Task Custom_WithoutDefinition_IsRefusedClearly_AndWithOneMade()
    {
        var space = await harness.SpaceAsync();
        var group = $"{space}.example.com";
        var type = $"kubernetes:{group}/v1:Widget";
        var inputs = $$$"""{"apiVersion":"{{{group}}}/v1","kind":"Widget","metadata":{"name":"w","namespace":"{{{space}}}"},"spec":{"size":3}}""";
        var planned = await harness.Provider.Create(new CreateRequest { Urn = Harness.Urn(type, "w"), Properties = await harness.CheckAsync(type, "w", inputs), Preview = true }, null!);
        Assert.Equal(3, Harness.Json(planned.Properties)["spec"]!["size"]!.GetValue<long>());

        // At once, in the wrong order, as a program without a declared dependency would.
        var widget = harness.CreateAsync(type, "w", inputs);
        var definition = await harness.CreateAsync("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", "crd", $$$$$$$$"""
            {"metadata":{"name":"widgets.{{{{{{{{group}}}}}}}}"},"spec":{"group":"{{{{{{{{group}}}}}}}}","scope":"Namespaced","names":{"plural":"widgets","singular":"widget","kind":"Widget"},
            "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"size":{"type":"integer"}}}}}}}]}}
            """);
        var made = await widget;
        Assert.Equal($"{space}/w", made.Id);
        await harness.DeleteAsync(type, "w", made);
        await harness.DeleteAsync("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", "crd", definition);
    }

    [Fact]
    public async Task Warnings_OfTheCluster_AreShownOnce()
    {
        var space = await harness.SpaceAsync();
        foreach (var name in new[] { "one", "two" })
        {
            await harness.CreateAsync("kubernetes:networking.k8s.io/v1:NetworkPolicy", name, $$$"""{"metadata":{"name":"{{{name}}}","namespace":"{{{space}}}"},"spec":{"podSelector":{},"policyTypes":["Ingress"]}}""");
        }

        Assert.Single(harness.Logs, entry => entry.Severity == LogSeverity.Warning && entry.Message.Contains("NetworkPolicy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ingress_WhereNothingServesIt_IsNotWaitedFor()
    {
        var space = await harness.SpaceAsync();
        await harness.CreateAsync("kubernetes:networking.k8s.io/v1:Ingress", "i", $$$$$$"""{"metadata":{"name":"i","namespace":"{{{{{{space}}}}}}"},"spec":{"defaultBackend":{"service":{"name":"s","port":{"number":80}}}}}""", timeout: 20);
    }

    [Fact]
    public async Task Preview_AsksTheClusterWhatItWouldDo()
    {
        var space = await harness.SpaceAsync();
        var inputs = await harness.CheckAsync("kubernetes:core/v1:Service", "s", $$$"""{"metadata":{"name":"s","namespace":"{{{space}}}"},"spec":{"ports":[{"port":80}]}}""");
        var planned = await harness.Provider.Create(new CreateRequest { Urn = Harness.Urn("kubernetes:core/v1:Service", "s"), Properties = inputs, Preview = true }, null!);
        Assert.Equal("ClusterIP", Harness.Json(planned.Properties)["spec"]!["type"]!.GetValue<string>());
        Assert.Empty((await harness.ReadAsync("kubernetes:core/v1:Service", "s", $"{space}/s")).Id);
    }

    [Fact]
    public async Task Launcher_TwoAtOnce_ShareOneCluster()
    {
        var other = new Harness();
        try
        {
            await using var second = other.Make();
            await Harness.ConfigureAsync(other.Provider, """{"context":"reco-local"}""");
            await Harness.ConfigureAsync(second, """{"context":"reco-local"}""");
            async Task<CreateResponse> MakeAsync(KubernetesProvider provider, string name) => await provider.Create(
                new CreateRequest { Urn = Harness.Urn(ConfigMap, name), Properties = Harness.Props($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","namespace":"default"}}""") }, null!);
            var made = await Task.WhenAll(MakeAsync(other.Provider, "one"), MakeAsync(second, "two"));
            Assert.Equal(["default/one", "default/two"], made.Select(response => response.Id));
            foreach (var response in made)
            {
                await other.Provider.Delete(new DeleteRequest { Urn = Harness.Urn(ConfigMap, "m"), Id = response.Id, Properties = response.Properties }, null!);
            }
        }
        finally
        {
            await other.DisposeAsync();
        }
    }
}
