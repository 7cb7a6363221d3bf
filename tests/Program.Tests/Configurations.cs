namespace Reco.Infra.Tests;

/// <summary>Configurations that tests run the program with.</summary>
internal static class Configurations
{
    /// <summary>Target kubernetes with what it cannot do without.</summary>
    public static Dictionary<string, string> Kubernetes(params (string Key, string Value)[] changes) => With(new()
    {
        ["target"] = "kubernetes",
        ["kubeContext"] = "shop",
        ["dataset"] = "pvc:events",
        ["trainingImage"] = "shop/training@sha256:" + new string('a', 64),
        ["scoringImage"] = "shop/scoring@sha256:" + new string('b', 64),
    }, changes);

    /// <summary>Target kubernetes with everything that there is.</summary>
    public static Dictionary<string, string> Everything(params (string Key, string Value)[] changes) => With(Kubernetes(
        ("trainingGpus", "2"),
        ("trainingGpuType", "a100"),
        ("trainingWorkers", "4"),
        ("trainingSpot", "true"),
        ("trainingQueue", "models"),
        ("trainingQuotaCpus", "400"),
        ("trainingQuotaGpus", "8"),
        ("trainingQuotaMemory", "2000Gi"),
        ("trainingClientId", "11111111-2222-3333-4444-555555555555"),
        ("trainingTriggerQueue", "retrain"),
        ("trainingTriggerAccount", "shopevents"),
        ("retrainSchedule", "0 3 * * 1"),
        ("retrainTimeZone", "Europe/Berlin"),
        ("scoringGpus", "1"),
        ("scoringGpuType", "t4"),
        ("replicas", "3"),
        ("rollout", "canary"),
        ("autoscaling", "load"),
        ("controllers", "argoRollouts, envoyGateway, kueue"),
        ("gatewayHost", "reco.example.org"),
        ("gatewayCertificate", "reco-tls"),
        ("callerNamespaces", "shop, search"),
        ("monitoring", "install"),
        ("logs", "loki"),
        ("traces", "true"),
        ("gpuOperations", "operator"),
        ("gpuSharing", "timeSlicing")), changes);

    /// <summary>Every configuration whose pods and objects the invariants are held against, by name.</summary>
    public static IReadOnlyDictionary<string, Dictionary<string, string>> All { get; } = new Dictionary<string, Dictionary<string, string>>
    {
        ["local"] = new(),
        ["local, retrained by the clock"] = new() { ["retrainSchedule"] = "0 3 * * 1", ["dataset"] = "shop" },
        ["kubernetes"] = Kubernetes(),
        ["kubernetes, a Deployment scaled by CPU behind a gateway"] = Kubernetes(("autoscaling", "cpu"), ("gateway", "edge/public"), ("monitoring", "existing")),
        ["kubernetes, a canary by the cluster's own controllers"] = Kubernetes(("rollout", "canary"), ("gateway", "edge/public"), ("monitoring", "existing"), ("trainingQueue", "models")),
        ["kubernetes, the model from an image"] = Kubernetes(("modelImage", "shop/model@sha256:" + new string('c', 64))),
        ["kubernetes, everything"] = Everything(),
        ["kubernetes, everything, MIG"] = Everything(("gpuSharing", "mig"), ("remoteWriteUrl", "https://example.org/api/v1/write"), ("remoteWriteClientId", "11111111-2222-3333-4444-555555555555")),
    };

    private static Dictionary<string, string> With(Dictionary<string, string> config, (string Key, string Value)[] changes)
    {
        foreach (var (key, value) in changes)
        {
            config[key] = value;
        }

        return config;
    }
}
