namespace Reco.Infra.Tests.Configuration;

public sealed class StackConfigReaderTests
{
    public static TheoryData<string, string, string> WrongValues => new()
    {
        { "target", "moon", "local, kubernetes" },
        { "target", "1", "local, kubernetes" },
        { "epochs", "many", "a whole number" },
        { "epochs", "0", "from 1 to 10000" },
        { "ranker", "tree", "one of auto, neural, trees, distilled, none" },
        { "learningRate", "NaN", "a number" },
        { "learningRate", "-1", "above 0" },
        { "scoringPort", "80", "from 30000 to 32767" },
        { "precision", "int4", "auto, fp32, fp16, int8, int8-static" },
        { "namespace", "Not A Label", "DNS label" },
        { "modelName", "../../etc", "DNS label" },
        { "storeSize", "lots", "Kubernetes quantity" },
        { "dataset", "no-such-folder", "there is no such folder" },
        { "kubeContext", "prod", "remove it" },
        { "retrainSchedule", "daily", "five fields" },
        { "retrainSchedule", "61 * * * *", "minute is \"61\"" },
        { "retrainSchedule", "0 3 * * 1-9", "day of the week" },
        // Kubernetes counts Sunday as 0 alone.
        { "retrainSchedule", "0 3 * * 7", "numbers from 0 to 6" },
        { "retrainTimeZone", "Europe/Atlantis", "IANA time zone" },
        { "retrainSchedule", "*/0 * * * *", "numbers from 0 to 59" },
        { "retrainTimeZone", "Berlin", "IANA time zone" },
        { "trainingWorkers", "65", "from 1 to 64" },
        { "trainingWorkers", "2", "target local does not have it" },
        { "trainingSpot", "yes", "true or false" },
        { "trainingGpuType", "rtx", "any, t4, v100, a10, a100, h100" },
        { "rollout", "blueGreen", "rolling, canary" },
        { "canaryWeights", "50,20", "rising per cents" },
        { "canaryWeights", "five", "whole numbers separated by commas" },
        { "autoscaling", "load", "target local does not have it" },
        { "gateway", "public", "NAMESPACE/NAME" },
        { "modelImage", "shop/model:latest", "by digest" },
        { "logs", "logAnalytics", "target local does not have it" },
        { "monitoring", "all", "none, existing, install" },
        { "migProfile", "half", "all-1g.10gb" },
        { "epocs", "5", "did you mean epochs?" },
        { "nonsense", "5", "Known keys" },
    };

    [Theory]
    [MemberData(nameof(WrongValues))]
    public async Task Read_WrongValue_NamesKeyAndWhatIsAllowed(string key, string value, string allowed)
    {
        var error = await FailAsync(new Dictionary<string, string> { [key] = value });
        Assert.Contains($"reco:{key}", error);
        Assert.Contains(allowed, error);
        Assert.Contains("Pulumi.dev.yaml", error);
    }

    [Fact]
    public async Task Read_SeveralProblems_NamesAllOfThem()
    {
        var error = await FailAsync(new Dictionary<string, string> { ["epochs"] = "x", ["precision"] = "y", ["surprise"] = "z" });
        Assert.Contains("reco:epochs", error);
        Assert.Contains("reco:precision", error);
        Assert.Contains("reco:surprise", error);
    }

    [Fact]
    public async Task Read_KubernetesWithoutImages_AsksForDigests()
    {
        var error = await FailAsync(new Dictionary<string, string> { ["target"] = "kubernetes", ["scoringImage"] = "shop/scoring:latest" });
        Assert.Contains("reco:kubeContext is missing", error);
        Assert.Contains("reco:trainingImage is missing", error);
        Assert.Contains("by digest", error);
    }

