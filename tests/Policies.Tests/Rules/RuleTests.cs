using static Reco.Policies.Tests.RuleCheck;

namespace Reco.Policies.Tests.Rules;

/// <summary>Each rule on an input that meets it, on ones that do not, and on one that is not known yet.</summary>
public sealed class RuleTests
{
    private const string EnvoyProxy = "kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy";
    private const string Storage = "azure-native:storage:StorageAccount";
    private const string Registry = "azure-native:containerregistry:Registry";
    private const string Vault = "azure-native:keyvault:Vault";
    private const string Cluster = "azure-native:containerservice:ManagedCluster";
    private const string Pool = "azure-native:containerservice:AgentPool";
    private const string Deployment = "kubernetes:apps/v1:Deployment";
    private const string Rollout = "kubernetes:argoproj.io/v1alpha1:Rollout";
    private const string ScaledJob = "kubernetes:keda.sh/v1alpha1:ScaledJob";
    private const string Ingress = "kubernetes:networking.k8s.io/v1:Ingress";
    private const string NetworkPolicy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
    private const string SecurityGroup = "azure-native:network:NetworkSecurityGroup";
    private const string Assignment = "azure-native:authorization:RoleAssignment";
    private const string RoleDefinition = "azure-native:authorization:RoleDefinition";
    private const string Federation = "azure-native:managedidentity:FederatedIdentityCredential";
    private const string GoodStorage = """{"publicNetworkAccess":"Disabled","allowBlobPublicAccess":false,"enableHttpsTrafficOnly":true,"minimumTlsVersion":"TLS1_2","allowSharedKeyAccess":false,"encryption":{"requireInfrastructureEncryption":true}}""";
    private const string GoodPool = """{"vmSize":"Standard_NC24ads_A100_v4","mode":"User","nodeTaints":["sku=gpu:NoSchedule"],"enableAutoScaling":true,"minCount":0,"maxCount":2,"enableEncryptionAtHost":true}""";
    private const string GoodPod = """
        {"spec":{"template":{"spec":{"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"name":"a","image":"shop/a@sha256:1",
          "resources":{"requests":{"cpu":"1","memory":"1Gi"},"limits":{"memory":"1Gi"}},"readinessProbe":{"httpGet":{"port":1}},"livenessProbe":{"httpGet":{"port":1}},
          "securityContext":{"allowPrivilegeEscalation":false,"readOnlyRootFilesystem":true,"capabilities":{"drop":["ALL"]}}}]}}}}
        """;

