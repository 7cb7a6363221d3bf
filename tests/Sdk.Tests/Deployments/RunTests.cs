using Grpc.Core;
using Pulumi;
using Reco.Protocol;
using Reco.Sdk.Tests.Support;
using Reco.Sdk.Tests.Wire;
using Deployment = Pulumi.Deployment;

namespace Reco.Sdk.Tests.Deployments;

/// <summary>Programs against an engine over real gRPC: exit codes, messages, order.</summary>
public sealed class RunTests
{
    [Fact]
    public async Task RunAsync_OfAProgramThatEnds_ReturnsZeroAndRegistersTheStack()
    {
        await using var engine = await FakeEngine.StartAsync();
        Assert.Equal(0, await EngineRun.RunAsync(engine, SamplePrograms.All["stack"]));
        Assert.Equal("shop-dev", engine.All<RegisterResourceRequest>()[0].Name);
        Assert.Equal("urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", engine.Registration("thing").Parent);
    }

    [Fact]
    public async Task RunAsync_OfAProgramThatThrows_Returns32AfterTellingTheUser()
    {
        await using var engine = await FakeEngine.StartAsync();
        var exitCode = await EngineRun.RunAsync(engine, () => Deployment.RunAsync(() => Refuse("the shop is closed")));
        Assert.Equal(32, exitCode);
        var log = Assert.Single(engine.All<LogRequest>());
        Assert.Equal((LogSeverity.Error, "the shop is closed"), (log.Severity, log.Message));
        Assert.DoesNotContain(engine.Requests, request => request.Method == "SignalAndWaitForShutdown");
    }

