using Google.Protobuf.WellKnownTypes;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Tests;

/// <summary>Diff: what changes, what that means, and what means nothing. None of it needs a cluster.</summary>
public sealed class DiffTests : IAsyncLifetime
{
    private const string Job = """{"metadata":{"name":"j"},"spec":{"backoffLimit":1,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"x:1","env":[{"name":"A","value":"1"}]}]}}}}""";
    private const string Deployment = """{"metadata":{"name":"d"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"x:1"}]}}}}""";
    private readonly Harness harness = new();

    public Task InitializeAsync() => harness.InitializeAsync();

    public Task DisposeAsync() => harness.DisposeAsync();

    private async Task<DiffResponse> BetweenAsync(string type, string before, string after, params string[] ignore)
    {
        var old = await harness.CheckAsync(type, "r", before);
        var live = Harness.Json(old);
        live["status"] = new System.Text.Json.Nodes.JsonObject { ["phase"] = "filled in by the cluster" };
        var state = WireWriter.Write(live);
        state.Fields["__inputs"] = Value.ForStruct(old);
        return await harness.DiffAsync(type, "r", ($"default/{(live["metadata"]?["name"] ?? live["name"])!.GetValue<string>()}", state, old), after, ignore);
    }

    [Theory]
    [InlineData("kubernetes:batch/v1:Job", Job, "x:1", "x:2", "spec.template.spec.containers[0].image", true)]
    [InlineData("kubernetes:batch/v1:Job", Job, "\"value\":\"1\"", "\"value\":\"2\"", "spec.template.spec.containers[0].env[0].value", true)]
    [InlineData("kubernetes:batch/v1:Job", Job, "\"backoffLimit\":1", "\"backoffLimit\":2", "spec.backoffLimit", false)]
    [InlineData("kubernetes:batch/v1:Job", Job, "\"backoffLimit\":1", "\"backoffLimit\":1,\"parallelism\":2", "spec.parallelism", true)]
    [InlineData("kubernetes:apps/v1:Deployment", Deployment, "x:1", "x:2", "spec.template.spec.containers[0].image", false)]
    [InlineData("kubernetes:apps/v1:Deployment", Deployment, "{\"a\":\"b\"}", "{\"a\":\"c\"}", "spec.selector.matchLabels.a", true)]
    [InlineData("kubernetes:core/v1:Service", """{"metadata":{"name":"s"},"spec":{"clusterIP":"10.0.0.1","ports":[{"port":80}]}}""", "10.0.0.1", "10.0.0.2", "spec.clusterIP", true)]
    [InlineData("kubernetes:core/v1:Service", """{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}""", "80", "81", "spec.ports[0].port", false)]
    [InlineData("kubernetes:core/v1:PersistentVolumeClaim", """{"metadata":{"name":"s"},"spec":{"storageClassName":"a","resources":{"requests":{"storage":"1Gi"}}}}""", "\"a\"", "\"b\"", "spec.storageClassName", true)]
    [InlineData("kubernetes:core/v1:PersistentVolumeClaim", """{"metadata":{"name":"s"},"spec":{"resources":{"requests":{"storage":"1Gi"}}}}""", "1Gi", "2Gi", "spec.resources.requests.storage", false)]
    [InlineData("kubernetes:core/v1:ConfigMap", """{"metadata":{"name":"m"},"data":{"k":"1"}}""", "\"1\"", "\"2\"", "data.k", true)]
    [InlineData("kubernetes:core/v1:Secret", """{"metadata":{"name":"m"},"stringData":{"k":"1"}}""", "\"1\"", "\"2\"", "data.k", true)]
    [InlineData("kubernetes:core/v1:Secret", """{"metadata":{"name":"m"},"type":"Opaque"}""", "Opaque", "example.com/x", "type", true)]
    [InlineData("kubernetes:core/v1:ConfigMap", """{"metadata":{"name":"m","labels":{"a":"1"}}}""", "\"1\"", "\"2\"", "metadata.labels.a", false)]
    [InlineData("kubernetes:core/v1:ConfigMap", """{"metadata":{"name":"m","labels":{"a.b/c":"1"}}}""", "\"1\"", "\"2\"", "metadata.labels[\"a.b/c\"]", false)]
    [InlineData("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", """{"metadata":{"name":"m"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"one"}}""", "\"one\"", "\"two\"", "roleRef.name", true)]
    [InlineData("kubernetes:core/v1:Pod", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"x:1"}]}}""", "x:1", "x:2", "spec.containers[0].image", true)]
    [InlineData("kubernetes:core/v1:ConfigMap", """{"metadata":{"name":"m","namespace":"one"}}""", "\"one\"", "\"two\"", "metadata.namespace", true)]
    [InlineData("kubernetes:core/v1:ConfigMapPatch", """{"metadata":{"name":"m"},"data":{"k":"1"}}""", "\"1\"", "\"2\"", "data.k", false)]
    [InlineData("kubernetes:helm.sh/v3:Release", """{"chart":"c","name":"n","values":{"a":1}}""", "\"a\":1", "\"a\":2", "values.a", false)]
    [InlineData("kubernetes:helm.sh/v3:Release", """{"chart":"c","name":"n"}""", "\"n\"", "\"o\"", "name", true)]
    public async Task Change_ReplacesWhereTheClusterRefusesIt(string type, string before, string from, string to, string path, bool replaces)
    {
        var response = await BetweenAsync(type, before, before.Replace(from, to, StringComparison.Ordinal));
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffSome, response.Changes);
        Assert.Contains(path, response.Diffs);
        Assert.Equal(replaces, response.Replaces.Count > 0);
        if (response.HasDetailedDiff)
        {
            Assert.Equal(replaces, response.DetailedDiff[path].Kind is PropertyDiff.Types.Kind.AddReplace or PropertyDiff.Types.Kind.UpdateReplace or PropertyDiff.Types.Kind.DeleteReplace);
        }
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"m"},"data":{"k":"1"}}""", """{"metadata":{"name":"m"},"data":{"k":"2"}}""", true)]
    [InlineData("""{"data":{"k":"1"}}""", """{"data":{"k":"2"}}""", false)]
    [InlineData("""{"metadata":{"name":"m"},"data":{"k":"1"}}""", """{"metadata":{"name":"n"},"data":{"k":"1"}}""", false)]
    public async Task Replacement_UnderTheSameName_DeletesFirst(string before, string after, bool expected)
    {
        var response = await BetweenAsync("kubernetes:core/v1:ConfigMap", before, after);
        Assert.NotEmpty(response.Replaces);
        Assert.Equal(expected, response.DeleteBeforeReplace);
    }

    [Theory]
    [InlineData("ConfigMap", "enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE")]
    [InlineData("Secret", "enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE")]
    public async Task MutableData_WhereAskedFor_ChangesInPlace(string kind, string setting, string variable)
    {
        var data = kind == "Secret" ? "stringData" : "data";
        async Task<bool> ReplacesAsync(string more = "") =>
            (await BetweenAsync($"kubernetes:core/v1:{kind}", $$"""{"metadata":{"name":"m"},"{{data}}":{"k":"1"}{{more}}}""", $$"""{"metadata":{"name":"m"},"{{data}}":{"k":"2"}{{more}}}""")).Replaces.Count > 0;
        Assert.True(await ReplacesAsync());
        await harness.ConfigureAsync($$"""{"context":"reco-local","{{setting}}":"true"}""");
        Assert.False(await ReplacesAsync());
        Assert.True(await ReplacesAsync(""","immutable":true"""));
        await harness.ConfigureAsync();
        harness.Environment[variable] = "true";
        await harness.ConfigureAsync();
        Assert.False(await ReplacesAsync());
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}""", """{"metadata":{"name":"s","namespace":"default"},"spec":{"ports":[{"port":80}]}}""")]
    [InlineData("""{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}""", """{"spec":{"ports":[{"port":80}]},"metadata":{"name":"s","labels":null}}""")]
    public async Task Forms_ThatMeanTheSame_AreNoChange(string before, string after)
    {
        var response = await BetweenAsync("kubernetes:core/v1:Service", before, after);
        Assert.True(response.Changes == DiffResponse.Types.DiffChanges.DiffNone, string.Join(", ", response.Diffs));
    }

    [Fact]
    public async Task IgnoredChanges_AreNone() =>
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await BetweenAsync("kubernetes:apps/v1:Deployment", Deployment, Deployment.Replace("\"replicas\":1", "\"replicas\":9", StringComparison.Ordinal), "spec.replicas")).Changes);

    [Fact]
    public async Task Drift_FoundByARefresh_Shows()
    {
        var old = await harness.CheckAsync("kubernetes:apps/v1:Deployment", "r", Deployment);
        var live = Harness.Json(old);
        live["spec"]!["replicas"] = 5;
        live["spec"]!["paused"] = true;
        var state = WireWriter.Write(live);
        state.Fields["__inputs"] = Value.ForStruct(old);
        var response = await harness.DiffAsync("kubernetes:apps/v1:Deployment", "r", ("default/d", state, old), Deployment);
        Assert.Equal(["spec.replicas"], response.Diffs);
    }

    [Fact]
    public async Task Unknown_NewValue_IsAChange()
    {
        var response = await BetweenAsync("kubernetes:core/v1:ConfigMap", """{"data":{"k":"1"}}""", $$$"""{"data":{"k":"{{{Signatures.Unknown}}}"}}""");
        Assert.Contains("data.k", response.Replaces);
    }
}
