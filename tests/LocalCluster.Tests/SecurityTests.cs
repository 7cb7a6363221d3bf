using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using k8s;
using k8s.Models;

namespace Reco.LocalCluster.Tests;

/// <summary>Who may do what, and who sees what.</summary>
public sealed class SecurityTests(Cluster cluster) : IClassFixture<Cluster>
{
    private async Task<string> TokenAsync(string space, string account)
    {
        await cluster.Client.CreateNamespacedServiceAccountAsync(new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = account } }, space);
        return (await cluster.Client.CreateNamespacedServiceAccountTokenAsync(new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = ["api"] } }, account, space)).Status.Token;
    }

    private async Task GrantAsync(string space, string account, params V1PolicyRule[] rules)
    {
        await cluster.Client.CreateNamespacedRoleAsync(new V1Role { Metadata = new V1ObjectMeta { Name = $"{account}-role" }, Rules = rules }, space);
        await cluster.Client.CreateNamespacedRoleBindingAsync(new V1RoleBinding
        {
            Metadata = new V1ObjectMeta { Name = $"{account}-binding" },
            RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = $"{account}-role" },
            Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = account, NamespaceProperty = space }],
        }, space);
    }

    private async Task<int> GetAsync(string path, string token) => (await cluster.SendAsync(HttpMethod.Get, path, token: token)).Status;

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a.b")]
    [InlineData("")]
    public async Task Token_Wrong_IsUnauthorized(string token) => Assert.Equal(401, await GetAsync("api/v1/namespaces", token.Length == 0 ? " " : token));

    [Fact]
    public async Task Roles_Allow_NothingElse()
    {
        var space = await cluster.SpaceAsync();
        var token = await TokenAsync(space, "reader");
        Assert.Equal(403, await GetAsync($"api/v1/namespaces/{space}/configmaps", token));
        await GrantAsync(space, "reader",
            new V1PolicyRule { ApiGroups = [""], Resources = ["configmaps"], Verbs = ["get", "list"] },
            new V1PolicyRule { ApiGroups = [""], Resources = ["secrets"], ResourceNames = ["mine"], Verbs = ["get"] });
        await cluster.Client.CreateNamespacedSecretAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = "mine" } }, space);
        await cluster.Client.CreateNamespacedSecretAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = "other" } }, space);
        Assert.Equal(200, await GetAsync($"api/v1/namespaces/{space}/configmaps", token));
        Assert.Equal(200, await GetAsync($"api/v1/namespaces/{space}/secrets/mine", token));
        Assert.Equal(403, await GetAsync($"api/v1/namespaces/{space}/secrets/other", token));
        Assert.Equal(403, await GetAsync($"api/v1/namespaces/{space}/secrets", token));
        Assert.Equal(403, await GetAsync("api/v1/namespaces/default/configmaps", token));
        Assert.Equal(403, await GetAsync($"api/v1/namespaces/{space}/pods/x/log", token));
        Assert.Equal(403, (await cluster.SendAsync(HttpMethod.Post, $"api/v1/namespaces/{space}/configmaps", """{"metadata":{"name":"x"}}""", token: token)).Status);
        Assert.Equal(403, (await cluster.SendAsync(HttpMethod.Post, "reco/v1/shutdown", token: token)).Status);
        var review = await cluster.SendAsync(HttpMethod.Post, "apis/authorization.k8s.io/v1/selfsubjectaccessreviews", $$$$"""{"spec":{"resourceAttributes":{"namespace":"{{{{space}}}}","verb":"list","resource":"configmaps"}}}""", token: token);
        Assert.True((bool)review.Body!["status"]!["allowed"]!);
    }

    [Fact]
    public async Task Roles_CannotGive_WhatTheGiverLacks()
    {
        var space = await cluster.SpaceAsync();
        var token = await TokenAsync(space, "manager");
        await GrantAsync(space, "manager", new V1PolicyRule { ApiGroups = ["rbac.authorization.k8s.io"], Resources = ["roles", "rolebindings"], Verbs = ["*"] }, new V1PolicyRule { ApiGroups = [""], Resources = ["configmaps"], Verbs = ["get"] });
        async Task<int> MakeAsync(string name, string resource) => (await cluster.SendAsync(HttpMethod.Post, $"apis/rbac.authorization.k8s.io/v1/namespaces/{space}/roles", $$"""{"metadata":{"name":"{{name}}"},"rules":[{"apiGroups":[""],"resources":["{{resource}}"],"verbs":["get"]}]}""", token: token)).Status;
        Assert.Equal(201, await MakeAsync("held", "configmaps"));
        Assert.Equal(403, await MakeAsync("more", "secrets"));
        var widened = await cluster.SendAsync(HttpMethod.Patch, $"apis/rbac.authorization.k8s.io/v1/namespaces/{space}/roles/held", """{"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}""", "application/merge-patch+json", token);
        Assert.Equal(403, widened.Status);
    }

    [Fact]
    public async Task Token_OfADeletedAccount_IsWorthNothing()
    {
        var space = await cluster.SpaceAsync();
        var token = await TokenAsync(space, "gone");
        Assert.Equal(200, await GetAsync("version", token));
        await cluster.Client.DeleteNamespacedServiceAccountAsync("gone", space);
        Assert.Equal(401, await GetAsync("version", token));
    }

    [Fact]
    public async Task Pod_ReachesTheApi_WithItsProjectedToken()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedServiceAccountAsync(new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = "worker" } }, space);
        await GrantAsync(space, "worker", new V1PolicyRule { ApiGroups = [""], Resources = ["configmaps"], Verbs = ["get"] });
        await cluster.UntilAsync(async () => (await cluster.Client.ListNamespacedConfigMapAsync(space)).Items.Any(), "the namespace has the authority's certificate");
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("p", "", spec =>
        {
            spec.ServiceAccountName = "worker";
            spec.Volumes = [new V1Volume { Name = "api", Projected = new V1ProjectedVolumeSource { Sources = [new V1VolumeProjection { ServiceAccountToken = new V1ServiceAccountTokenProjection { Path = "token" } }, new V1VolumeProjection { ConfigMap = new V1ConfigMapProjection { Name = "kube-root-ca.crt" } }] } }];
            spec.Containers[0].VolumeMounts = [new V1VolumeMount { Name = "api", MountPath = "/var/run/secrets/api" }];
            spec.Containers[0].Command = PodProgram.Command("get", $"https://$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT)/api/v1/namespaces/{space}/configmaps/kube-root-ca.crt", "/var/run/secrets/api/token", "/var/run/secrets/api/ca.crt");
        }), space);
        await cluster.PhaseAsync(space, "p", "Succeeded", "Failed");
        Assert.Equal("200\n", await cluster.LogAsync(space, "p"));
    }

    [Fact]
    public async Task Files_AreTheOwnersAlone()
    {
        var space = await cluster.SpaceAsync();
        await cluster.Client.CreateNamespacedSecretAsync(new V1Secret { Metadata = new V1ObjectMeta { Name = "s" }, StringData = new Dictionary<string, string> { ["k"] = "v" } }, space);
        await cluster.Client.CreateNamespacedPodAsync(Cluster.Script("p", "cat /s/k; sleep 300", spec =>
        {
            spec.Volumes = [new V1Volume { Name = "s", Secret = new V1SecretVolumeSource { SecretName = "s", DefaultMode = 0b110_110_110 } }];
            spec.Containers[0].VolumeMounts = [new V1VolumeMount { Name = "s", MountPath = "/s" }];
        }), space);
        var pod = await cluster.ReadyAsync(space, "p");

        // Nobody else gets past the state folder; what is secret is closed on its own, too.
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        foreach (var file in new[]
        {
            cluster.State, Path.Combine(cluster.State, "admin.kubeconfig"), Path.Combine(cluster.State, "pki", "token.key"), Path.Combine(cluster.State, "pki", "server.key"),
            Directory.GetFiles(Path.Combine(cluster.State, "objects", "secrets")).First(), Path.Combine(cluster.State, "pods", pod.Metadata.Uid, "volumes", "s", "k"),
        })
        {
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(file) & Others);
        }
    }

    [Fact]
    public async Task Listener_IsLoopback_AndTlsOnly()
    {
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(cluster.Client.BaseUri.Host)));
        using var plain = new HttpClient();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => plain.GetStringAsync(new Uri($"http://{cluster.Client.BaseUri.Authority}/version")));
        using var stranger = new HttpClient();
        var untrusted = await Assert.ThrowsAnyAsync<HttpRequestException>(() => stranger.GetStringAsync(new Uri(cluster.Client.BaseUri, "version")));
        Assert.IsType<AuthenticationException>(untrusted.InnerException);
    }

    [Fact]
    public async Task Client_ThatSaysNothing_IsDropped()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(cluster.Client.BaseUri.Host, cluster.Client.BaseUri.Port);
        await client.GetStream().WriteAsync(new byte[] { 0x16 });
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(Cluster.Patience));
    }
}
