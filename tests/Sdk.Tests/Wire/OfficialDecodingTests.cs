using System.Text.Json.Nodes;
using Google.Protobuf;
using Reco.Protocol;
using Reco.Sdk.Tests.Support;

namespace Reco.Sdk.Tests.Wire;

/// <summary>What this SDK sends, read by the official Node SDK's own definitions and deserializer (which moves a secret inside a list or
/// object up to the whole property).</summary>
public sealed class OfficialDecodingTests
{
    [NodeFact]
    public async Task Register_EveryKindOfValue_IsReadAsItWasMeant()
    {
        var requests = await DecodeAsync("values");
        var second = Registration(requests, "second");
        Same("""
            {
              "text": {"<secret>": "one-first-id-x"}, "number": 1.5, "list": {"<secret>": ["a", "one!", "s"]}, "map": {"k": "v", "o": "first-id"},
              "either": "text", "nested": {"<secret>": {"deep": "deep"}}, "nestedList": [{"deep": "1"}, {"deep": "2"}],
              "json": {"a": [1, "b", null, {"c": true}]}, "any": ["x", 1, false], "asJson": "{ \"deep\": \"inside\" }"
            }
            """, second["properties"]);
        Same("""{ "text": "one", "number": 1, "flag": true, "level": "high", "kind": 2, "list": [], "map": {}, "nestedList": [] }""", Registration(requests, "first")["properties"]);
        Same("""{ "<asset>": "StringAsset" }""", Registration(requests, "assets")["properties"]!["asset"]);
        Same("""{ "<asset>": "AssetArchive" }""", Registration(requests, "assets")["properties"]!["archive"]);
        // A reference to a resource whose class the reader does not have is its id.
        Assert.Equal("first-id", (string?)Registration(requests, "resource")["properties"]!["any"]);
        var outputs = Single(requests, nameof(RegisterResourceOutputsRequest));
        Same("""{"<secret>": "hush"}""", outputs["properties"]!["secret"]);
        Assert.Equal("open", (string?)outputs["properties"]!["unsecret"]);
    }

    [NodeFact]
    public async Task Register_InPreview_SendsUnknowns()
    {
        var requests = await DecodeAsync("values", dryRun: true);
        var properties = Registration(requests, "second")["properties"]!;
        Assert.Equal("<unknown>", (string?)properties["map"]!["o"]);
        Assert.Equal("<unknown>", (string?)properties["text"]);
        Assert.Equal("v", (string?)properties["map"]!["k"]);
    }

    [NodeFact]
    public async Task Register_EveryOption_IsReadAsItWasMeant()
    {
        var requests = await DecodeAsync("options");
        var second = Registration(requests, "second")["message"]!;
        Assert.Equal("urn:pulumi:dev::shop::sample:index:Thing::first", (string?)second["parent"]);
        Same("""["urn:pulumi:dev::shop::sample:index:Thing::first"]""", second["dependenciesList"]);
        Same("""["text", "map.k"]""", second["ignorechangesList"]);
        Same("""["number"]""", second["replaceonchangesList"]);
        Same("""["text"]""", second["additionalsecretoutputsList"]);
        Same("""{ "create": "300000000000ns", "update": "90000000000ns", "pb_delete": "3600000000000ns", "read": "" }""", second["customtimeouts"]);
        Assert.True((bool)second["deletebeforereplace"]! && (bool)second["deletebeforereplacedefined"]! && (bool)second["retainondelete"]!);
        Assert.True((bool)second["protect"]!);
        Assert.Equal(("there-already", "1.2.3"), ((string?)second["importid"], (string?)second["version"]));
        var aliases = second["aliasesList"]!.AsArray();
        Assert.Equal(["old", "", "", "", "", null], aliases.Select(alias => (string?)alias!["spec"]?["name"]));
        Assert.Equal("sample:index:Old", (string?)aliases[1]!["spec"]!["type"]);
        Assert.True((bool)aliases[2]!["spec"]!["noparent"]!);
        Assert.Equal("urn:pulumi:dev::shop::sample:index:Thing::parent", (string?)aliases[3]!["spec"]!["parenturn"]);
        Assert.Equal(("other", "stack"), ((string?)aliases[4]!["spec"]!["project"], (string?)aliases[4]!["spec"]!["stack"]));
        Assert.Equal("urn:pulumi:dev::shop::sample:index:Thing::whole", (string?)aliases[5]!["urn"]);
        Assert.Equal("urn:pulumi:dev::shop::sample:index:Thing::first", (string?)Registration(requests, "third")["message"]!["deletedwith"]);
        Assert.Equal("urn:pulumi:dev::shop::pulumi:providers:sample::provider::provider-id", (string?)Registration(requests, "first")["message"]!["provider"]);
        var read = Single(requests, nameof(ReadResourceRequest))["message"]!;
        Assert.Equal(("read", "first-id", "sample:index:Thing"), ((string?)read["name"], (string?)read["id"], (string?)read["type"]));
    }

