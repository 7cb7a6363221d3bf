using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Reco.Infra.Components;
using Reco.Infra.Components.Azure;
using Reco.Infra.Configuration;
using static Reco.Infra.Tests.ProgramRun;

namespace Reco.Infra.Tests.Azure;

public sealed partial class AzureStackTests
{
    private const string Pool = "azure-native:containerservice:AgentPool";
    private const string Volume = "kubernetes:core/v1:PersistentVolume";
    private const string Cluster = "azure-native:containerservice:ManagedCluster";

    private static readonly Dictionary<string, string> OnAzure = new()
    {
        ["azure-native:location"] = "westeurope",
        ["azure-native:tenantId"] = "99999999-2222-3333-4444-555555555555",
        ["target"] = "azure",
        ["environment"] = "prod",
        ["owner"] = "ml",
        ["costCentre"] = "42",
        ["monthlyBudget"] = "50000",
        ["budgetEmails"] = "ml@example.com",
        ["gpuSku"] = "Standard_NC24ads_A100_v4",
        ["azureMonitor"] = "true",
        ["registryReplicas"] = "northeurope",
        ["trainingImage"] = "shop/training@sha256:" + new string('a', 64),
        ["scoringImage"] = "shop/scoring@sha256:" + new string('b', 64),
    };

    [Fact]
    public async Task Cluster_OnAzure_TakesIdentitiesOfTheDirectoryOnly()
    {
        var cluster = (await RunAsync()).Inputs(Cluster);
        Assert.Equal(true, At(cluster, "disableLocalAccounts"));
        Assert.Equal(true, At(cluster, "aadProfile", "enableAzureRBAC"));
        Assert.Equal(true, At(cluster, "oidcIssuerProfile", "enabled"));
        Assert.Equal(true, At(cluster, "securityProfile", "workloadIdentity", "enabled"));
        Assert.Equal("cilium", At(cluster, "networkProfile", "networkPolicy"));
        Assert.Equal(true, At(cluster, "apiServerAccessProfile", "enablePrivateCluster"));
        Assert.Equal("patch", At(cluster, "autoUpgradeProfile", "upgradeChannel"));
        Assert.Equal("CriticalAddonsOnly=true:NoSchedule", At(cluster, "agentPoolProfiles", 0, "nodeTaints", 0));
    }

    [Fact]
    public async Task Pools_WithGpus_AreTaintedScaleFromZeroAndSpotHasItsOwnTaint()
    {
        var mocks = await RunAsync();
        var pools = mocks.Registered.Where(resource => resource.Type == Pool).ToDictionary(resource => resource.Name!, resource => resource.Inputs);
        Assert.Equal(["cpu-pool", "gpu-pool", "spot-pool"], pools.Keys.Order());
        Assert.Equal("sku=gpu:NoSchedule", At(pools["gpu-pool"], "nodeTaints", 0));
        Assert.Equal(0.0, At(pools["gpu-pool"], "minCount"));
        Assert.Equal("Spot", At(pools["spot-pool"], "scaleSetPriority"));
        Assert.Equal("kubernetes.azure.com/scalesetpriority=spot:NoSchedule", At(pools["spot-pool"], "nodeTaints", 1));
        Assert.Equal(-1.0, At(pools["spot-pool"], "spotMaxPrice"));
        Assert.Null(At(pools["cpu-pool"], "nodeTaints"));

        // The label by which pods ask for a kind of GPU: without it, pools at zero nodes would never be scaled up.
        Assert.Equal("a100", At(pools["gpu-pool"], "nodeLabels", PodDefaults.GpuTypeLabel));
        Assert.Equal("a100", At(pools["spot-pool"], "nodeLabels", PodDefaults.GpuTypeLabel));
    }

