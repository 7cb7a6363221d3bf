using Google.Protobuf.WellKnownTypes;
using k8s;
using Reco.Protocol;

namespace Reco.Providers.Kubernetes.Tests;

/// <summary>What a run that was killed in the middle of a creation has made is found again, and nothing else.</summary>
public sealed class RecoveryTests(Harness harness) : IClassFixture<Harness>
{
    private const string ConfigMap = "kubernetes:core/v1:ConfigMap";
    private const string Job = "kubernetes:batch/v1:Job";

    private static string MapOf(string space) => $$$"""{"metadata":{"name":"m","namespace":"{{{space}}}"},"data":{"a":"1"}}""";

    [Fact]
    public async Task FindCreated_WhatThisResourceMade_IsFoundWithItsState()
    {
        var space = await harness.SpaceAsync();
        var made = await harness.CreateAsync(ConfigMap, "m", MapOf(space));
        var found = await FindAsync(ConfigMap, "m", made.Inputs);
        Assert.Equal(made.Id, found.Id);
        Assert.Equal(made.State, found.Properties);
    }

    [Fact]
    public async Task FindCreated_AnAutomaticName_IsFoundByTheCheckedInputs()
    {
        var space = await harness.SpaceAsync();
        var made = await harness.CreateAsync(ConfigMap, "auto", $$$"""{"metadata":{"namespace":"{{{space}}}"},"data":{"a":"1"}}""");
        Assert.Equal(made.Id, (await FindAsync(ConfigMap, "auto", made.Inputs)).Id);
    }

    [Fact]
    public async Task FindCreated_NothingMade_HasNoId()
    {
        var space = await harness.SpaceAsync();
        Assert.Empty((await FindAsync(ConfigMap, "m", await harness.CheckAsync(ConfigMap, "m", MapOf(space)))).Id);
    }

    [Fact]
    public async Task FindCreated_AnObjectOfSomebodyElse_IsNotTaken()
    {
        var space = await harness.SpaceAsync();
        using var client = new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(harness.Kubeconfig));
        await client.CoreV1.CreateNamespacedConfigMapAsync(new k8s.Models.V1ConfigMap { Metadata = new k8s.Models.V1ObjectMeta { Name = "m" }, Data = new Dictionary<string, string> { ["a"] = "1" } }, space);
        var inputs = await harness.CheckAsync(ConfigMap, "m", MapOf(space));
        Assert.Empty((await FindAsync(ConfigMap, "m", inputs)).Id);

        // Nor one that another resource of the same kind of program made.
        await client.CoreV1.DeleteNamespacedConfigMapAsync("m", space);
        await harness.CreateAsync(ConfigMap, "other", MapOf(space));
        Assert.Empty((await FindAsync(ConfigMap, "m", inputs)).Id);
    }

    [Fact]
    public async Task FindCreated_WhatIsNotReadyYet_SaysSo()
    {
        var space = await harness.SpaceAsync();
        var job = $$$$$"""{"metadata":{"name":"j","namespace":"{{{{{space}}}}}"},"spec":{"backoffLimit":0,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"localhost/exec","command":["/bin/sh","-c","sleep 60"]}]}}}}""";
        var inputs = await harness.CheckAsync(Job, "j", job);
        await Harness.RefusedAsync(() => harness.Provider.Create(new CreateRequest { Urn = Harness.Urn(Job, "j"), Properties = inputs, Timeout = 1 }, null!));
        var error = await Harness.RefusedAsync(() => FindAsync(Job, "j", inputs));
        var failed = Harness.InitFailed(error);
        Assert.Equal($"{space}/j", failed.Id);
        Assert.NotEmpty(failed.Reasons);
    }

    private Task<ReadResponse> FindAsync(string type, string name, Struct inputs) =>
        harness.Provider.FindCreatedAsync(new CreateRequest { Urn = Harness.Urn(type, name), Properties = inputs }, CancellationToken.None);
}
