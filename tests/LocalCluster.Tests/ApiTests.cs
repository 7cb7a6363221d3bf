using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Reco.LocalCluster.Tests;

/// <summary>The REST API, as the official client and plain HTTP see it.</summary>
public sealed class ApiTests(Cluster cluster) : IClassFixture<Cluster>
{
    private static V1ConfigMap Map(string name, string? label = null, params (string Key, string Value)[] data) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, Labels = label is null ? null : new Dictionary<string, string> { ["tier"] = label } },
        Data = data.ToDictionary(entry => entry.Key, entry => entry.Value),
    };

    private static V1Deployment Deployment(string name, int replicas = 0) => new()
    {
        Metadata = new V1ObjectMeta { Name = name },
        Spec = new V1DeploymentSpec
        {
            Replicas = replicas,
            Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = name } },
            Template = new V1PodTemplateSpec { Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = name } }, Spec = Cluster.Spec("sleep 1000") },
        },
    };

    private static async Task<(HttpStatusCode Code, JsonNode Status)> RefusedAsync(Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<HttpOperationException>(call);
        return (error.Response.StatusCode, JsonNode.Parse(error.Response.Content)!);
    }

    [Fact]
    public async Task Create_ThenGetReplaceDelete_KeepsIdentityAndVersions()
    {
        var space = await cluster.SpaceAsync();
        var made = await cluster.Client.CreateNamespacedConfigMapAsync(Map("a", data: ("k", "1")), space);
        Assert.NotEmpty(made.Metadata.Uid);
        Assert.Equal((HttpStatusCode.Conflict, "AlreadyExists"), Short(await RefusedAsync(() => cluster.Client.CreateNamespacedConfigMapAsync(Map("a"), space))));

        made.Data["k"] = "2";
        var replaced = await cluster.Client.ReplaceNamespacedConfigMapAsync(made, "a", space);
        Assert.Equal(made.Metadata.Uid, replaced.Metadata.Uid);
        Assert.True(long.Parse(replaced.Metadata.ResourceVersion) > long.Parse(made.Metadata.ResourceVersion));

        // The first version is stale by now.
        Assert.Equal((HttpStatusCode.Conflict, "Conflict"), Short(await RefusedAsync(() => cluster.Client.ReplaceNamespacedConfigMapAsync(made, "a", space))));
        var status = await cluster.Client.DeleteNamespacedConfigMapAsync("a", space);
        Assert.Equal("Success", status.Status);
        Assert.Equal((HttpStatusCode.NotFound, "NotFound"), Short(await RefusedAsync(() => cluster.Client.ReadNamespacedConfigMapAsync("a", space))));
    }

    [Fact]
    public async Task Create_GenerateNameAndDryRun_NamesAndStoresNothing()
    {
        var space = await cluster.SpaceAsync();
        var made = await cluster.Client.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { GenerateName = "gen-" } }, space);
        Assert.Matches("^gen-[a-z0-9]{5}$", made.Metadata.Name);
        var planned = await cluster.Client.CreateNamespacedConfigMapAsync(Map("planned"), space, dryRun: "All");
        Assert.Equal("planned", planned.Metadata.Name);
        var patched = await cluster.Client.PatchNamespacedConfigMapAsync(new V1Patch("""{"data":{"x":"1"}}""", V1Patch.PatchType.MergePatch), made.Metadata.Name, space, dryRun: "All");
        Assert.Equal("1", patched.Data["x"]);
        var there = await cluster.Client.ListNamespacedConfigMapAsync(space);
        Assert.Null(there.Items.Single(map => map.Metadata.Name == made.Metadata.Name).Data);
        Assert.DoesNotContain(there.Items, map => map.Metadata.Name == "planned");
    }

    [Theory]
    [InlineData("Strict", 400)]
    [InlineData("Warn", 201)]
    [InlineData("Ignore", 201)]
    public async Task Create_UnknownField_IsTreatedAsAsked(string validation, int expected)
    {
        var space = await cluster.SpaceAsync();
        var (status, body, headers) = await cluster.SendAsync(HttpMethod.Post, $"api/v1/namespaces/{space}/services?fieldValidation={validation}",
            """{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}],"clusterIp":"1.2.3.4"}}""");
        Assert.Equal(expected, status);
        if (expected == 400)
        {
            Assert.Contains("unknown field \"spec.clusterIp\"", (string)body!["message"]!);
        }
        else
        {
            Assert.Null(body!["spec"]!["clusterIp"]);
            Assert.Equal(validation == "Warn", headers.TryGetValues("Warning", out _));
        }
    }

    [Theory]
    [InlineData("api/v1/namespaces/{0}/configmaps", """{"metadata":{"name":"Upper"}}""", 422, "metadata.name")]
    [InlineData("api/v1/namespaces/{0}/configmaps", """{"metadata":{"name":"m"},"data":{"k":1}}""", 422, "data.k")]
    [InlineData("api/v1/namespaces/{0}/configmaps", """{"metadata":{"name":"m","labels":{"-bad":"x"}}}""", 422, "metadata.labels")]
    [InlineData("api/v1/namespaces/{0}/services", """{"metadata":{"name":"s"},"spec":{"type":"Cluster","ports":[{"port":1}]}}""", 422, "ClusterIP, NodePort, LoadBalancer, ExternalName")]
    [InlineData("api/v1/namespaces/{0}/services", """{"metadata":{"name":"s"},"spec":{"type":"NodePort","ports":[{"port":1,"nodePort":80}]}}""", 422, "30000-32767")]
    [InlineData("api/v1/namespaces/{0}/pods", """{"metadata":{"name":"p"},"spec":{"containers":[]}}""", 422, "spec.containers")]
    [InlineData("api/v1/namespaces/{0}/pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"x","resources":{"limits":{"memory":"1Gi"},"requests":{"memory":"2Gi"}}}]}}""", 422, "memory limit of 1Gi")]
    [InlineData("apis/batch/v1/namespaces/{0}/jobs", """{"metadata":{"name":"j"},"spec":{"template":{"spec":{"containers":[{"name":"a","image":"x"}]}}}}""", 422, "restartPolicy")]
    [InlineData("apis/batch/v1/namespaces/{0}/cronjobs", """{"metadata":{"name":"j"},"spec":{"schedule":"nonsense","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"a","image":"x"}]}}}}}}""", 422, "spec.schedule")]
    [InlineData("apis/apps/v1/namespaces/{0}/deployments", """{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"c"}},"spec":{"containers":[{"name":"a","image":"x"}]}}}}""", 422, "does not match")]
    [InlineData("apis/policy/v1/namespaces/{0}/poddisruptionbudgets", """{"metadata":{"name":"d"},"spec":{"minAvailable":1,"maxUnavailable":1}}""", 422, "cannot be both set")]
    [InlineData("api/v1/namespaces/{0}/configmaps", "{not json", 400, "cannot be read")]
    [InlineData("api/v1/namespaces/{0}/configmaps", "[]", 400, "must be an object")]
    [InlineData("api/v1/namespaces/{0}/configmaps", """{"kind":"Secret","metadata":{"name":"m"}}""", 400, "Secret")]
    [InlineData("api/v1/namespaces/nowhere/configmaps", """{"metadata":{"name":"m"}}""", 404, "nowhere")]
    [InlineData("apis/example.com/v1/namespaces/{0}/things", "{}", 404, "could not find")]
    public async Task Create_Malformed_SaysWhere(string path, string body, int expected, string message)
    {
        var space = await cluster.SpaceAsync();
        var (status, answer, _) = await cluster.SendAsync(HttpMethod.Post, string.Format(System.Globalization.CultureInfo.InvariantCulture, path, space), body);
        Assert.Equal(expected, status);
        Assert.Equal("Status", (string)answer!["kind"]!);
        Assert.Contains(message, (string)answer["message"]!);
    }

    [Fact]
    public async Task Update_ImmutableFields_AreRefused()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedDeploymentAsync(Deployment("d"), space);
        var selector = await RefusedAsync(() => cluster.Client.PatchNamespacedDeploymentAsync(new V1Patch("""{"spec":{"selector":{"matchLabels":{"x":"y"}},"template":{"metadata":{"labels":{"x":"y"}}}}}""", V1Patch.PatchType.MergePatch), "d", space));
        Assert.Contains("spec.selector: field is immutable", (string)selector.Status["message"]!);

        await cluster.Client.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "fixed" }, Immutable = true, Data = new Dictionary<string, string> { ["a"] = "1" } }, space);
        var data = await RefusedAsync(() => cluster.Client.PatchNamespacedConfigMapAsync(new V1Patch("""{"data":{"a":"2"}}""", V1Patch.PatchType.MergePatch), "fixed", space));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, data.Code);

        var job = new V1Job { Metadata = new V1ObjectMeta { Name = "j" }, Spec = new V1JobSpec { Suspend = true, Template = new V1PodTemplateSpec { Spec = Cluster.Spec("true", "Never") } } };
        await cluster.Client.CreateNamespacedJobAsync(job, space);
        var template = await RefusedAsync(() => cluster.Client.PatchNamespacedJobAsync(new V1Patch("""{"spec":{"template":{"spec":{"hostname":"x"}}}}""", V1Patch.PatchType.MergePatch), "j", space));
        Assert.Contains("spec.template: field is immutable", (string)template.Status["message"]!);

        await cluster.Client.CreateNamespacedServiceAsync(new V1Service { Metadata = new V1ObjectMeta { Name = "s" }, Spec = new V1ServiceSpec { Ports = [new V1ServicePort { Port = 80 }] } }, space);
        await cluster.UntilAsync(async () => (await cluster.Client.ReadNamespacedServiceAsync("s", space)).Spec.ClusterIP is not null, "the service has an address");
        var address = await RefusedAsync(() => cluster.Client.PatchNamespacedServiceAsync(new V1Patch("""{"spec":{"clusterIP":"127.9.9.9"}}""", V1Patch.PatchType.MergePatch), "s", space));
        Assert.Contains("spec.clusterIP", (string)address.Status["message"]!);

        // A replacement that does not say the address keeps it.
        var service = await cluster.Client.ReadNamespacedServiceAsync("s", space);
        var (kept, version) = (service.Spec.ClusterIP, service.Metadata.ResourceVersion);
        var replaced = await cluster.Client.ReplaceNamespacedServiceAsync(new V1Service { Metadata = new V1ObjectMeta { Name = "s", ResourceVersion = version }, Spec = new V1ServiceSpec { Ports = [new V1ServicePort { Port = 81 }] } }, "s", space);
        Assert.Equal(kept, replaced.Spec.ClusterIP);
    }

    [Fact]
    public async Task List_Pages_GiveEveryObjectOnce()
    {
        var space = await cluster.SpaceAsync();
        foreach (var i in Enumerable.Range(0, 7))
        {
            await cluster.Client.CreateNamespacedConfigMapAsync(Map($"m{i}", "x"), space);
        }

        var names = new List<string>();
        string? token = null;
        do
        {
            var page = await cluster.Client.ListNamespacedConfigMapAsync(space, labelSelector: "tier=x", limit: 3, continueParameter: token);
            Assert.InRange(page.Items.Count, 1, 3);
            names.AddRange(page.Items.Select(item => item.Metadata.Name));
            token = page.Metadata.ContinueProperty;
        }
        while (!string.IsNullOrEmpty(token));
        Assert.Equal(Enumerable.Range(0, 7).Select(i => $"m{i}"), names);
        Assert.Equal(400, (await cluster.SendAsync(HttpMethod.Get, $"api/v1/namespaces/{space}/configmaps?limit=2&continue=%25%25")).Status);
    }

    [Theory]
    [InlineData("tier=a", null, "a1,a2")]
    [InlineData("tier!=a", null, "b1,kube-root-ca.crt,none")]
    [InlineData("tier in (a, b),tier notin (b)", null, "a1,a2")]
    [InlineData("tier", null, "a1,a2,b1")]
    [InlineData("!tier", null, "kube-root-ca.crt,none")]
    [InlineData(null, "metadata.name=b1", "b1")]
    [InlineData(null, "metadata.name!=b1,metadata.name!=kube-root-ca.crt", "a1,a2,none")]
    public async Task List_Selectors_Select(string? labels, string? fields, string expected)
    {
        var space = await cluster.SpaceAsync();
        foreach (var (name, tier) in new[] { ("a1", "a"), ("a2", "a"), ("b1", "b"), ("none", null) })
        {
            await cluster.Client.CreateNamespacedConfigMapAsync(Map(name, tier), space);
        }

        await cluster.UntilAsync(async () => (await cluster.Client.ListNamespacedConfigMapAsync(space)).Items.Count == 5, "the namespace has its certificate");
        var list = await cluster.Client.ListNamespacedConfigMapAsync(space, labelSelector: labels, fieldSelector: fields);
        Assert.Equal(expected, string.Join(',', list.Items.Select(item => item.Metadata.Name)));
    }

    [Theory]
    [InlineData("fieldSelector=spec.secret%3Dx")]
    [InlineData("labelSelector=a%20b")]
    [InlineData("labelSelector=a%3D%24%24")]
    [InlineData("dryRun=Some", "POST")]
    public async Task Query_NotUnderstood_IsRefused(string query, string method = "GET")
    {
        var space = await cluster.SpaceAsync();
        var (status, _, _) = await cluster.SendAsync(new HttpMethod(method), $"api/v1/namespaces/{space}/configmaps?{query}", method == "POST" ? """{"metadata":{"name":"x"}}""" : null);
        Assert.Equal(400, status);
    }

    [Fact]
    public async Task Patch_JsonMergeAndStrategic_Change()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedDeploymentAsync(Deployment("d"), space);
        var json = await cluster.Client.PatchNamespacedDeploymentAsync(new V1Patch("""[{"op":"test","path":"/spec/replicas","value":0},{"op":"add","path":"/metadata/annotations","value":{"a":"b"}},{"op":"replace","path":"/spec/minReadySeconds","value":3}]""".Replace("replace", "add", StringComparison.Ordinal), V1Patch.PatchType.JsonPatch), "d", space);
        Assert.Equal(("b", 3), (json.Metadata.Annotations["a"], json.Spec.MinReadySeconds));
        var failed = await RefusedAsync(() => cluster.Client.PatchNamespacedDeploymentAsync(new V1Patch("""[{"op":"test","path":"/spec/replicas","value":9}]""", V1Patch.PatchType.JsonPatch), "d", space));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, failed.Code);

        // Strategic: a second container by its name, an environment variable by its own; a merge patch would have lost the first.
        var strategic = await cluster.Client.PatchNamespacedDeploymentAsync(new V1Patch(
            """{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"localhost/exec"},{"name":"main","env":[{"name":"A","value":"1"}]}]}}}}""", V1Patch.PatchType.StrategicMergePatch), "d", space);
        Assert.Equal(["main", "side"], strategic.Spec.Template.Spec.Containers.Select(container => container.Name).Order());
        Assert.Equal("1", strategic.Spec.Template.Spec.Containers.Single(container => container.Name == "main").Env.Single().Value);
        var deleted = await cluster.Client.PatchNamespacedDeploymentAsync(new V1Patch("""{"spec":{"template":{"spec":{"containers":[{"name":"side","$patch":"delete"}]}}}}""", V1Patch.PatchType.StrategicMergePatch), "d", space);
        Assert.Equal("main", deleted.Spec.Template.Spec.Containers.Single().Name);
        Assert.Equal(415, (await cluster.SendAsync(HttpMethod.Patch, $"apis/apps/v1/namespaces/{space}/deployments/d", "{}", "text/plain")).Status);
    }

    [Fact]
    public async Task Apply_Managers_OwnConflictForceAndGiveUp()
    {
        var space = await cluster.SpaceAsync();
        async Task<(int Status, JsonNode Body)> ApplyAsync(string manager, string data, bool force = false)
        {
            var (status, body, _) = await cluster.SendAsync(HttpMethod.Patch, $"api/v1/namespaces/{space}/configmaps/m?fieldManager={manager}&force={(force ? "true" : "false")}",
                $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{{data}}}""", "application/apply-patch+yaml");
            return (status, body!);
        }

        Assert.Equal(201, (await ApplyAsync("one", """{"a":"1","b":"1"}""")).Status);
        Assert.Equal(200, (await ApplyAsync("two", """{"b":"1","c":"1"}""")).Status);
        var conflict = await ApplyAsync("two", """{"b":"2","c":"1"}""");
        Assert.Equal(409, conflict.Status);
        Assert.Contains("conflict with \"one\"", (string)conflict.Body["message"]!);
        Assert.Equal(".data.b", (string)conflict.Body["details"]!["causes"]![0]!["field"]!);
        Assert.Equal(200, (await ApplyAsync("two", """{"b":"2","c":"1"}""", force: true)).Status);

        // One gives up a; b is two's now.
        var after = (await ApplyAsync("one", "{}")).Body["data"]!;
        Assert.Equal("""{"b":"2","c":"1"}""", after.ToJsonString());

        // Another kind of write takes a field over; the next apply of the same value has to ask.
        await cluster.Client.PatchNamespacedConfigMapAsync(new V1Patch("""{"data":{"c":"hand"}}""", V1Patch.PatchType.MergePatch), "m", space, fieldManager: "editor");
        var edited = await ApplyAsync("two", """{"b":"2","c":"1"}""");
        Assert.Equal(409, edited.Status);
        Assert.Contains("\"editor\"", (string)edited.Body["message"]!);
        Assert.Equal(400, (await ApplyAsync("", "{}")).Status);
    }

    [Fact]
    public async Task Apply_KeyedLists_KeepEntriesOfOthers()
    {
        var space = await cluster.SpaceAsync();
        async Task<JsonNode> ApplyAsync(string manager, string spec)
        {
            var (status, body, _) = await cluster.SendAsync(HttpMethod.Patch, $"apis/apps/v1/namespaces/{space}/deployments/d?fieldManager={manager}",
                $$"""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{{spec}}}""", "application/apply-patch+yaml");
            Assert.True(status < 300, body!.ToJsonString());
            return body!["spec"]!["template"]!["spec"]!["containers"]!;
        }

        const string Base = """{"replicas":0,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"main","image":"localhost/exec","env":[{"name":"X","value":"1"},{"name":"Y","value":"1"}]}]}}}""";
        await ApplyAsync("one", Base);
        await ApplyAsync("two", """{"template":{"spec":{"containers":[{"name":"side","image":"localhost/exec"}]}}}""");
        var containers = await ApplyAsync("one", Base.Replace(""",{"name":"Y","value":"1"}""", "", StringComparison.Ordinal));
        Assert.Equal(["main", "side"], containers.AsArray().Select(container => (string)container!["name"]!));
        Assert.Equal("X", (string)containers[0]!["env"]!.AsArray().Single()!["name"]!);
        var alone = await ApplyAsync("two", "{}");
        Assert.Equal("main", (string)alone.AsArray().Single()!["name"]!);
    }

    [Fact]
    public async Task Apply_ServicePorts_KeepWhatTheClusterChose()
    {
        var space = await cluster.SpaceAsync();
        async Task<JsonNode> ApplyAsync(string ports)
        {
            var (_, body, _) = await cluster.SendAsync(HttpMethod.Patch, $"api/v1/namespaces/{space}/services/s?fieldManager=one",
                $$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"type":"NodePort","ports":{{{ports}}}}}""", "application/apply-patch+yaml");
            return body!;
        }

        await ApplyAsync("""[{"name":"http","port":80}]""");
        int? chosen = null;
        await cluster.UntilAsync(async () => (chosen = (await cluster.Client.ReadNamespacedServiceAsync("s", space)).Spec.Ports[0].NodePort) is not null, "a node port is chosen");
        var again = await ApplyAsync("""[{"name":"http","port":80},{"name":"more","port":81}]""");
        Assert.Equal(chosen, (int)again["spec"]!["ports"]![0]!["nodePort"]!);
    }

    [Fact]
    public async Task Subresources_StatusAndScale_ChangeTheirPartOnly()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedDeploymentAsync(Deployment("d"), space);
        var (status, body, _) = await cluster.SendAsync(HttpMethod.Patch, $"apis/apps/v1/namespaces/{space}/deployments/d/status", """{"spec":{"replicas":5},"status":{"collisionCount":7}}""", "application/merge-patch+json");
        Assert.Equal((200, 0, 7), (status, (int)body!["spec"]!["replicas"]!, (int)body["status"]!["collisionCount"]!));
        var main = await cluster.Client.PatchNamespacedDeploymentAsync(new V1Patch("""{"status":{"collisionCount":9},"spec":{"minReadySeconds":1}}""", V1Patch.PatchType.MergePatch), "d", space);
        Assert.Equal((1, 7), (main.Spec.MinReadySeconds, main.Status.CollisionCount));

        var scale = await cluster.Client.ReadNamespacedDeploymentScaleAsync("d", space);
        Assert.Equal(0, scale.Spec.Replicas);
        scale.Spec.Replicas = 2;
        await cluster.Client.ReplaceNamespacedDeploymentScaleAsync(scale, "d", space);
        Assert.Equal(2, (await cluster.Client.ReadNamespacedDeploymentAsync("d", space)).Spec.Replicas);
        await cluster.Client.PatchNamespacedDeploymentScaleAsync(new V1Patch("""{"spec":{"replicas":0}}""", V1Patch.PatchType.MergePatch), "d", space);
        Assert.Equal(0, (await cluster.Client.ReadNamespacedDeploymentAsync("d", space)).Spec.Replicas);
        Assert.Equal(404, (await cluster.SendAsync(HttpMethod.Get, $"api/v1/namespaces/{space}/configmaps/kube-root-ca.crt/status")).Status);
        Assert.Equal(501, (await cluster.SendAsync(HttpMethod.Get, $"api/v1/namespaces/{space}/pods/x/exec")).Status);
    }

    [Fact]
    public async Task Delete_Finalizers_HoldUntilTheyAreGone()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedConfigMapAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "held", Finalizers = ["example.com/hold"] } }, space);
        await cluster.SendAsync(HttpMethod.Delete, $"api/v1/namespaces/{space}/configmaps/held");
        var held = await cluster.Client.ReadNamespacedConfigMapAsync("held", space);
        Assert.NotNull(held.Metadata.DeletionTimestamp);
        await cluster.Client.PatchNamespacedConfigMapAsync(new V1Patch("""{"metadata":{"finalizers":null}}""", V1Patch.PatchType.MergePatch), "held", space);
        Assert.Equal(HttpStatusCode.NotFound, (await RefusedAsync(() => cluster.Client.ReadNamespacedConfigMapAsync("held", space))).Code);
    }

    [Fact]
    public async Task Delete_Preconditions_AreChecked()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedConfigMapAsync(Map("m"), space);
        var refused = await RefusedAsync(() => cluster.Client.DeleteNamespacedConfigMapAsync("m", space, new V1DeleteOptions { Preconditions = new V1Preconditions { Uid = Guid.NewGuid().ToString() } }));
        Assert.Equal(HttpStatusCode.Conflict, refused.Code);
        Assert.Equal(400, (await cluster.SendAsync(HttpMethod.Delete, $"api/v1/namespaces/{space}/configmaps/m?propagationPolicy=Sometimes")).Status);
    }

    [Fact]
    public async Task Delete_Propagation_OrphansOrTakesDependents()
    {
        var space = await cluster.SpaceAsync();
        async Task<V1ConfigMap> ChildAsync(string name, V1ConfigMap owner) => await cluster.Client.CreateNamespacedConfigMapAsync(new V1ConfigMap
        {
            Metadata = new V1ObjectMeta { Name = name, OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = owner.Metadata.Name, Uid = owner.Metadata.Uid }] },
        }, space);
        var (kept, gone, slow) = (await cluster.Client.CreateNamespacedConfigMapAsync(Map("kept"), space), await cluster.Client.CreateNamespacedConfigMapAsync(Map("gone"), space), await cluster.Client.CreateNamespacedConfigMapAsync(Map("slow"), space));
        await ChildAsync("kept-child", kept);
        await ChildAsync("gone-child", gone);
        var child = await ChildAsync("slow-child", slow);
        await ChildAsync("slow-grandchild", child);
        await cluster.Client.PatchNamespacedConfigMapAsync(new V1Patch("""{"metadata":{"finalizers":["example.com/hold"]}}""", V1Patch.PatchType.MergePatch), "slow-grandchild", space);

        await cluster.SendAsync(HttpMethod.Delete, $"api/v1/namespaces/{space}/configmaps/kept", """{"propagationPolicy":"Orphan"}""");
        await cluster.SendAsync(HttpMethod.Delete, $"api/v1/namespaces/{space}/configmaps/gone", """{"propagationPolicy":"Background"}""");
        await cluster.SendAsync(HttpMethod.Delete, $"api/v1/namespaces/{space}/configmaps/slow", """{"propagationPolicy":"Foreground"}""");
        async Task<string[]> NamesAsync() => [.. (await cluster.Client.ListNamespacedConfigMapAsync(space)).Items.Select(item => item.Metadata.Name).Where(name => name != "kube-root-ca.crt")];
        await cluster.UntilAsync(async () => !(await NamesAsync()).Any(name => name.StartsWith("gone", StringComparison.Ordinal)), "the dependent goes with its owner");

        // An owner that waits for its dependents waits for theirs, too.
        Assert.Equal(["kept-child", "slow", "slow-child", "slow-grandchild"], await NamesAsync());
        Assert.Null((await cluster.Client.ReadNamespacedConfigMapAsync("kept-child", space)).Metadata.OwnerReferences);
        await cluster.Client.PatchNamespacedConfigMapAsync(new V1Patch("""{"metadata":{"finalizers":null}}""", V1Patch.PatchType.MergePatch), "slow-grandchild", space);
        await cluster.UntilAsync(async () => (await NamesAsync()) is ["kept-child"], "the owner goes last");
    }

    [Fact]
    public async Task Delete_Namespace_TakesItsContent()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedDeploymentAsync(Deployment("d", replicas: 1), space);
        await cluster.UntilAsync(async () => (await cluster.Client.ListNamespacedPodAsync(space)).Items.Count == 1, "the deployment has its pod");
        await cluster.Client.DeleteNamespaceAsync(space);
        await cluster.UntilAsync(async () => (await cluster.SendAsync(HttpMethod.Get, $"api/v1/namespaces/{space}")).Status == 404, "the namespace is gone");
        Assert.DoesNotContain((await cluster.Client.ListPodForAllNamespacesAsync()).Items, pod => pod.Metadata.NamespaceProperty == space);
    }

    [Fact]
    public async Task Watch_Selector_SeesObjectsComeAndGo()
    {
        var space = await cluster.SpaceAsync();
        var list = await cluster.Client.ListNamespacedConfigMapAsync(space, labelSelector: "tier=a");
        var seen = new List<string>();
        using var limit = new CancellationTokenSource(Cluster.Patience);
        var watching = Task.Run(async () =>
        {
            await foreach (var (type, item) in cluster.Client.CoreV1.WatchListNamespacedConfigMapAsync(space, labelSelector: "tier=a", resourceVersion: list.Metadata.ResourceVersion, cancellationToken: limit.Token))
            {
                seen.Add($"{type} {item.Metadata.Name}");
                if (seen.Count == 4)
                {
                    return;
                }
            }
        });
        await cluster.Client.CreateNamespacedConfigMapAsync(Map("m", "b"), space);
        await cluster.Client.PatchNamespacedConfigMapAsync(new V1Patch("""{"metadata":{"labels":{"tier":"a"}}}""", V1Patch.PatchType.MergePatch), "m", space);
        await cluster.Client.PatchNamespacedConfigMapAsync(new V1Patch("""{"data":{"x":"y"}}""", V1Patch.PatchType.MergePatch), "m", space);
        await cluster.Client.PatchNamespacedConfigMapAsync(new V1Patch("""{"metadata":{"labels":{"tier":"b"}}}""", V1Patch.PatchType.MergePatch), "m", space);
        await cluster.Client.CreateNamespacedConfigMapAsync(Map("n", "a"), space);
        await watching;
        Assert.Equal(["Added m", "Modified m", "Deleted m", "Added n"], seen);
    }

    [Fact]
    public async Task Watch_InitialEventsAndBookmark_ThenChanges()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedConfigMapAsync(Map("first", "w"), space);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(cluster.Client.BaseUri, $"api/v1/namespaces/{space}/configmaps?watch=true&labelSelector=tier%3Dw&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=30"));
        request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", cluster.Configuration.AccessToken);
        using var response = await cluster.Client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var first = JsonNode.Parse((await reader.ReadLineAsync())!)!;
        Assert.Equal(("ADDED", "first"), ((string)first["type"]!, (string)first["object"]!["metadata"]!["name"]!));
        var bookmark = JsonNode.Parse((await reader.ReadLineAsync())!)!;
        Assert.Equal(("BOOKMARK", "true"), ((string)bookmark["type"]!, (string)bookmark["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]!));
        await cluster.Client.CreateNamespacedConfigMapAsync(Map("second", "w"), space);
        Assert.Equal("second", (string)JsonNode.Parse((await reader.ReadLineAsync())!)!["object"]!["metadata"]!["name"]!);
    }

    [Fact]
    public async Task Watch_VersionUnknown_IsGone()
    {
        var (status, body, _) = await cluster.SendAsync(HttpMethod.Get, "api/v1/configmaps?watch=true&resourceVersion=999999999&timeoutSeconds=5");
        Assert.Equal((410, "Expired"), (status, (string)body!["reason"]!));
    }

    [Fact]
    public async Task Update_ManyAtOnce_LosesNone()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedConfigMapAsync(Map("shared"), space);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => cluster.Client.PatchNamespacedConfigMapAsync(new V1Patch($$$"""{"data":{"k{{{i}}}":"v"}}""", V1Patch.PatchType.MergePatch), "shared", space)));
        Assert.Equal(40, (await cluster.Client.ReadNamespacedConfigMapAsync("shared", space)).Data.Count);
    }

    [Fact]
    public async Task Body_TooLarge_IsRefusedWhole()
    {
        var space = await cluster.SpaceAsync();
        var large = JsonSerializer.Serialize(new { metadata = new { name = "large" }, data = new { k = new string('x', (1 << 20) + 1) } });
        Assert.Equal(422, (await cluster.SendAsync(HttpMethod.Post, $"api/v1/namespaces/{space}/configmaps", large)).Status);
        var huge = JsonSerializer.Serialize(new { metadata = new { name = "huge" }, data = new { k = new string('x', 4 << 20) } });
        Assert.Equal(413, (await cluster.SendAsync(HttpMethod.Post, $"api/v1/namespaces/{space}/configmaps", huge)).Status);
    }

    [Fact]
    public async Task Discovery_NamesKindsSubresourcesAndSchemas()
    {
        var resources = await cluster.Client.AppsV1.GetAPIResourcesAsync();
        Assert.Contains(resources.Resources, resource => resource is { Name: "deployments", Kind: "Deployment" });
        Assert.Contains(resources.Resources, resource => resource is { Name: "deployments/scale", Kind: "Scale" });
        Assert.Equal("1", (await cluster.Client.Version.GetCodeAsync()).Major);
        var index = (await cluster.SendAsync(HttpMethod.Get, "openapi/v3")).Body!["paths"]!.AsObject();
        var document = (await cluster.SendAsync(HttpMethod.Get, ((string)index["apis/apps/v1"]!["serverRelativeURL"]!).TrimStart('/'))).Body!;
        Assert.Contains("replicas", document["components"]!["schemas"]!["V1DeploymentSpec"]!["properties"]!.AsObject().Select(property => property.Key));
    }

    [Fact]
    public async Task Unenforced_Kinds_SaySoInWarningAndEvent()
    {
        var space = await cluster.SpaceAsync();
        var (status, _, headers) = await cluster.SendAsync(HttpMethod.Post, $"apis/networking.k8s.io/v1/namespaces/{space}/networkpolicies", """{"metadata":{"name":"deny"},"spec":{"podSelector":{},"policyTypes":["Ingress"]}}""");
        Assert.Equal(201, status);
        Assert.Contains("not enforced", string.Join(' ', headers.GetValues("Warning")));
        await cluster.UntilAsync(async () => (await cluster.Client.CoreV1.ListNamespacedEventAsync(space)).Items.Any(entry => entry is { Reason: "NotEnforcedLocally", Type: "Warning" } && entry.InvolvedObject.Name == "deny"), "an event says it");
    }

    [Fact]
    public async Task LongNames_AreStored()
    {
        var space = await cluster.SpaceAsync();
        var name = string.Concat(Enumerable.Repeat("a.", 126)) + "b";
        await cluster.Client.CreateNamespacedConfigMapAsync(Map(name, data: ("k", "v")), space);
        Assert.Equal("v", (await cluster.Client.ReadNamespacedConfigMapAsync(name, space)).Data["k"]);
    }

    private static (HttpStatusCode, string) Short((HttpStatusCode Code, JsonNode Status) refused) => (refused.Code, (string)refused.Status["reason"]!);
}