    [Theory]
    [InlineData("Standard_NC4as_T4_v3", null)]
    [InlineData("Standard_NC24ads_A100_v4", "MIG1g")]
    public void PoolName_OfAnySize_IsOneThatAksTakesAndChangesWithWhatCannotBeChanged(string size, string? mig)
    {
        var spec = new NodePoolSpec { Role = "gpu", VmSize = size, Most = 2, GpuInstanceProfile = mig };
        Assert.Matches("^[a-z][a-z0-9]{0,11}$", spec.Name);
        Assert.Equal(spec.Name, (spec with { Most = 9, Least = 1 }).Name);
        Assert.NotEqual(spec.Name, (spec with { VmSize = "Standard_NC8as_T4_v3" }).Name);
        Assert.NotEqual(spec.Name, (spec with { IsSpot = true }).Name);
    }

    [Fact]
    public async Task Access_OfWorkloads_IsExactlyWhatTheyNeed()
    {
        var assigned = (await RunAsync()).Registered.Where(resource => resource.Type == "azure-native:authorization:RoleAssignment")
            .Select(resource => (resource.Name, ((string)resource.Inputs["roleDefinitionId"]).Split('/')[^1])).Order().ToList();
        Assert.Equal(new (string?, string)[]
        {
            ("cluster-hands-out-kubelet", Roles.ManagedIdentityOperator),
            ("cluster-joins-network", Roles.NetworkContributor),
            ("grafana-reads-metrics", Roles.MonitoringDataReader),
            ("kubelet-pulls", Roles.AcrPull),
            ("scoring-reads-bundles", Roles.StorageBlobDataReader),
            ("training-keeps-checkpoints", Roles.StorageBlobDataContributor),
            ("training-reads-data", Roles.StorageBlobDataReader),
            ("training-writes-bundles", Roles.StorageBlobDataContributor),
        }.Order(), assigned);
    }

    [Fact]
    public async Task Federation_OfWorkloads_NamesTheirServiceAccounts()
    {
        var subjects = (await RunAsync()).Registered.Where(resource => resource.Type == "azure-native:managedidentity:FederatedIdentityCredential")
            .Select(resource => (string)resource.Inputs["subject"]).Order();
        Assert.Equal(["system:serviceaccount:reco:scoring", "system:serviceaccount:reco:training"], subjects);
    }

    [Fact]
    public async Task Bundles_AreMountedByEachWorkloadWithAnIdentityOfItsOwn()
    {
        var mocks = await RunAsync();
        var volumes = mocks.Registered.Where(resource => resource.Type == Volume).ToDictionary(resource => resource.Name!, resource => resource.Inputs);
        var claims = mocks.Registered.Where(resource => resource.Type == "kubernetes:core/v1:PersistentVolumeClaim").ToDictionary(resource => (string)At(resource.Inputs, "metadata", "name")!, resource => resource.Inputs);
        var pods = new Dictionary<string, object?>
        {
            ["training"] = At(mocks.Inputs("kubernetes:batch/v1:Job"), "spec", "template", "spec"),
            ["scoring"] = At(mocks.Inputs("kubernetes:apps/v1:Deployment"), "spec", "template", "spec"),
        };
        foreach (var (workload, pod) in pods)
        {
            var claim = ((ImmutableArray<object>)At(pod, "volumes")!).Select(volume => At(volume, "persistentVolumeClaim", "claimName")).OfType<string>().Single();
            var volume = volumes.Values.Single(volume => Equals(At(volume, "metadata", "name"), At(claims[claim], "spec", "volumeName")));
            Assert.Equal("bundles", At(volume, "spec", "csi", "volumeAttributes", "containerName"));
            Assert.Equal($"client of id-{workload}-reco-prod", At(volume, "spec", "csi", "volumeAttributes", "clientID"));
            // With a key of the account everybody who can mount could write: there is none.
            Assert.Equal("true", At(volume, "spec", "csi", "volumeAttributes", "mountWithWorkloadIdentityToken"));
            Assert.Equal(workload == "scoring", At(volume, "spec", "csi", "readOnly"));
            Assert.Equal(workload == "scoring" ? "ReadOnlyMany" : "ReadWriteMany", At(claims[claim], "spec", "accessModes", 0));
            Assert.Equal($"client of id-{workload}-reco-prod", At(Account(mocks, workload), "metadata", "annotations", Labels.ClientIdAnnotation));
        }

        Assert.Equal(volumes.Count, volumes.Values.Select(volume => At(volume, "spec", "csi", "volumeHandle")).Distinct().Count());
    }