    [Fact]
    public async Task RunAsync_WithAnApplyThatThrows_Returns32()
    {
        await using var engine = await FakeEngine.StartAsync();
        var exitCode = await EngineRun.RunAsync(engine, () => Deployment.RunAsync(() =>
        {
            _ = new Thing("a", new ThingArgs { Text = "x" }).Text.Apply(text =>
            {
                Refuse($"no {text}");
                return text;
            });
        }));
        Assert.Equal(32, exitCode);
        Assert.Contains(engine.All<LogRequest>(), log => log.Message.Contains("no x", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunAsync_WithALoggedError_FailsWithoutAMessageOfItsOwn()
    {
        await using var engine = await FakeEngine.StartAsync();
        Assert.Equal(1, await EngineRun.RunAsync(engine, () => Deployment.RunAsync(() => Log.Error("bad"))));
        Assert.Equal("bad", Assert.Single(engine.All<LogRequest>()).Message);
    }

    [Fact]
    public async Task RunAsync_WhereTheEngineRefusesAResource_SaysWhy()
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Fail = message => message is RegisterResourceRequest { Name: "bad" } ? new Status(StatusCode.Unknown, "quota is used up") : null;
        var exitCode = await EngineRun.RunAsync(engine, () => Deployment.RunAsync(() =>
        {
            var bad = new Thing("bad", new ThingArgs { Text = "x" });
            _ = new Thing("dependent", new ThingArgs { Text = bad.Text });
        }));
        Assert.Equal(32, exitCode);
        Assert.Contains(engine.All<LogRequest>(), log => log.Message.Contains("quota is used up", StringComparison.Ordinal));
        Assert.DoesNotContain(engine.All<RegisterResourceRequest>(), request => request.Name == "dependent");
    }

    [Theory]
    [InlineData(StatusCode.Unavailable)]
    [InlineData(StatusCode.Cancelled)]
    public async Task RunAsync_WhereTheEngineStops_Returns32WithoutAMessage(StatusCode code)
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Fail = message => message is RegisterResourceRequest { Name: "a" } ? new Status(code, "stopping") : null;
        Assert.Equal(32, await EngineRun.RunAsync(engine, () => Deployment.RunAsync(() => { _ = new Thing("a", new ThingArgs()); })));
        Assert.Empty(engine.All<LogRequest>());
    }

    [Fact]
    public async Task RunAsync_WithoutAnEngine_SaysHowToStart()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => EngineRun.WithoutEngineAsync(() => Deployment.RunAsync(() => { })));
        Assert.Contains("up", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_WithARequiredArgumentMissing_NamesIt()
    {
        await using var engine = await FakeEngine.StartAsync();
        Assert.Equal(32, await EngineRun.RunAsync(engine, () => Deployment.RunAsync(() => { _ = new Thing("a", new ThingArgs { Nested = new NestedArgs() }); })));
        Assert.Contains(engine.All<LogRequest>(), log => log.Message.Contains("Deep", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("number", "x", "shop:number")]
    [InlineData("flag", "maybe", "shop:flag")]
    [InlineData("object", "{", "shop:object")]
    [InlineData("missing", null, "shop:missing")]
    public async Task Config_WithABadValue_NamesTheKey(string key, string? value, string named)
    {
        await using var engine = await FakeEngine.StartAsync();
        var exitCode = await EngineRun.RunAsync(engine, () => Deployment.RunAsync(() =>
        {
            var config = new Config();
            _ = key switch
            {
                "number" => (object)config.RequireInt32(key),
                "flag" => config.RequireBoolean(key),
                "object" => config.RequireObject<Dictionary<string, int>>(key),
                _ => config.Require(key),
            };
        }), value is null ? "{}" : $$"""{"shop:{{key}}":"{{value}}"}""");
        Assert.Equal(32, exitCode);
        Assert.Contains(named, Assert.Single(engine.All<LogRequest>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_WithABadSecret_DoesNotShowIt()
    {
        await using var engine = await FakeEngine.StartAsync();
        await EngineRun.RunAsync(engine, () => Deployment.RunAsync(() => { _ = new Config().RequireInt32("secret"); }), """{"shop:secret":"hush-hush"}""");
        Assert.DoesNotContain(engine.All<LogRequest>(), log => log.Message.Contains("hush", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Register_OnAnEngineWithoutAliasSpecs_SendsUrns()
    {
        await using var engine = await FakeEngine.StartAsync(features: new HashSet<string> { "deletedWith" });
        Assert.Equal(0, await EngineRun.RunAsync(engine, () => Deployment.RunAsync(() =>
        {
            _ = new Thing("now", new ThingArgs(), new CustomResourceOptions { Aliases = { new Pulumi.Alias { Name = "then" } } });
        })));
        Assert.Equal("urn:pulumi:dev::shop::sample:index:Thing::then", Assert.Single(engine.Registration("now").AliasURNs));
    }

    [Fact]
    public async Task Transformations_OfStackAndComponent_ReachTheChildren()
    {
        await using var engine = await FakeEngine.StartAsync();
        Assert.Equal(0, await EngineRun.RunAsync(engine, SamplePrograms.All["transformations"]));
        var leaf = engine.Registration("group-leaf");
        Assert.Equal("transformed", leaf.Object.Fields["text"].StringValue);
        Assert.True(leaf.Protect);
    }

    [Fact]
    public async Task Invoke_WithAnUnknownArgument_IsNotSent()
    {
        await using var engine = await FakeEngine.StartAsync(dryRun: true);
        Assert.Equal(0, await EngineRun.RunAsync(engine, () => Deployment.RunAsync(() =>
        {
            var thing = new Thing("a", new ThingArgs());
            _ = Deployment.Instance.Invoke<Answer>("sample:index:f", new QuestionOutputArgs { Text = thing.Id });
        })));
        Assert.Empty(engine.All<ResourceInvokeRequest>());
    }

    [Fact]
    public async Task Dependencies_ThroughOutputsAndComponents_AreSent()
    {
        await using var engine = await FakeEngine.StartAsync();
        Assert.Equal(0, await EngineRun.RunAsync(engine, () => Deployment.RunAsync(() =>
        {
            var first = new Thing("first", new ThingArgs { Text = "x" });
            var group = new Group("group");
            _ = new Thing("last", new ThingArgs { Text = first.Text, Map = { ["a"] = "b" } }, new CustomResourceOptions { DependsOn = { group } });
        })));
        var last = engine.Registration("last");
        Assert.Equal(
            ["urn:pulumi:dev::shop::sample:index:Group$sample:index:Thing::group-leaf", "urn:pulumi:dev::shop::sample:index:Thing::first"],
            last.Dependencies.Order(StringComparer.Ordinal));
        Assert.Equal("urn:pulumi:dev::shop::sample:index:Thing::first", Assert.Single(last.PropertyDependencies["text"].Urns));
        Assert.Empty(last.PropertyDependencies["map"].Urns);
    }

    private static void Refuse(string message) => throw new RunException(message);
}
