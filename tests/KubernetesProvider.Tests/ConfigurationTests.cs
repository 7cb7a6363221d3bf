using System.Net;
using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Tests;

/// <summary>The provider's own arguments, and clusters that cannot be reached.</summary>
public sealed class ConfigurationTests : IAsyncLifetime
{
    private const string ConfigMap = "kubernetes:core/v1:ConfigMap";
    private readonly Harness harness = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => harness.DisposeAsync();

    private static string Kubeconfig(string server, string token = "t", string context = "main") => $$$"""
        {"apiVersion":"v1","kind":"Config","current-context":"{{{context}}}","clusters":[{"name":"c","cluster":{"server":"{{{server}}}"}},{"name":"d","cluster":{"server":"https://127.0.0.1:2"}}],
        "users":[{"name":"u","user":{"token":"{{{token}}}"}}],"contexts":[{"name":"main","context":{"cluster":"c","user":"u","namespace":"from-context"}},{"name":"other","context":{"cluster":"d","user":"u"}}]}
        """;

    private static string Settings(string kubeconfig, string more = "") => new System.Text.Json.Nodes.JsonObject { ["kubeconfig"] = kubeconfig }.ToJsonString()[..^1] + more + "}";

    private async Task<DiffResponse> DiffAsync(string before, string after) =>
        await harness.Provider.DiffConfig(new DiffRequest { Urn = Harness.Urn("pulumi:providers:kubernetes", "p"), Olds = Harness.Props(before), News = Harness.Props(after) }, null!);