    [Fact]
    public async Task Checkpoints_AndData_OnAzure_AreTheStoresOwnContainers()
    {
        var (mocks, _) = await StartAsync(With(("trainingSpot", "true"), ("trainingWorkers", "2"), ("dataset", "pvc:data")), Mocks());
        var containers = mocks.Registered.Where(resource => resource.Type == Volume)
            .ToDictionary(resource => resource.Name!, resource => ((string)At(resource.Inputs, "spec", "csi", "volumeAttributes", "containerName")!, (bool)At(resource.Inputs, "spec", "csi", "readOnly")!));
        Assert.Equal(("checkpoints", false), containers["checkpoints"]);
        Assert.Equal(("data", true), containers["data"]);
        var claims = mocks.Registered.Where(resource => resource.Type == "kubernetes:core/v1:PersistentVolumeClaim").Select(resource => (string)At(resource.Inputs, "metadata", "name")!).Order();
        Assert.Equal(["data", "models", "models-read", "training-checkpoints"], claims);
        Assert.Equal(4, containers.Count);
    }

    /// <summary>The table of the program's README, held against the role assignments of a run.</summary>
    [Fact]
    public async Task Access_TableOfTheReadme_IsWhatTheProgramAssigns()
    {
        var names = typeof(Roles).GetFields().Where(field => field.IsLiteral).ToDictionary(field => (string)field.GetRawConstantValue()!, field => Words().Replace(field.Name, " $1"));
        var assigned = (await RunAsync(("imageSigning", "deny"), ("signingRepository", "shop/reco"), ("trainingTriggerQueue", "retrain"))).Registered.Where(resource => resource.Type == "azure-native:authorization:RoleAssignment").Select(resource =>
            (((string)resource.Inputs["principalId"]).Replace("principal of id-", "", StringComparison.Ordinal).Replace("-reco-prod", "", StringComparison.Ordinal),
            names[((string)resource.Inputs["roleDefinitionId"]).Split('/')[^1]].Trim(),
            IdEnd().Replace((string)resource.Inputs["scope"], ""))).Order();
        var documented = File.ReadAllLines(Path.Combine(ReadmeTests.Root(), "infra", "Program", "README.md"))
            .Select(line => AccessRow().Match(line)).Where(match => match.Success)
            .Select(match => (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value)).Order();
        Assert.Equal(assigned, documented);
    }

    [Fact]
    public async Task Data_InProduction_IsProtectedPrivateAndUnchangeable()
    {
        var mocks = await RunAsync();
        var account = mocks.Inputs("azure-native:storage:StorageAccount");
        Assert.Equal("Disabled", account["publicNetworkAccess"]);
        Assert.Equal(false, account["allowSharedKeyAccess"]);
        Assert.Equal(30.0, mocks.Inputs("azure-native:storage:BlobContainerImmutabilityPolicy")["immutabilityPeriodSinceCreationInDays"]);
        Assert.Equal(true, mocks.Inputs("azure-native:storage:BlobServiceProperties")["isVersioningEnabled"]);
        // A policy of the whole container would refuse to rename what has just been written.
        var bundles = mocks.Registered.Single(resource => resource.Name == "models-bundles").Inputs;
        Assert.Equal(true, At(bundles, "immutableStorageWithVersioning", "enabled"));
        Assert.Equal("CanNotDelete", mocks.Inputs("azure-native:authorization:ManagementLockByScope")["level"]);
    }