    public static TheoryData<string, string, string> WrongCombinations => new()
    {
        { "rollout=canary,gateway=edge/public", "reco:rollout", "set reco:monitoring" },
        { "rollout=canary,monitoring=existing", "reco:rollout", "set reco:gateway" },
        { "autoscaling=load", "reco:autoscaling", "reco:autoscaling to cpu" },
        { "autoscaling=cpu,replicas=20", "reco:maxReplicas", "from 20 to 1000" },
        { "trainingQuotaCpus=8", "reco:trainingQuotaCpus", "reco:trainingQueue" },
        { "trainingQueue=q,trainingQuotaCpus=8,trainingGpus=2,trainingWorkers=2,trainingQuotaGpus=3", "reco:trainingQuotaGpus", "asks for 4" },
        { "trainingTriggerQueue=retrain", "reco:trainingTriggerQueue", "reco:trainingTriggerAccount" },
        { "logs=loki,monitoring=existing", "reco:logs", "set reco:monitoring to install" },
        { "gpuSharing=mig", "reco:gpuSharing", "set reco:gpuOperations to operator" },
        { "remoteWriteUrl=https://example.org/write", "reco:remoteWriteUrl", "set both or none" },
        { "trainingQueue=q,trainingQuotaCpus=1,trainingWorkers=2", "reco:trainingQuotaCpus", "asks for 2 CPUs and 2Gi" },
        { "trainingQueue=q,trainingQuotaCpus=8,trainingQuotaMemory=512Mi", "reco:trainingQuotaMemory", "asks for 1 CPUs and 1Gi" },
        { "trainingTriggerQueue=re--train", "reco:trainingTriggerQueue", "single dashes" },
        { "namespace=kube-system", "reco:namespace", "nobody else's" },
        { "namespace=gpu-operations,gpuOperations=operator", "reco:namespace", "nobody else's" },
        { "monitoring=install,monitoringNamespace=default", "reco:monitoringNamespace", "nobody else's" },
        { "monitoring=existing,monitoringNamespace=reco", "reco:monitoringNamespace", "name two" },
        { "tracesEndpoint=otel:4317", "reco:tracesEndpoint", "set reco:traces to true" },
        { "traces=true,tracesEndpoint=otel:65536", "reco:tracesEndpoint", "at most 65535" },
        { "gatewayHost=reco.example.org", "reco:gatewayHost", "set reco:gateway" },
        { "dataset=pvc:Events", "reco:dataset", "pvc:NAME" },
        { "monitoring=install,alertWebhook=http://example.org", "reco:alertWebhook (a secret, not shown)", "an https:// address" },
        { "apiKey=", "reco:apiKey (a secret, not shown)", "leave the service open" },
        { "modelImage=Shop/model@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc", "reco:modelImage", "by digest" },
        { "controllers=argoRollouts", "reco:controllers has argoRollouts", "set reco:rollout to canary" },
        { "controllers=kueue,trainingQueue=q", "reco:controllers has kueue", "its quotas" },
        { "controllers=envoyGateway", "reco:controllers has envoyGateway", "reco:gatewayCertificate" },
        { "controllers=envoyGateway,gatewayCertificate=t,gateway=edge/public", "reco:gateway is \"edge/public\"", "remove one of the two" },
        { "gatewayCertificate=t", "reco:gatewayCertificate", "add envoyGateway" },
        { "controllers=istio", "reco:controllers is \"istio\"", "argoRollouts, envoyGateway, kueue" },
        { "controllers=envoyGateway,gatewayCertificate=t,namespace=envoy-gateway-system", "reco:namespace", "nobody else's" },
        { "monitoring=install,prometheusRelease=loki", "reco:prometheusRelease", "none of loki" },
    };

    [Theory]
    [MemberData(nameof(WrongCombinations))]
    public async Task Read_KeysThatDoNotGoTogether_NamesBothAndTheWayOut(string keys, string key, string way)
    {
        var config = Configurations.Kubernetes([.. keys.Split(',').Select(pair => (pair.Split('=')[0], pair.Split('=')[1]))]);
        var error = await FailAsync(config);
        Assert.Contains(key, error);
        Assert.Contains(way, error);
    }

    [Fact]
    public async Task Read_StackWhoseNameNoObjectCanHave_IsRefused()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => ProgramRun.StartAsync(Configurations.Kubernetes(), stack: "Feature_7"));
        Assert.Contains("the stack's name is \"Feature_7\"", error.ToString());
    }

    [Theory]
    [InlineData("*/15 * * * *")]
    [InlineData("0 3 * * 1-5")]
    [InlineData("5,35 0-6/2 1 */3 6")]
    public async Task Read_CronExpression_IsTaken(string schedule)
    {
        var objects = await RegisteredObjects.RunAsync(new Dictionary<string, string> { ["retrainSchedule"] = schedule });
        Assert.Equal(schedule, objects.Get("CronJob").Text("spec.schedule"));
    }

    private static async Task<string> FailAsync(IReadOnlyDictionary<string, string> config)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => ProgramRun.StartAsync(config));
        return error.ToString();
    }
}