    [Theory]
    [InlineData("no-public-endpoint", Storage, GoodStorage)]
    [InlineData("no-public-endpoint", Storage, """{"publicNetworkAccess":"04da6b54-80e4-46f7-96ec-b56ff0331ba9"}""")]
    [InlineData("no-public-endpoint", Vault, """{"properties":{"publicNetworkAccess":"Disabled"}}""")]
    [InlineData("no-public-endpoint", Cluster, """{"apiServerAccessProfile":{"enablePrivateCluster":true}}""")]
    [InlineData("no-public-endpoint", Cluster, """{"apiServerAccessProfile":{"authorizedIPRanges":["203.0.113.0/24"]}}""")]
    [InlineData("no-public-endpoint", "kubernetes:core/v1:Service", """{"spec":{"type":"LoadBalancer"},"metadata":{"annotations":{"service.beta.kubernetes.io/azure-load-balancer-internal":"true"}}}""")]
    [InlineData("no-public-endpoint", EnvoyProxy, """{"spec":{"provider":{"kubernetes":{"envoyService":{"type":"ClusterIP"}}}}}""")]
    [InlineData("no-public-endpoint", EnvoyProxy, """{"spec":{"provider":{"kubernetes":{"envoyService":{"annotations":{"service.beta.kubernetes.io/azure-load-balancer-internal":"true"}}}}}}""")]
    [InlineData("images-by-digest", Deployment, GoodPod)]
    [InlineData("images-by-digest", Deployment, """{"spec":{"template":{"spec":{"containers":[{"image":"reco.local/serving:abc"},{"image":"04da6b54-80e4-46f7-96ec-b56ff0331ba9"}]}}}}""")]
    [InlineData("limits-and-probes", Deployment, GoodPod)]
    [InlineData("restricted-pods", Deployment, GoodPod)]
    [InlineData("encrypted", Storage, GoodStorage)]
    [InlineData("encrypted", Pool, GoodPool)]
    [InlineData("encrypted", Vault, """{"properties":{"enablePurgeProtection":true,"enableRbacAuthorization":true}}""")]
    [InlineData("tagged", Storage, """{"tags":{"owner":"ml","cost-centre":"42","environment":"prod"}}""")]
    [InlineData("tagged", "azure-native:network:Subnet", "{}")]
    [InlineData("gpu-pools-tainted", Pool, GoodPool)]
    [InlineData("gpu-pools-tainted", Pool, """{"vmSize":"Standard_D4ds_v5"}""")]
    [InlineData("no-wildcard-role", "kubernetes:rbac.authorization.k8s.io/v1:Role", """{"rules":[{"apiGroups":[""],"resources":["configmaps"],"verbs":["get"]}]}""")]
    [InlineData("no-wildcard-role", "azure-native:authorization:RoleAssignment", """{"scope":"/subscriptions/s/resourceGroups/g","roleDefinitionId":"/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"}""")]
    [InlineData("hardened-cluster", Cluster, """{"disableLocalAccounts":true,"enableRBAC":true,"aadProfile":{"managed":true,"enableAzureRBAC":true},"oidcIssuerProfile":{"enabled":true},"securityProfile":{"workloadIdentity":{"enabled":true}},"networkProfile":{"networkPolicy":"cilium"},"autoUpgradeProfile":{"upgradeChannel":"patch"}}""")]
    [InlineData("no-plain-secret", "kubernetes:core/v1:Secret", """{"stringData":{"a":{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","value":"x"}}}""")]
    [InlineData("no-plain-secret", "kubernetes:core/v1:ConfigMap", """{"data":{"modelVersion":"1"}}""")]
    [InlineData("monthly-budget", Pool, GoodPool)]
    [InlineData("encrypted", "azure-native:servicebus:Namespace", """{"minimumTlsVersion":"1.2"}""")]
    [InlineData("encrypted", Ingress, """{"spec":{"tls":[{"hosts":["a"]}]}}""")]
    [InlineData("no-wildcard-role", RoleDefinition, """{"permissions":[{"actions":["Microsoft.Storage/storageAccounts/read"]}]}""")]
    [InlineData("no-plain-secret", Deployment, """{"spec":{"template":{"spec":{"containers":[{"args":["--url=https://host/a"],"env":[{"name":"URL","value":"https://user@host/?page=1"}]}]}}}}""")]
    [InlineData("no-open-ingress", SecurityGroup, """{"securityRules":[{"direction":"Inbound","access":"Allow","sourceAddressPrefix":"VirtualNetwork"},{"direction":"Inbound","access":"Deny","sourceAddressPrefix":"*"},{"direction":"Outbound","access":"Allow","sourceAddressPrefix":"*"}]}""")]
    [InlineData("no-open-ingress", NetworkPolicy, """{"spec":{"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8"}},{"podSelector":{}}]}]}}""")]
    [InlineData("narrow-identities", Federation, """{"subject":"system:serviceaccount:reco:scoring","audiences":["api://AzureADTokenExchange"]}""")]
    [InlineData("narrow-identities", Assignment, """{"roleDefinitionId":"/providers/Microsoft.Authorization/roleDefinitions/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1","scope":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a/blobServices/default/containers/bundles"}""")]
    [InlineData("narrow-identities", Assignment, """{"roleDefinitionId":"2a2b9908-6ea1-4ae2-8e65-a410df84e7d1","scope":"04da6b54-80e4-46f7-96ec-b56ff0331ba9"}""")]
    public void Check_WhatMeetsTheRule_SaysNothing(string rule, string type, string json) => Assert.Empty(Messages(rule, type, json));