    [Fact]
    public async Task Trigger_OnAzure_IsAQueueOfTheStoreThatKedaCountsAndTrainingEmpties()
    {
        var mocks = await RunAsync(("trainingTriggerQueue", "retrain"));
        Assert.Equal("retrain", mocks.Inputs("azure-native:storage:Queue")["queueName"]);
        var federation = mocks.Registered.Single(resource => resource.Name == "scaler-federation").Inputs;
        Assert.Equal("system:serviceaccount:kube-system:keda-operator", federation["subject"]);
        Assert.Equal("client of id-scaler-reco-prod", At(mocks.Inputs("kubernetes:keda.sh/v1alpha1:TriggerAuthentication"), "spec", "podIdentity", "identityId"));
        var job = mocks.Inputs("kubernetes:keda.sh/v1alpha1:ScaledJob");
        Assert.Equal("models12345678", At(job, "spec", "triggers", 0, "metadata", "accountName"));
        Assert.Contains("--trigger-queue=https://models12345678.queue.core.windows.net/retrain", ((ImmutableArray<object>)At(job, "spec", "jobTargetRef", "template", "spec", "containers", 0, "args")!).Cast<string>());
        // Only a run that a message started takes one.
        Assert.DoesNotContain(((ImmutableArray<object>)At(mocks.Inputs("kubernetes:batch/v1:Job"), "spec", "template", "spec", "containers", 0, "args")!).Cast<string>(), argument => argument.StartsWith("--trigger-queue", StringComparison.Ordinal));
        Assert.Contains(mocks.Registered, resource => resource.Type == "azure-native:privatedns:PrivateZone" && "privatelink.queue.core.windows.net".Equals(resource.Inputs["privateZoneName"]));
    }

    [Fact]
    public async Task Diagnostics_OfClusterVaultRegistryAndStore_GoToLogAnalytics()
    {
        var settings = (await RunAsync()).Registered.Where(resource => resource.Type == "azure-native:monitor:DiagnosticSetting").ToDictionary(resource => (string)resource.Inputs["resourceUri"], resource => resource.Inputs);
        Assert.Equal(["cluster-id", "models-id/blobServices/default", "registry-id", "vault-id"], settings.Keys.Order());
        Assert.All(settings.Values, setting => Assert.Equal("logs-id", setting["workspaceId"]));
        Assert.Equal("AuditEvent", At(settings["vault-id"], "logs", 0, "category"));
    }