    [Fact]
    public async Task DiffConfig_OtherCredentials_ReplaceNothing()
    {
        var response = await DiffAsync(Settings(Kubeconfig("https://one")), Settings(Kubeconfig("https://one", token: "new")));
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffSome, response.Changes);
        Assert.Empty(response.Replaces);
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await DiffAsync(Settings(Kubeconfig("https://one")), Settings(Kubeconfig("https://one")))).Changes);
    }

    [Fact]
    public async Task DiffConfig_AnotherCluster_ReplacesEverything()
    {
        Assert.Equal(["kubeconfig"], (await DiffAsync(Settings(Kubeconfig("https://one")), Settings(Kubeconfig("https://two")))).Replaces);
        Assert.Equal(["context"], (await DiffAsync(Settings(Kubeconfig("https://one"), ",\"context\":\"main\""), Settings(Kubeconfig("https://one"), ",\"context\":\"other\""))).Replaces);
        Assert.NotEmpty((await DiffAsync("""{"context":"reco-local"}""", Settings(Kubeconfig("https://one")))).Replaces);
        Assert.NotEmpty((await DiffAsync(Settings(Kubeconfig("https://one")), $$"""{"kubeconfig":"{{Signatures.Unknown}}"}""")).Replaces);
    }

    [Fact]
    public async Task DiffConfig_ClusterIdentifier_DecidesAlone()
    {
        Assert.Empty((await DiffAsync(Settings(Kubeconfig("https://one"), ",\"clusterIdentifier\":\"a\""), Settings(Kubeconfig("https://two"), ",\"clusterIdentifier\":\"a\""))).Replaces);
        Assert.Contains("clusterIdentifier", (await DiffAsync(Settings(Kubeconfig("https://one"), ",\"clusterIdentifier\":\"a\""), Settings(Kubeconfig("https://one"), ",\"clusterIdentifier\":\"b\""))).Replaces);
    }

    [Fact]
    public async Task CheckConfig_RenderingYaml_IsRefusedClearly()
    {
        var response = await harness.Provider.CheckConfig(new CheckRequest { Urn = Harness.Urn("pulumi:providers:kubernetes", "p"), News = Harness.Props("""{"renderYamlToDirectory":"out"}""") }, null!);
        Assert.Contains("official", response.Failures.Single().Reason);
    }

    [Fact]
    public async Task Kubeconfig_ContentPathContext_AllWork()
    {
        await harness.ConfigureAsync(Settings(Kubeconfig("https://127.0.0.1:1")));
        Assert.Equal("from-context", WireReader.Read(await harness.CheckAsync(ConfigMap, "m", "{}"))["metadata"]!["namespace"]!.GetValue<string>());
        var file = Path.Combine(harness.Folder, "kubeconfig");
        await File.WriteAllTextAsync(file, Kubeconfig("https://127.0.0.1:1"));
        await harness.ConfigureAsync(Settings(file));
        Assert.Equal("from-context", WireReader.Read(await harness.CheckAsync(ConfigMap, "m", "{}"))["metadata"]!["namespace"]!.GetValue<string>());
        await harness.ConfigureAsync(Settings(file, ",\"context\":\"other\""));
        Assert.Equal("default", WireReader.Read(await harness.CheckAsync(ConfigMap, "m", "{}"))["metadata"]!["namespace"]!.GetValue<string>());
        await harness.ConfigureAsync(Settings(file, ",\"context\":\"absent\""));
        var refused = await Harness.RefusedAsync(() => harness.CreateAsync(ConfigMap, "m", """{"metadata":{"name":"m"}}"""));
        Assert.Contains("it has: main, other", refused.Status.Detail);
    }

    [Fact]
    public async Task Unknown_Kubeconfig_NeverMeansTheAmbientCluster()
    {
        // A listener stands for the developer's own cluster: nobody may knock.
        using var ambient = new TcpListener(IPAddress.Loopback, 0);
        ambient.Start();
        var file = Path.Combine(harness.Folder, "ambient");
        await File.WriteAllTextAsync(file, Kubeconfig($"http://127.0.0.1:{((IPEndPoint)ambient.LocalEndpoint).Port}"));
        var before = Environment.GetEnvironmentVariable("KUBECONFIG");
        Environment.SetEnvironmentVariable("KUBECONFIG", file);
        try
        {
            await harness.ConfigureAsync($$"""{"kubeconfig":"{{Signatures.Unknown}}"}""");
            var inputs = await harness.CheckAsync(ConfigMap, "m", """{"metadata":{"name":"m"},"data":{"a":"b"}}""");
            var planned = await harness.Provider.Create(new CreateRequest { Urn = Harness.Urn(ConfigMap, "m"), Properties = inputs, Preview = true }, null!);
            Assert.Equal(inputs, planned.Properties);
            var refused = await Harness.RefusedAsync(async () => await harness.Provider.Create(new CreateRequest { Urn = Harness.Urn(ConfigMap, "m"), Properties = inputs }, null!));
            Assert.Contains("not known yet", refused.Status.Detail);
            Assert.False(ambient.Pending());
        }
        finally
        {
            Environment.SetEnvironmentVariable("KUBECONFIG", before);
        }
    }

    [Fact]
    public async Task Unreachable_PreviewWorks_UpdateSaysWhy()
    {
        await harness.ConfigureAsync(Settings(Kubeconfig("https://127.0.0.1:1")));
        var inputs = await harness.CheckAsync(ConfigMap, "m", """{"metadata":{"name":"m"},"data":{"a":"b"}}""");
        var planned = await harness.Provider.Create(new CreateRequest { Urn = Harness.Urn(ConfigMap, "m"), Properties = inputs, Preview = true }, null!);
        Assert.Equal(inputs, planned.Properties);
        var updated = await harness.Provider.Update(new UpdateRequest { Urn = Harness.Urn(ConfigMap, "m"), Id = "x/m", Olds = inputs, OldInputs = inputs, News = inputs, Preview = true }, null!);
        Assert.Equal(inputs, updated.Properties);
        var refused = await Harness.RefusedAsync(() => harness.CreateAsync(ConfigMap, "m", """{"metadata":{"name":"m"}}"""));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains("127.0.0.1:1", refused.Status.Detail);
        Assert.Contains("PULUMI_K8S_DELETE_UNREACHABLE", refused.Status.Detail);
    }

    [Fact]
    public async Task Unreachable_DeleteAndRead_DoAsTheSettingsSay()
    {
        var inputs = Harness.Props("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","namespace":"n"}}""");
        var old = ("n/m", inputs, inputs);
        await harness.ConfigureAsync(Settings(Kubeconfig("https://127.0.0.1:1")));
        Assert.Equal(StatusCode.Unavailable, (await Harness.RefusedAsync(() => harness.DeleteAsync(ConfigMap, "m", old))).StatusCode);
        Assert.Equal(StatusCode.Unavailable, (await Harness.RefusedAsync(() => harness.ReadAsync(ConfigMap, "m", "n/m", inputs, inputs))).StatusCode);

        harness.Environment["PULUMI_K8S_DELETE_UNREACHABLE"] = "true";
        await harness.ConfigureAsync(Settings(Kubeconfig("https://127.0.0.1:1")));
        await harness.DeleteAsync(ConfigMap, "m", old);
        Assert.Empty((await harness.ReadAsync(ConfigMap, "m", "n/m", inputs, inputs)).Id);
        Assert.Contains(harness.Logs, entry => entry.Severity == LogSeverity.Warning && entry.Message.Contains("counts as deleted", StringComparison.Ordinal));

        harness.Environment.Clear();
        await harness.ConfigureAsync(Settings(Kubeconfig("https://127.0.0.1:1"), ",\"skipUpdateUnreachable\":\"true\""));
        var kept = await harness.ReadAsync(ConfigMap, "m", "n/m", inputs, inputs);
        Assert.Equal(("n/m", inputs), (kept.Id, kept.Properties));
    }

    [Fact]
    public async Task Local_PreviewOfAClusterThatIsNotThere_MakesNone()
    {
        await harness.ConfigureAsync();
        var inputs = await harness.CheckAsync(ConfigMap, "m", """{"metadata":{"name":"m"}}""");
        await harness.Provider.Create(new CreateRequest { Urn = Harness.Urn(ConfigMap, "m"), Properties = inputs, Preview = true }, null!);
        await harness.DeleteAsync(ConfigMap, "m", ("default/m", inputs, inputs));
        Assert.Empty((await harness.ReadAsync(ConfigMap, "m", "default/m", inputs, inputs)).Id);
        Assert.False(Directory.Exists(Path.Combine(harness.Folder, ".reco")));
    }

    [Fact]
    public async Task Helm_IsPreviewedAndNeverInstalled()
    {
        const string Release = "kubernetes:helm.sh/v3:Release";
        await harness.ConfigureAsync($$"""{"kubeconfig":"{{Signatures.Unknown}}"}""");
        var inputs = await harness.CheckAsync(Release, "monitoring", """{"chart":"kube-prometheus-stack","repositoryOpts":{"repo":"https://example.invalid"},"values":{"a":1}}""");
        Assert.StartsWith("monitoring-", WireReader.Read(inputs)["name"]!.GetValue<string>());
        var planned = await harness.Provider.Create(new CreateRequest { Urn = Harness.Urn(Release, "monitoring"), Properties = inputs, Preview = true }, null!);
        Assert.Equal(inputs, planned.Properties);
        await harness.ConfigureAsync();
        var refused = await Harness.RefusedAsync(async () => await harness.Provider.Create(new CreateRequest { Urn = Harness.Urn(Release, "monitoring"), Properties = inputs }, null!));
        Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
        Assert.Contains("official engine", refused.Status.Detail);

        var shown = await harness.Provider.Invoke(new InvokeRequest { Tok = "kubernetes:helm:template", Args = Harness.Props("""{"jsonOpts":"{}"}"""), Preview = true }, null!);
        Assert.Empty(shown.Return.Fields["result"].ListValue.Values);
        Assert.Equal(StatusCode.Unimplemented, (await Harness.RefusedAsync(async () => await harness.Provider.Invoke(new InvokeRequest { Tok = "kubernetes:helm:template", Args = new Struct() }, null!))).StatusCode);
    }

    [Fact]
    public async Task Yaml_Manifests_AreDecoded()
    {
        await harness.ConfigureAsync();
        const string Text = """
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: a }
            data: { number: "1", flag: "true" }
            ---
            # nothing
            ---
            apiVersion: v1
            kind: ConfigMapList
            items:
            - apiVersion: v1
              kind: ConfigMap
              metadata: { name: b, namespace: own }
            - apiVersion: v1
              kind: Namespace
              metadata: { name: c }
            """;
        async Task<Struct> DecodeAsync(string text) => (await harness.Provider.Invoke(new InvokeRequest { Tok = "kubernetes:yaml:decode", Args = new Struct { Fields = { ["text"] = Value.ForString(text), ["defaultNamespace"] = Value.ForString("given") } } }, null!)).Return;
        var result = Harness.Json(await DecodeAsync(Text))["result"]!.AsArray();
        Assert.Equal(["a", "b", "c"], result.Select(item => item!["metadata"]!["name"]!.GetValue<string>()));
        Assert.Equal(["given", "own", null], result.Select(item => item!["metadata"]!["namespace"]?.GetValue<string>()));
        Assert.Equal("1", result[0]!["data"]!["number"]!.GetValue<string>());
        var broken = await Harness.RefusedAsync(() => DecodeAsync("a: [1"));
        Assert.Equal(StatusCode.InvalidArgument, broken.StatusCode);
        Assert.Contains("line ", broken.Status.Detail);
        Assert.Contains("metadata.name", (await Harness.RefusedAsync(() => DecodeAsync("apiVersion: v1\nkind: ConfigMap"))).Status.Detail);
    }
}