    [Theory]
    [InlineData("no-public-endpoint", Storage, """{"publicNetworkAccess":"Enabled"}""", "publicNetworkAccess is Enabled")]
    [InlineData("no-public-endpoint", Registry, "{}", "publicNetworkAccess is not set")]
    [InlineData("no-public-endpoint", Cluster, "{}", "open to the internet")]
    [InlineData("no-public-endpoint", Cluster, """{"apiServerAccessProfile":{"authorizedIPRanges":["0.0.0.0/0"]}}""", "which is everybody")]
    [InlineData("no-public-endpoint", "kubernetes:core/v1:Service", """{"spec":{"type":"LoadBalancer"}}""", "public address")]
    [InlineData("no-public-endpoint", EnvoyProxy, """{"spec":{"provider":{"type":"Kubernetes"}}}""", "envoyService.type is LoadBalancer with a public address")]
    [InlineData("no-public-endpoint", Pool, """{"enableNodePublicIP":true}""", "enableNodePublicIP is true")]
    [InlineData("images-by-digest", Deployment, """{"spec":{"template":{"spec":{"containers":[{"image":"shop/a:latest"}]}}}}""", "spec.template.spec.containers[0].image is \"shop/a:latest\"")]
    [InlineData("images-by-digest", "kubernetes:batch/v1:CronJob", """{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"initContainers":[{"image":"busybox"}]}}}}}}""", "spec.jobTemplate.spec.template.spec.initContainers[0].image")]
    [InlineData("limits-and-probes", "kubernetes:batch/v1:Job", """{"spec":{"template":{"spec":{"containers":[{"resources":{"requests":{"cpu":"1","memory":"1"}}}]}}}}""", "containers[0].resources.limits.memory is missing")]
    [InlineData("limits-and-probes", "kubernetes:argoproj.io/v1alpha1:Rollout", """{"spec":{"template":{"spec":{"containers":[{"resources":{"requests":{"cpu":"1","memory":"1"},"limits":{"memory":"1"}},"readinessProbe":{}}]}}}}""", "containers[0].livenessProbe is missing")]
    [InlineData("encrypted", Registry, """{"adminUserEnabled":true}""", "adminUserEnabled must be false")]
    [InlineData("encrypted", Cluster, """{"agentPoolProfiles":[{"name":"system"}]}""", "agentPoolProfiles.0.enableEncryptionAtHost")]
    [InlineData("tagged", Storage, """{"tags":{"owner":"ml","environment":""}}""", "tags lacks cost-centre, environment")]
    [InlineData("no-wildcard-role", "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", """{"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["*"]}]}""", "rules[0].verbs")]
    [InlineData("no-wildcard-role", "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", """{"roleRef":{"name":"cluster-admin"}}""", "cluster-admin")]
    [InlineData("no-wildcard-role", "azure-native:authorization:RoleAssignment", """{"scope":"/subscriptions/s/resourceGroups/g","roleDefinitionId":"b24988ac-6180-42a0-ab88-20f7382dd24c"}""", "Contributor")]
    [InlineData("no-wildcard-role", "azure-native:authorization:RoleAssignment", """{"scope":"/subscriptions/s","roleDefinitionId":"x"}""", "scope is /subscriptions/s")]
    [InlineData("no-plain-secret", "kubernetes:core/v1:Secret", """{"stringData":{"api-key":"x"}}""", "stringData.api-key carries no secret mark")]
    [InlineData("no-plain-secret", "kubernetes:core/v1:ConfigMap", """{"data":{"db-password":"x"}}""", "data.db-password")]
    [InlineData("no-plain-secret", Deployment, """{"spec":{"template":{"spec":{"containers":[{"env":[{"name":"API_KEY","value":"x"}]}]}}}}""", "API_KEY has its value in the open")]
    [InlineData("restricted-pods", ScaledJob, """{"spec":{"jobTargetRef":{"template":{"spec":{"hostPID":true}}}}}""", "spec.jobTargetRef.template.spec.hostPID is true")]
    [InlineData("images-by-digest", ScaledJob, """{"spec":{"jobTargetRef":{"template":{"spec":{"containers":[{"image":"shop/a:1"}]}}}}}""", "spec.jobTargetRef.template.spec.containers[0].image")]
    [InlineData("limits-and-probes", ScaledJob, """{"spec":{"jobTargetRef":{"template":{"spec":{"containers":[{}]}}}}}""", "containers[0].resources.requests.cpu is missing")]
    [InlineData("no-plain-secret", ScaledJob, """{"spec":{"jobTargetRef":{"template":{"spec":{"containers":[{"env":[{"name":"TOKEN","value":"x"}]}]}}}}}""", "TOKEN has its value in the open")]
    [InlineData("images-by-digest", "kubernetes:core/v1:PodTemplate", """{"template":{"spec":{"containers":[{"image":"shop/a:1"}]}}}""", "template.spec.containers[0].image")]
    [InlineData("restricted-pods", Rollout, """{"spec":{"template":{"spec":{"containers":[{"securityContext":{"privileged":true}}]}}}}""", "containers[0].securityContext.privileged is true")]
    [InlineData("restricted-pods", Deployment, """{"spec":{"template":{"spec":{"volumes":[{"name":"a","emptyDir":{}},{"name":"b","hostPath":{"path":"/"}}]}}}}""", "spec.template.spec.volumes[1] is a hostPath")]
    [InlineData("restricted-pods", Deployment, """{"spec":{"template":{"spec":{"containers":[{"ports":[{"hostPort":80}]}]}}}}""", "ports has a hostPort")]
    [InlineData("restricted-pods", Deployment, """{"spec":{"template":{"spec":{"containers":[{"securityContext":{"runAsUser":0}}]}}}}""", "runAsUser is 0")]
    [InlineData("restricted-pods", Deployment, """{"spec":{"template":{"spec":{"containers":[{"securityContext":{"capabilities":{"add":["NET_BIND_SERVICE","SYS_ADMIN"]}}}]}}}}""", "holds SYS_ADMIN")]
    [InlineData("encrypted", "azure-native:servicebus:Namespace", """{"minimumTlsVersion":"1.0"}""", "minimumTlsVersion is 1.0")]
    [InlineData("encrypted", Storage, """{"minimumTlsVersion":"TLS1_1"}""", "minimumTlsVersion is TLS1_1")]
    [InlineData("encrypted", Storage, """{"allowSharedKeyAccess":true}""", "allowSharedKeyAccess must be false")]
    [InlineData("encrypted", Vault, """{"properties":{"enableRbacAuthorization":true}}""", "properties.enablePurgeProtection must be true")]
    [InlineData("encrypted", Ingress, """{"spec":{}}""", "spec.tls is missing")]
    [InlineData("no-wildcard-role", RoleDefinition, """{"permissions":[{"actions":["Microsoft.Storage/*"]},{"actions":["*"]}]}""", "permissions[1].actions")]
    [InlineData("no-wildcard-role", Assignment, """{"scope":"/subscriptions/s","roleDefinitionId":"8e3af657-a8ff-443c-a75c-2fe8c4bcb635"}""", "roleDefinitionId is Owner")]
    [InlineData("no-wildcard-role", Assignment, """{"scope":"/providers/Microsoft.Management/managementGroups/all","roleDefinitionId":"x"}""", "scope is /providers/Microsoft.Management/managementGroups/all")]
    [InlineData("no-plain-secret", Deployment, """{"spec":{"template":{"spec":{"containers":[{"env":[{"name":"STORE","value":"AccountName=a;AccountKey=abcdefghijklmnop=="}]}]}}}}""", "STORE has its value in the open")]
    [InlineData("no-plain-secret", Deployment, """{"spec":{"template":{"spec":{"containers":[{"args":["--db=postgres://app:hunter2@db/shop"]}]}}}}""", "containers[0].args holds a secret")]
    [InlineData("no-plain-secret", "kubernetes:core/v1:ConfigMap", """{"data":{"tls":"-----BEGIN PRIVATE KEY-----"}}""", "data.tls looks like a secret")]
    [InlineData("no-open-ingress", SecurityGroup, """{"securityRules":[{"direction":"Inbound","access":"Allow","sourceAddressPrefix":"0.0.0.0/0"}]}""", "securityRules[0] lets 0.0.0.0/0 in")]
    [InlineData("no-open-ingress", "azure-native:network:SecurityRule", """{"direction":"Inbound","access":"Allow","sourceAddressPrefixes":["10.0.0.0/8","Internet"]}""", "the rule lets Internet in")]
    [InlineData("no-open-ingress", NetworkPolicy, """{"spec":{"ingress":[{"from":[{"podSelector":{}}]},{"from":[{"ipBlock":{"cidr":"0.0.0.0/0"}}]}]}}""", "spec.ingress[1].from holds 0.0.0.0/0")]
    [InlineData("no-open-ingress", "kubernetes:core/v1:Service", """{"spec":{"loadBalancerSourceRanges":["::/0"]}}""", "loadBalancerSourceRanges holds ::/0")]
    [InlineData("narrow-identities", Federation, """{"subject":"system:serviceaccount:reco:default"}""", "subject is system:serviceaccount:reco:default")]
    [InlineData("narrow-identities", Federation, """{"subject":"system:serviceaccount:reco:a","audiences":["https://kubernetes.default.svc"]}""", "audiences holds https://kubernetes.default.svc")]
    [InlineData("narrow-identities", Assignment, """{"roleDefinitionId":"/providers/x/ba92f5b4-2d11-453d-a403-e96b0029c9fe","scope":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a"}""", "scope of Storage Blob Data Contributor is")]
    [InlineData("narrow-identities", Assignment, """{"roleDefinitionId":"17d1049b-9a84-46fb-8f53-869881c3d3ab","scope":"x"}""", "Storage Account Contributor, which reads the account's keys")]
    public void Check_WhatBreaksTheRule_SaysWhere(string rule, string type, string json, string expected) =>
        Assert.Contains(Messages(rule, type, json), message => message.Contains(expected, StringComparison.Ordinal));