    [Fact]
    public async Task Budget_BeginsWithTheMonth_BecauseAzureTakesNoEarlierOne()
    {
        var before = DateTimeOffset.UtcNow;
        var start = DateTimeOffset.Parse((string)At((await RunAsync()).Inputs("azure-native:consumption:Budget"), "timePeriod", "startDate")!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal((1, TimeSpan.Zero), (start.Day, start.TimeOfDay));
        Assert.InRange(start, before.AddDays(-31), DateTimeOffset.UtcNow);
    }

    [Theory]
    [InlineData("Standard", null)]
    [InlineData("Premium", "AKSLongTermSupport")]
    public async Task SupportPlan_OfTheCluster_FollowsItsTier(string tier, string? plan) =>
        Assert.Equal(plan, At((await RunAsync(("clusterTier", tier))).Inputs(Cluster), "supportPlan"));

    [Fact]
    public async Task Kubeconfig_OfTheCluster_ReachesTheProviderAloneAndIsASecret()
    {
        var mocks = await RunAsync();
        var provider = mocks.Inputs("pulumi:providers:kubernetes");
        Assert.Equal("aks-reco-prod", provider["clusterIdentifier"]);
        Assert.Equal("true", provider["deleteUnreachable"].ToString()!.ToLowerInvariant());
    }

    [Fact]
    public async Task Local_Target_MakesNothingOfAzure()
    {
        var (mocks, _) = await StartAsync();
        Assert.DoesNotContain(mocks.Registered, resource => resource.Type!.StartsWith("azure-native", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("owner", null, "reco:owner is missing")]
    [InlineData("azure-native:location", null, "azure-native:location is missing")]
    [InlineData("gpuSku", "Standard_NC4as", "reco:gpuSku is \"Standard_NC4as\"; it must be one of Standard_NC16as_T4_v3")]
    [InlineData("gpuInstanceProfile", "MIG9g", "take MIG1g, MIG2g")]
    [InlineData("privateCluster", "false", "open to the internet")]
    [InlineData("addressSpace", "8.8.0.0/16", "private IPv4 range")]
    [InlineData("ttl", "soon", "reco:ttl is \"soon\"")]
    [InlineData("ttl", "8h", "reco:expires is missing")]
    [InlineData("maintenanceDay", "Someday", "reco:maintenanceDay is \"Someday\"")]
    [InlineData("scoringImage", "shop/scoring:latest", "by digest")]
    [InlineData("trainingTriggerAccount", "shopevents", "target azure makes the queue")]
    [InlineData("imageSigning", "sometimes", "it must be one of off, audit, deny")]
    [InlineData("signingSubject", "CN=image-signing", "at least C, ST and O")]
    [InlineData("signingRepository", "reco", "OWNER/NAME of a GitHub repository")]
    public async Task Config_Wrong_SaysWhichKeyAndWhatIsAllowed(string key, string? value, string expected)
    {
        var config = new Dictionary<string, string>(OnAzure);
        if (value is null)
        {
            config.Remove(key);
        }
        else
        {
            config[key] = value;
        }

        var error = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(config, Mocks()));
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void GpuSkus_All_SayTheirGpusAndMemory() => Assert.All(GpuSku.Known.Values, sku =>
    {
        Assert.True(sku is { Gpus: > 0, GpuMemoryGiB: >= 16, VCpus: > 0, MemoryGiB: > 0 }, sku.VmSize);
        Assert.Equal(sku.Type is GpuType.A100 or GpuType.H100, !sku.MigProfiles.IsEmpty);
    });

    private static Dictionary<string, string> With(params (string Key, string Value)[] changes)
    {
        var config = new Dictionary<string, string>(OnAzure);
        foreach (var (key, value) in changes)
        {
            config[key] = value;
            if (value.Length == 0)
            {
                config.Remove(key);
            }
        }

        return config;
    }

    private static ImmutableDictionary<string, object> Account(RecordingMocks mocks, string name) =>
        mocks.Registered.Single(resource => resource.Type == "kubernetes:core/v1:ServiceAccount" && resource.Name == name).Inputs;

    [GeneratedRegex("-id(?=/|$)")]
    private static partial Regex IdEnd();

    [GeneratedRegex("([A-Z][a-z]+)")]
    private static partial Regex Words();

    [GeneratedRegex(@"^\| `([a-z-]+)` \| [^|]* \| ([A-Za-z ]+) \| `([a-z/-]+)`")]
    private static partial Regex AccessRow();

    internal static async Task<RecordingMocks> RunAsync(params (string Key, string Value)[] changes) => (await StartAsync(With(changes), Mocks())).Mocks;

    private static RecordingMocks Mocks() => new()
    {
        Answer = (type, state) => type switch
        {
            Cluster => state.SetItem("oidcIssuerProfile", new Dictionary<string, object> { ["enabled"] = true, ["issuerURL"] = "https://issuer" }.ToImmutableDictionary()),
            "azure-native:managedidentity:UserAssignedIdentity" => state.SetItem("clientId", $"client of {state["resourceName"]}").SetItem("principalId", $"principal of {state["resourceName"]}"),
            "azure-native:storage:StorageAccount" => state.SetItem("name", "models12345678"),
            "azure-native:keyvault:Vault" => state.SetItem("name", "vault12345678"),
            "azure-native:network:PublicIPAddress" => state.SetItem("ipAddress", "198.51.100.7"),
            "azure-native:dashboard:Grafana" => state.SetItem("identity", new Dictionary<string, object> { ["type"] = "SystemAssigned", ["principalId"] = "principal of id-grafana-reco-prod", ["tenantId"] = "t" }.ToImmutableDictionary()),
            _ => state,
        },
        Answers = new Dictionary<string, object>
        {
            ["azure-native:containerservice:listManagedClusterUserCredentials"] = new Dictionary<string, object>
            {
                ["kubeconfigs"] = ImmutableArray.Create<object>(new Dictionary<string, object> { ["name"] = "user", ["value"] = Convert.ToBase64String("apiVersion: v1"u8) }.ToImmutableDictionary()),
            }.ToImmutableDictionary(),
        },
    };
}
