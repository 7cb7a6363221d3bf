namespace Reco.Infra.Tests.Configuration;

public sealed class StackConfigReaderTests
{
    public static TheoryData<string, string, string> WrongValues => new()
    {
        { "target", "moon", "local, kubernetes" },
        { "target", "1", "local, kubernetes" },
        { "epochs", "many", "a whole number" },
        { "epochs", "0", "from 1 to 10000" },
        { "learningRate", "NaN", "a number" },
        { "learningRate", "-1", "above 0" },
        { "scoringPort", "80", "from 30000 to 32767" },
        { "precision", "int4", "auto, fp32, int8" },
        { "namespace", "Not A Label", "DNS label" },
        { "modelName", "../../etc", "DNS label" },
        { "storeSize", "lots", "Kubernetes quantity" },
        { "dataset", "no-such-folder", "there is no such folder" },
        { "kubeContext", "prod", "remove it" },
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

    private static async Task<string> FailAsync(IReadOnlyDictionary<string, string> config)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => ProgramRun.StartAsync(config));
        return error.ToString();
    }
}
