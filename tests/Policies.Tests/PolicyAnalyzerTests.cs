using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Net.Client;
using Reco.Protocol;

namespace Reco.Policies.Tests;

public sealed class PolicyAnalyzerTests
{
    private const string Storage = "azure-native:storage:StorageAccount";
    private static readonly AnalyzeRequest Open = new() { Urn = "urn:pulumi:prod::reco::" + Storage + "::models", Type = Storage, Name = "models", Properties = JsonParser.Default.Parse<Struct>("""{"publicNetworkAccess":"Enabled"}""") };

    [Fact]
    public async Task Analyze_OpenStorage_NamesRulePackAndResource()
    {
        var response = await new PolicyAnalyzer().Analyze(Open, null!);
        var found = response.Diagnostics.First(diagnostic => diagnostic.PolicyName == "no-public-endpoint");
        Assert.Equal((EnforcementLevel.Mandatory, "reco", Open.Urn), (found.EnforcementLevel, found.PolicyPackName, found.Urn));
    }

    [Fact]
    public async Task Configure_RuleDisabledOrAdvisory_IsFollowed()
    {
        var analyzer = new PolicyAnalyzer();
        await analyzer.Configure(new ConfigureAnalyzerRequest
        {
            PolicyConfig =
            {
                ["no-public-endpoint"] = new PolicyConfig { EnforcementLevel = EnforcementLevel.Disabled },
                ["encrypted"] = new PolicyConfig { EnforcementLevel = EnforcementLevel.Advisory },
            },
        }, null!);
        var diagnostics = (await analyzer.Analyze(Open, null!)).Diagnostics;
        Assert.DoesNotContain(diagnostics, diagnostic => diagnostic.PolicyName == "no-public-endpoint");
        Assert.All(diagnostics.Where(diagnostic => diagnostic.PolicyName == "encrypted"), diagnostic => Assert.Equal(EnforcementLevel.Advisory, diagnostic.EnforcementLevel));
    }

    [Fact]
    public async Task AnalyzeStack_OverBudget_IsAboutTheStack()
    {
        var analyzer = new PolicyAnalyzer();
        await analyzer.ConfigureStack(new AnalyzerStackConfigureRequest { Stack = "prod", Config = { ["reco:monthlyBudget"] = "1" } }, null!);
        var response = await analyzer.AnalyzeStack(new AnalyzeStackRequest
        {
            Resources =
            {
                new AnalyzerResource { Urn = "urn:stack", Type = "pulumi:pulumi:Stack", Name = "s", Properties = new Struct() },
                new AnalyzerResource { Urn = "u", Type = "azure-native:network:NatGateway", Name = "out", Properties = new Struct() },
            },
        }, null!);
        Assert.Equal(("monthly-budget", "urn:stack"), (Assert.Single(response.Diagnostics).PolicyName, response.Diagnostics[0].Urn));
    }

    [Fact]
    public async Task Pack_AsAPlugin_AnswersTheAnalyzerProtocol()
    {
        var program = typeof(PolicyAnalyzer).Assembly.Location;
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, "127.0.0.1:1", "."]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var port = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1));
            using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
            var client = new Analyzer.AnalyzerClient(channel);
            var info = await client.GetAnalyzerInfoAsync(new Empty());
            Assert.Equal(PolicyPack.Rules.Select(rule => rule.Name), info.Policies.Select(policy => policy.Name));
            Assert.Equal((await new PolicyAnalyzer().Analyze(Open, null!)).Diagnostics, (await client.AnalyzeAsync(Open)).Diagnostics);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }
}
