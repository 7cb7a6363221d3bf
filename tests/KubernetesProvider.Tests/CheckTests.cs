using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Tests;

/// <summary>Check: names, completion, and mistakes told with their path. None of it needs a cluster.</summary>
public sealed class CheckTests : IAsyncLifetime
{
    private const string ConfigMap = "kubernetes:core/v1:ConfigMap";
    private const string Deployment = "kubernetes:apps/v1:Deployment";
    private readonly Harness harness = new();

    public Task InitializeAsync() => harness.InitializeAsync();

    public Task DisposeAsync() => harness.DisposeAsync();

    [Fact]
    public async Task Name_NotGiven_IsChosenKeptAndMarked()
    {
        var first = await harness.CheckAsync(ConfigMap, "settings", """{"data":{"a":"1"}}""");
        var name = WireReader.Read(first)["metadata"]!["name"]!.GetValue<string>();
        Assert.Matches("^settings-[0-9a-f]{8}$", name);
        Assert.Equal("true", WireReader.Read(first)["metadata"]!["annotations"]!["pulumi.com/autonamed"]!.GetValue<string>());

        // The preview and the update choose the same name; the next update keeps it.
        Assert.Equal(name, WireReader.Read(await harness.CheckAsync(ConfigMap, "settings", """{"data":{"a":"1"}}"""))["metadata"]!["name"]!.GetValue<string>());
        Assert.Equal(name, WireReader.Read(await harness.CheckAsync(ConfigMap, "settings", """{"data":{"a":"2"}}""", first))["metadata"]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Name_ByPolicy_ProposedOrRefused()
    {
        async Task<CheckResponse> WithAsync(CheckRequest.Types.AutonamingOptions policy) => await harness.Provider.Check(
            new CheckRequest { Urn = Harness.Urn(ConfigMap, "m"), News = Harness.Props("{}"), Olds = new Struct(), Autonaming = policy, RandomSeed = ByteString.Empty }, null!);
        var proposed = await WithAsync(new CheckRequest.Types.AutonamingOptions { ProposedName = "by-policy", Mode = CheckRequest.Types.AutonamingOptions.Types.Mode.Enforce });
        Assert.Equal("by-policy", WireReader.Read(proposed.Inputs)["metadata"]!["name"]!.GetValue<string>());
        var refused = await WithAsync(new CheckRequest.Types.AutonamingOptions { Mode = CheckRequest.Types.AutonamingOptions.Types.Mode.Disable });
        Assert.Equal("metadata.name", refused.Failures.Single().Property);
    }

    [Fact]
    public async Task Namespace_NotGiven_IsTheProviders()
    {
        await harness.ConfigureAsync("""{"context":"reco-local","namespace":"shop"}""");
        Assert.Equal("shop", WireReader.Read(await harness.CheckAsync(ConfigMap, "m", "{}"))["metadata"]!["namespace"]!.GetValue<string>());
        Assert.Equal("own", WireReader.Read(await harness.CheckAsync(ConfigMap, "m", """{"metadata":{"namespace":"own"}}"""))["metadata"]!["namespace"]!.GetValue<string>());
        Assert.Null(WireReader.Read(await harness.CheckAsync("kubernetes:core/v1:Namespace", "n", "{}"))["metadata"]!["namespace"]);
    }

    [Theory]
    [InlineData(Deployment, """{"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","imagee":"x"}]}}}}""", "spec.template.spec.containers[0].imagee", "unknown field; allowed here: args, command, env")]
    [InlineData(Deployment, """{"spec":{"selector":{},"template":{"spec":{"containers":[{"name":"c"}]}}}}""", "spec.template.spec.containers[0].image", "required field is missing")]
    [InlineData(Deployment, """{"spec":{"replicas":"two","selector":{},"template":{"spec":{"containers":[]}}}}""", "spec.replicas", "must be a whole number")]
    [InlineData(Deployment, """{"spec":{"strategy":{"type":"Rolling"},"selector":{},"template":{"spec":{"containers":[]}}}}""", "spec.strategy.type", "allowed values: RollingUpdate, Recreate")]
    [InlineData("kubernetes:core/v1:Service", """{"spec":{"type":"Nodeport"}}""", "spec.type", "ClusterIP, NodePort, LoadBalancer, ExternalName")]
    [InlineData("kubernetes:core/v1:Secret", """{"data":{"k":"not base64!"}}""", "data.k", "use stringData")]
    [InlineData("kubernetes:core/v1:PersistentVolumeClaim", """{"spec":{"resources":{"requests":{"storage":"ten"}}}}""", "spec.resources.requests.storage", "must be a quantity")]
    [InlineData(ConfigMap, """{"metadata":{"name":"Not_Allowed"}}""", "metadata.name", "lower-case")]
    [InlineData(ConfigMap, """{"metadata":{"generateName":"x-"}}""", "metadata.generateName", "not supported")]
    [InlineData(ConfigMap, """{"kind":"Secret"}""", "kind", "expected \"ConfigMap\"")]
    [InlineData("kubernetes:policy/v1beta1:PodDisruptionBudget", "{}", "apiVersion", "use policy/v1")]
    [InlineData("kubernetes:core/v1:ConfigMapList", """{"items":[]}""", "", "make the objects in it")]
    [InlineData("kubernetes:core/v1:ConfigMapPatch", """{"data":{"a":"b"}}""", "metadata.name", "which object it patches")]
    [InlineData("kubernetes:helm.sh/v3:Release", "{}", "chart", "required")]
    public async Task Mistake_IsNamedWithItsPath(string type, string inputs, string path, string reason)
    {
        var response = await harness.CheckRawAsync(type, "r", inputs);
        Assert.Contains(response.Failures, failure => failure.Property == path && failure.Reason.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Mistake_OfASecretValue_DoesNotShowIt()
    {
        var response = await harness.CheckRawAsync("kubernetes:core/v1:Secret", "s", """{"data":{"k":"hunter2-not-base64"}}""");
        Assert.DoesNotContain("hunter2", response.Failures.Single().Reason);
    }

    [Fact]
    public async Task Unknown_AnywhereInTheObject_Passes()
    {
        var inputs = await harness.CheckAsync(Deployment, "d", $$$"""{"metadata":{"namespace":"{{{Signatures.Unknown}}}"},"spec":{"replicas":"{{{Signatures.Unknown}}}","selector":{"matchLabels":{"a":"b"}},"template":"{{{Signatures.Unknown}}}"}}""");
        Assert.True(WireReader.HasUnknown(WireReader.Read(inputs)));
    }

    [Fact]
    public async Task Custom_UnknownKind_Passes() => await harness.CheckAsync("kubernetes:argoproj.io/v1alpha1:Rollout", "r", """{"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","metadata":{"name":"r"},"spec":{"anything":[1,{"a":true}]}}""");

    [Fact]
    public async Task Forms_ThatMeanTheSame_BecomeOne()
    {
        var inputs = WireReader.Read(await harness.CheckAsync("kubernetes:core/v1:Secret", "s", """{"stringData":{"k":"v"},"metadata":{"labels":null}}"""));
        Assert.Equal("dg==", inputs["data"]!["k"]!.GetValue<string>());
        Assert.Null(inputs["stringData"]);
        var claim = WireReader.Read(await harness.CheckAsync("kubernetes:core/v1:PersistentVolumeClaim", "c", """{"spec":{"resources":{"requests":{"storage":"1024Mi"}}}}"""));
        Assert.Equal("1Gi", claim["spec"]!["resources"]!["requests"]!["storage"]!.GetValue<string>());
    }

    [Fact]
    public async Task Secrets_StaySecret()
    {
        var secret = new Value { StructValue = new Struct { Fields = { [Signatures.Key] = Value.ForString(Signatures.Secret), ["value"] = Value.ForString("hunter2") } } };
        var news = new Struct { Fields = { ["data"] = Value.ForStruct(new Struct { Fields = { ["plain"] = Value.ForString("x"), ["hidden"] = secret } }) } };
        var response = await harness.Provider.Check(new CheckRequest { Urn = Harness.Urn(ConfigMap, "m"), News = news, Olds = new Struct(), RandomSeed = ByteString.CopyFromUtf8("s") }, null!);
        var data = response.Inputs.Fields["data"].StructValue.Fields;
        Assert.Equal("x", data["plain"].StringValue);
        Assert.Equal(Signatures.Secret, data["hidden"].StructValue.Fields[Signatures.Key].StringValue);

        // All of a Secret is, whether the program said so or not.
        var whole = await harness.CheckAsync("kubernetes:core/v1:Secret", "s", """{"stringData":{"k":"v"}}""");
        Assert.Equal(Signatures.Secret, whole.Fields["data"].StructValue.Fields[Signatures.Key].StringValue);
    }
}