    [Fact]
    public void NoPlainSecret_Violation_DoesNotShowTheValue() =>
        Assert.DoesNotContain(Messages("no-plain-secret", "kubernetes:core/v1:Secret", """{"stringData":{"api-key":"hush-hush"}}"""), message => message.Contains("hush", StringComparison.Ordinal));

    [Fact]
    public void GpuPoolsTainted_UntaintedSystemPoolThatNeverScalesDown_SaysAllThree()
    {
        var messages = Messages("gpu-pools-tainted", Pool, """{"vmSize":"Standard_NC4as_T4_v3","mode":"System","enableAutoScaling":true,"minCount":1}""");
        Assert.Equal(3, messages.Count);
    }

    [Fact]
    public void HardenedCluster_Bare_NamesEachMissingSetting() => Assert.Equal(8, Messages("hardened-cluster", Cluster, "{}").Count);

    [Fact]
    public void RestrictedPods_BareContainer_NamesEachMissingSetting()
    {
        var messages = Messages("restricted-pods", Deployment, """{"spec":{"template":{"spec":{"hostNetwork":true,"containers":[{"name":"a"}]}}}}""");
        Assert.Equal(6, messages.Count);
        Assert.All(messages.Skip(1), message => Assert.StartsWith("spec.template.spec.containers[0]", message, StringComparison.Ordinal));
    }

