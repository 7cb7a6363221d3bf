using System.Collections.Immutable;
using static Reco.Infra.Tests.ProgramRun;

namespace Reco.Infra.Tests;

public sealed class RecoStackTests
{
    [Fact]
    public async Task Stack_Default_HasOutputsThatOtherTeamsConsume()
    {
        var (_, resources) = await StartAsync();
        var stack = resources.OfType<RecoStack>().Single();
        Assert.Equal("http://127.0.0.1:30080", await ValueAsync(stack.ScoringUrl));
        Assert.Equal("http://127.0.0.1:30080/metrics", await ValueAsync(stack.MetricsUrl));
        Assert.Equal("two-tower", await ValueAsync(stack.ModelName));
        Assert.Equal("0123456789abcdef", await ValueAsync(stack.ModelVersion));
        Assert.EndsWith("two-tower/0123456789abcdef/report.html", await ValueAsync(stack.ReportPath));
        Assert.Equal(0.25, (await ValueAsync(stack.Evaluation))["ndcg10"]);
    }

    [Fact]
    public async Task Stack_Preview_PlansWithoutTheJobsResult()
    {
        var (mocks, _) = await StartAsync(preview: true);
        Assert.Contains(mocks.Registered, resource => resource.Type == "kubernetes:batch/v1:Job");
        Assert.Contains(mocks.Registered, resource => resource.Type == "kubernetes:apps/v1:Deployment");
    }

    [Fact]
    public async Task TrainingJob_Default_HasOneArgumentAParameter()
    {
        var (mocks, _) = await StartAsync(new Dictionary<string, string> { ["epochs"] = "3", ["learningRate"] = "0.01", ["ranker"] = "distilled", ["userGroups"] = "5", ["dataset"] = "shop" });
        var job = mocks.Inputs("kubernetes:batch/v1:Job");
        var arguments = ((ImmutableArray<object>)At(job, "spec", "template", "spec", "containers", 0, "args")!).Cast<string>().ToArray();
        Assert.Equal("run", arguments[0]);
        Assert.Contains("--epochs=3", arguments);
        Assert.Contains("--ranker=distilled", arguments);
        Assert.Contains("--groups=5", arguments);
        Assert.Equal("--seed=42", arguments[9]);
        Assert.Contains("--learning-rate=0.01", arguments);
        Assert.Contains("--data=/data", arguments);
        Assert.Contains("--result-configmap=reco/model-release", arguments);
        Assert.NotEqual("", At(job, "spec", "template", "metadata", "annotations", "reco.dev/dataset-digest"));
        Assert.Equal("reco.local/training:training1", At(job, "spec", "template", "spec", "containers", 0, "image"));
    }

    [Fact]
    public async Task TrainingIdentity_Role_MayOnlyTellTheResult()
    {
        var (mocks, _) = await StartAsync();
        var rule = (ImmutableDictionary<string, object>)At(mocks.Inputs("kubernetes:rbac.authorization.k8s.io/v1:Role"), "rules", 0)!;
        Assert.Equal(["configmaps"], ((ImmutableArray<object>)rule["resources"]).Cast<string>());
        Assert.Equal(["model-release"], ((ImmutableArray<object>)rule["resourceNames"]).Cast<string>());
        Assert.Equal(["get", "patch"], ((ImmutableArray<object>)rule["verbs"]).Cast<string>());
    }

    [Fact]
    public async Task ScoringDeployment_RollsOverWithoutLosingAPod()
    {
        var (mocks, _) = await StartAsync(new Dictionary<string, string> { ["replicas"] = "3" });
        var deployment = mocks.Inputs("kubernetes:apps/v1:Deployment");
        Assert.Equal(3.0, At(deployment, "spec", "replicas"));
        Assert.Equal(0.0, At(deployment, "spec", "strategy", "rollingUpdate", "maxUnavailable"));
        var environment = ((ImmutableArray<object>)At(deployment, "spec", "template", "spec", "containers", 0, "env")!).Cast<ImmutableDictionary<string, object>>().ToArray();
        Assert.Equal("two-tower/0123456789abcdef", environment.Single(variable => (string)variable["name"] == "RECO_MODEL")["value"]);
    }

    [Fact]
    public async Task ApiKey_FromConfig_StandsOnlyInTheSecret()
    {
        var (mocks, _) = await StartAsync(new Dictionary<string, string> { ["apiKey"] = "s3cr3t-api-key" }, secretKeys: ["apiKey"]);
        var encoded = Convert.ToBase64String("s3cr3t-api-key"u8);
        var holders = mocks.Registered.Where(resource => Contains(resource.Inputs, "s3cr3t-api-key") || Contains(resource.Inputs, encoded)).Select(resource => resource.Type);
        Assert.Equal(["kubernetes:core/v1:Secret"], holders);
    }

    private static bool Contains(object? value, string text) => value switch
    {
        string found => found.Contains(text, StringComparison.Ordinal),
        ImmutableDictionary<string, object> map => map.Values.Any(entry => Contains(entry, text)),
        ImmutableArray<object> list => list.Any(entry => Contains(entry, text)),
        _ => false,
    };
}