    [NodeFact]
    public async Task Read_StackReference_IsReadAsItWasMeant()
    {
        var requests = await DecodeAsync("references");
        var reads = requests.Where(request => (string?)request["type"] == nameof(ReadResourceRequest)).ToDictionary(request => (string)request["message"]!["name"]!);
        Assert.Equal("org/platform/prod", (string?)reads["org/platform/prod"]["message"]!["id"]);
        Assert.Equal("org/platform/staging", (string?)reads["platform"]["message"]!["id"]);
        Same("""{ "name": "org/platform/staging" }""", reads["platform"]["properties"]);
        var user = Registration(requests, "user")["properties"]!;
        Assert.Equal("http://shop/v1", (string?)user["text"]);
        Same("""{"<secret>": { "token": "hush", "shown": "yes" }}""", user["map"]);
    }

    [NodeFact]
    public async Task InvokeAndCall_WithOutputs_AreReadAsTheyWereMeant()
    {
        var requests = await DecodeAsync("invokes");
        var invokes = requests.Where(request => (string?)request["type"] == nameof(ResourceInvokeRequest)).ToDictionary(request => (string)request["message"]!["tok"]!);
        Same("""{ "text": "who", "tags": ["a"] }""", invokes["sample:index:plain"]["properties"]);
        Assert.Equal("2.0.0", (string?)invokes["sample:index:plain"]["message"]!["version"]);
        Same("""{ "text": "x", "tags": ["x"] }""", invokes["sample:index:output"]["properties"]);
        var call = Single(requests, nameof(ResourceCallRequest));
        Assert.Equal("sample:index:Thing/ask", (string?)call["message"]!["tok"]);
        Assert.Equal("first-id", (string?)call["properties"]!["__self__"]);
        // Methods get their arguments as outputs, with dependencies.
        Assert.Equal("<output>", (string?)call["properties"]!["text"]);
        Assert.Contains("urn:pulumi:dev::shop::sample:index:Thing::first", call["message"]!["argdependenciesMap"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [NodeFact]
    public async Task Log_EverySeverity_IsReadAsItWasMeant()
    {
        var logs = (await DecodeAsync("config")).Where(request => (string?)request["type"] == nameof(LogRequest))
            .Select(request => ((int)request["message"]!["severity"]!, (string)request["message"]!["message"]!));
        Assert.Equal([(1, "reading"), (2, "careful"), (0, "details")], logs);
    }

    [NodeFact]
    public async Task Transforms_OfResources_AreReadAsTheyWereMeant()
    {
        var requests = await DecodeAsync("transforms");
        var callback = Registration(requests, "transformed")["message"]!["transformsList"]![0]!;
        Assert.StartsWith("127.0.0.1:", (string?)callback["target"], StringComparison.Ordinal);
        Same("""{ "text": "after", "list": [], "map": "<output>", "nestedList": [] }""", Single(requests, nameof(TransformResponse))["properties"]);
    }

    [NodeFact]
    public async Task InvokeTransform_OfTheStack_IsReadAsItWasMeant()
    {
        await using var engine = await FakeEngine.StartAsync();
        var exitCode = await EngineRun.RunAsync(engine, () => Pulumi.Deployment.RunAsync(() =>
            Pulumi.Deployment.Instance.RegisterInvokeTransform((args, _) => Task.FromResult<Pulumi.InvokeTransformResult?>(null))));
        Assert.Equal(0, exitCode);
        var callback = (await DecodeAsync(engine)).Single(request => (string?)request["method"] == "RegisterStackInvokeTransform")["message"]!;
        Assert.NotEmpty((string)callback["token"]!);
    }

    [NodeFact]
    public async Task RegisterPackage_Parameterised_IsReadAsItWasMeant()
    {
        var requests = await DecodeAsync("package");
        var package = Single(requests, nameof(RegisterPackageRequest))["message"]!;
        Assert.Equal(("base", "1.0.0", "https://example.com"), ((string?)package["name"], (string?)package["version"], (string?)package["downloadUrl"]));
        Assert.Equal(("param", "2.0.0", "AQID"), ((string?)package["parameterization"]!["name"], (string?)package["parameterization"]!["version"], (string?)package["parameterization"]!["value"]));
        Assert.Equal("base-ref", (string?)Registration(requests, "parameterised")["message"]!["packageref"]);
    }

    [NodeFact]
    public async Task Components_LocalAndRemote_AreReadAsTheyWereMeant()
    {
        var requests = await DecodeAsync("components");
        var remote = Registration(requests, "remote");
        Assert.True((bool)remote["message"]!["remote"]!);
        Assert.Equal("x", (string?)remote["properties"]!["plain"]);
        Assert.Contains("\"sample\"", remote["message"]!["providersMap"]!.ToJsonString(), StringComparison.Ordinal);
        var leaf = Registration(requests, "group-leaf")["message"]!;
        Assert.Equal("urn:pulumi:dev::shop::sample:index:Group::group", (string?)leaf["parent"]);
        Assert.EndsWith("::provider::provider-id", (string?)leaf["provider"], StringComparison.Ordinal);
    }

    [NodeFact]
    public async Task Run_ToItsEnd_SignalsIt()
    {
        var requests = await DecodeAsync("stack");
        Assert.Single(requests, request => (string?)request["method"] == "SignalAndWaitForShutdown");
        Assert.Equal("SignalAndWaitForShutdown", (string?)requests[^1]["method"]);
        Same("""{ "text": "x", "Secret": {"<secret>": "hush"} }""", Single(requests, nameof(RegisterResourceOutputsRequest))["properties"]);
    }

    [NodeFact]
    public async Task Register_KubernetesResources_AreReadAsTheyWereMeant()
    {
        var requests = await DecodeAsync("kubernetes");
        var deployment = requests.Single(request => (string?)request["message"]!["type"] == "kubernetes:apps/v1:Deployment");
        Assert.Equal("4.34.2", (string?)deployment["message"]!["version"]);
        Assert.Equal("apps/v1", (string?)deployment["properties"]!["apiVersion"]);
        Same("""{ "maxUnavailable": 0, "maxSurge": "25%" }""", deployment["properties"]!["spec"]!["strategy"]!["rollingUpdate"]);
        Assert.Contains("kubernetes:extensions/v1beta1:Deployment", deployment["message"]!["aliasesList"]!.ToJsonString(), StringComparison.Ordinal);
        var secret = Registration(requests, "keys");
        Same("""{ "<secret>": { "key": "hush", "plain": "open" } }""", secret["properties"]!["stringData"]);
        Same("""["data", "stringData"]""", secret["message"]!["additionalsecretoutputsList"]);
        var cluster = Registration(requests, "cluster")["properties"]!;
        Assert.Equal(("true", "none"), ((string?)cluster["enableServerSideApply"], (string?)cluster["kubeconfig"]));
        Same("""{ "burst": 10, "qps": 2.5 }""", JsonNode.Parse((string)cluster["kubeClientSettings"]!));
    }

    private static JsonNode Registration(IEnumerable<JsonNode> requests, string name)
        => requests.Single(request => (string?)request["type"] == nameof(RegisterResourceRequest) && (string?)request["message"]!["name"] == name);

    private static JsonNode Single(IEnumerable<JsonNode> requests, string type) => requests.Single(request => (string?)request["type"] == type);

    private static void Same(string expected, JsonNode? actual)
        => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {JsonNode.Parse(expected)!.ToJsonString()}{Environment.NewLine}but got {actual?.ToJsonString()}");

    private static async Task<IReadOnlyList<JsonNode>> DecodeAsync(string program, bool dryRun = false)
    {
        await using var engine = await FakeEngine.StartAsync(dryRun);
        var exitCode = await EngineRun.RunAsync(engine, SamplePrograms.All[program]);
        Assert.True(exitCode == 0, string.Join(Environment.NewLine, engine.All<LogRequest>().Select(log => log.Message)));
        return await DecodeAsync(engine);
    }

    private static async Task<IReadOnlyList<JsonNode>> DecodeAsync(FakeEngine engine)
    {
        var lines = engine.Requests.Select(request => $"{request.Method} {request.Message.Descriptor.Name} {Convert.ToBase64String(request.Message.ToByteArray())}");
        var script = Path.Combine("tests", "Sdk.Tests", "Wire", "decode.cjs");
        var (exitCode, output, error) = await NodePackages.RunAsync(string.Join('\n', lines), script, NodePackages.Folder);
        Assert.True(exitCode == 0, error);
        return [.. JsonNode.Parse(output)!.AsArray().Select(node => node!)];
    }
}