    [Fact]
    public void Tagged_ShortLivedStack_MustSayWhenItExpires()
    {
        const string Tags = """{"tags":{"owner":"ml","cost-centre":"42","environment":"test"}}""";
        Assert.Equal(["tags lacks expires."], Messages("tagged", Storage, Tags, ("reco:ttl", "8h")));
    }

    [Fact]
    public void RestrictedPods_FolderOfThisMachine_IsTakenOnTargetLocalAlone()
    {
        const string Pod = """{"spec":{"volumes":[{"hostPath":{"path":"/data"}}]}}""";
        Assert.Empty(Messages("restricted-pods", "kubernetes:core/v1:Pod", Pod, ("reco:target", "local")));
        Assert.Single(Messages("restricted-pods", "kubernetes:core/v1:Pod", Pod, ("reco:target", "azure")));
    }

    [Theory]
    [InlineData("prod", false, 1)]
    [InlineData("prod", true, 0)]
    [InlineData("staging", false, 0)]
    public void ProtectedData_InProduction_DemandsProtection(string environment, bool isProtected, int violations)
    {
        var rule = (ResourceRule)PolicyPack.Rules.Single(rule => rule.Name == "protected-data");
        var context = new PolicyContext("blue", new Dictionary<string, string> { ["reco:environment"] = environment });
        Assert.Equal(violations, rule.Check(Resource(Storage, GoodStorage) with { IsProtected = isProtected }, context).Count());
    }

    [Fact]
    public void Rules_Each_HasAnExampleThatMeetsItAndOneThatBreaksIt()
    {
        var examples = typeof(RuleTests).GetMethods().Select(method => method.GetCustomAttributes(typeof(InlineDataAttribute), inherit: false).Cast<InlineDataAttribute>()
            .Select(data => data.GetData(null!).Single()[0]).OfType<string>().ToHashSet()).ToList();
        var (meets, breaks) = (examples[IndexOf(nameof(Check_WhatMeetsTheRule_SaysNothing))], examples[IndexOf(nameof(Check_WhatBreaksTheRule_SaysWhere))]);
        string[] elsewhere = ["gpu-pools-tainted", "hardened-cluster", "monthly-budget", "protected-data", "restricted-pods", "tagged"];
        Assert.Empty(PolicyPack.Rules.Select(rule => rule.Name).Except(meets).Except(["protected-data"]));
        Assert.Empty(PolicyPack.Rules.Select(rule => rule.Name).Except(breaks).Except(elsewhere));

        static int IndexOf(string method) => Array.FindIndex(typeof(RuleTests).GetMethods(), candidate => candidate.Name == method);
    }

    [Theory]
    // No budget.
    [InlineData("0", 0)]
    [InlineData("100000", 0)]
    [InlineData("5000", 1)]
    [InlineData("cheap", 1)]
    public void MonthlyBudget_AtTheAutoscalersMaximum_IsHeldAgainstTheLimit(string budget, int violations) =>
        Assert.Equal(violations, Messages("monthly-budget", Pool, GoodPool, ("reco:monthlyBudget", budget)).Count);
}
