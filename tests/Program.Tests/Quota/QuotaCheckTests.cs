using Reco.Infra.Configuration;
using Reco.Infra.Quota;

namespace Reco.Infra.Tests.Quota;

public sealed class QuotaCheckTests : IAsyncLifetime
{
    private const string Subscription = "11111111-2222-3333-4444-555555555555";
    private const string Usages = "/subscriptions/" + Subscription + "/providers/Microsoft.Compute/locations/westeurope/usages";

    private static readonly AzureConfig Config = new()
    {
        Location = "westeurope",
        Cluster = new ClusterConfig { SystemSize = "Standard_D4ds_v5", SystemNodes = 3, CpuSize = "Standard_D8ds_v5", CpuMaxNodes = 6, GpuSku = "Standard_NC24ads_A100_v4", GpuMaxNodes = 2, GpuSpotMaxNodes = 4 },
    };

    private readonly LoopbackAzure azure = new();
    private readonly HttpClient http = new();

    [Fact]
    public void Need_OfAStack_IsThatOfItsFamiliesAtTheMaximumWithSpotApart()
    {
        var needs = QuotaNeed.Of(Config, out var unknown);
        Assert.Empty(unknown);
        Assert.Equal(new QuotaNeed[] { new("cores", 108), new("lowPriorityCores", 96), new("standardDDSv5Family", 60), new("StandardNCADSA100v4Family", 48) }, needs);
    }

    [Theory]
    [InlineData("Standard_D8ds_v5", "standardDDSv5Family", 8)]
    [InlineData("Standard_D16s_v5", "standardDSv5Family", 16)]
    [InlineData("Standard_E8ads_v5", "standardEADSv5Family", 8)]
    [InlineData("Standard_F8s_v2", "standardFSv2Family", 8)]
    [InlineData("Standard_NC4as_T4_v3", "Standard NCASv3_T4 Family", 4)]
    public void Family_OfASize_IsAzures(string size, string family, int cores) => Assert.Equal((family, cores), QuotaNeed.FamilyOf(size));

    [Theory]
    [InlineData("Standard_E8-4ds_v5")]
    [InlineData("Basic_A1")]
    public void Family_OfASizeWhoseNameDoesNotTell_IsNotGuessed(string size) => Assert.Null(QuotaNeed.FamilyOf(size));

    [Fact]
    public async Task Check_PipelinesOidc_TradesTheTokenAndComparesEveryPage()
    {
        azure.Answers.AddRange(
        [
            ("/oidc", 200, """{"value":"pipeline-says"}"""),
            ("/tenant/oauth2", 200, """{"access_token":"arm-token","expires_in":3600}"""),
            (Usages + "?page=2", 200, Page(("StandardNCADSA100v4Family", 0, 24), ("lowPriorityCores", 10, 96))),
            (Usages, 200, Page(next: $"{azure.Address.ToString().TrimEnd('/')}{Usages}?page=2", ("cores", 40, 350), ("standardDDSv5Family", 60, 100))),
        ]);
        var report = await CheckAsync(("ARM_CLIENT_ID", "client"), ("ARM_TENANT_ID", "tenant"), ("ACTIONS_ID_TOKEN_REQUEST_URL", $"{azure.Address}oidc?v=1"), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "runner"));

        Assert.True(report.IsShort);
        Assert.Contains("    cores: needed 108, available 310 of 350", report.Lines);
        Assert.Contains("    standardDDSv5Family: needed 60, available 40 of 100; short by 20 unless the nodes in use are this stack's", report.Lines);
        Assert.Contains("    StandardNCADSA100v4Family: needed 48, available 24 of 24; short by 24 even with nothing in use: ask for more, or lower the pools' maxima", report.Lines);
        Assert.Contains("    lowPriorityCores: needed 96, available 86 of 96; short by 10 unless the nodes in use are this stack's", report.Lines);
        var requests = azure.Requests.ToArray();
        Assert.Equal(("GET /oidc?v=1&audience=api%3A%2F%2FAzureADTokenExchange", "Bearer runner"), (requests[0].Line, requests[0].Authorization));
        Assert.Contains("client_assertion=pipeline-says", requests[1].Body, StringComparison.Ordinal);
        Assert.All(requests[2..], request => Assert.Equal("Bearer arm-token", request.Authorization));
    }

    [Fact]
    public async Task Check_EnoughQuota_WarnsOfNothing()
    {
        azure.Answers.AddRange([("/tenant/oauth2", 200, """{"access_token":"arm-token"}"""), (Usages, 200, Page(("cores", 0, 1000), ("lowPriorityCores", 0, 1000), ("standardDDSv5Family", 0, 1000)))]);
        var report = await CheckAsync(("AZURE_CLIENT_ID", "client"), ("AZURE_TENANT_ID", "tenant"), ("AZURE_CLIENT_SECRET", "hush"));
        Assert.False(report.IsShort);
        Assert.Contains("    StandardNCADSA100v4Family: needed 48; Azure names no such quota here, so it was not checked", report.Lines);
        Assert.Contains("client_secret=hush", azure.Requests.First().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_WorkloadIdentity_ReadsTheTokensFile()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "pod-says\n");
        try
        {
            azure.Answers.AddRange([("/tenant/oauth2", 200, """{"access_token":"arm-token"}"""), (Usages, 200, Page(("cores", 0, 1000)))]);
            Assert.Contains("cores: needed 108, available 1000 of 1000", (await CheckAsync(("AZURE_CLIENT_ID", "client"), ("AZURE_TENANT_ID", "tenant"), ("AZURE_FEDERATED_TOKEN_FILE", file))).ToString(), StringComparison.Ordinal);
            Assert.Contains("client_assertion=pod-says&", azure.Requests.First().Body, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Check_LoginOfTheCommandLine_IsTaken()
    {
        var folder = Directory.CreateTempSubdirectory("reco-az-");
        try
        {
            var command = Path.Combine(folder.FullName, "az");
            await File.WriteAllTextAsync(command, "#!/bin/sh\n[ \"$1 $2\" = \"account get-access-token\" ] || exit 3\necho '{\"accessToken\":\"from-az\"}'\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            }

            azure.Answers.Add((Usages, 200, Page(("cores", 0, 1000))));
            Assert.Contains("available 1000 of 1000", (await CheckAsync(("PATH", folder.FullName))).ToString(), StringComparison.Ordinal);
            Assert.Equal("Bearer from-az", Assert.Single(azure.Requests).Authorization);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Check_NobodyLoggedIn_SaysSoAndWhatIsNeeded()
    {
        var report = await CheckAsync();
        Assert.False(report.IsShort);
        Assert.Equal("Quota of westeurope was not checked: nobody is logged in to Azure (no ARM_ or AZURE_ variables, no az login). Needed at most: cores 108, lowPriorityCores 96, standardDDSv5Family 60, StandardNCADSA100v4Family 48 vCPUs.", report.ToString());
        Assert.Empty(azure.Requests);
    }

    [Fact]
    public async Task Check_NoSubscription_SaysSo() =>
        Assert.Contains("no subscription is set", (await new QuotaCheck(http, new AzureAccess { Variable = _ => null }).CheckAsync(Config)).ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData(401, """{"error":"invalid_client","error_description":"AADSTS7000215: hush-hush is wrong"}""", "Entra answered 401 (invalid_client)")]
    [InlineData(200, "<html>", "Entra did not answer in JSON")]
    [InlineData(200, "{}", "Entra answered without a token")]
    public async Task Check_CredentialsRefused_SaysWhyAndNoSecret(int status, string body, string expected)
    {
        azure.Answers.Add(("/tenant/oauth2", status, body));
        var text = (await CheckAsync(("ARM_CLIENT_ID", "client"), ("ARM_TENANT_ID", "tenant"), ("ARM_CLIENT_SECRET", "hush-hush"))).ToString();
        Assert.Contains($"was not checked: {expected}.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, """{"error":{"code":"AuthorizationFailed","message":"no"}}""", "Azure Resource Manager answered 403 (AuthorizationFailed)")]
    [InlineData(200, """{"value":[{"name":{}}]}""", "does not have the form")]
    public async Task Check_UsagesRefused_SaysWhy(int status, string body, string expected)
    {
        azure.Answers.AddRange([("/tenant/oauth2", 200, """{"access_token":"arm-token"}"""), (Usages, status, body)]);
        Assert.Contains(expected, (await CheckAsync(("ARM_CLIENT_ID", "client"), ("ARM_TENANT_ID", "tenant"), ("ARM_CLIENT_SECRET", "s"))).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_NextPageElsewhere_DoesNotGetTheToken()
    {
        await using var stranger = new LoopbackAzure();
        azure.Answers.AddRange([("/tenant/oauth2", 200, """{"access_token":"arm-token"}"""), (Usages, 200, Page(next: $"{stranger.Address}more", ("cores", 0, 1000)))]);
        Assert.Contains("cores: needed 108, available 1000", (await CheckAsync(("ARM_CLIENT_ID", "client"), ("ARM_TENANT_ID", "tenant"), ("ARM_CLIENT_SECRET", "s"))).ToString(), StringComparison.Ordinal);
        Assert.Empty(stranger.Requests);
    }

    [Fact]
    public async Task Check_NetworkDown_SaysWhoCannotBeReached()
    {
        await azure.DisposeAsync();
        Assert.Contains("Entra (127.0.0.1) cannot be reached", (await CheckAsync(("ARM_CLIENT_ID", "client"), ("ARM_TENANT_ID", "tenant"), ("ARM_CLIENT_SECRET", "s"))).ToString(), StringComparison.Ordinal);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        http.Dispose();
        await azure.DisposeAsync();
    }

    private static string Page(params (string Name, int Used, int Limit)[] quotas) => Page(null, quotas);

    private static string Page(string? next, params (string Name, int Used, int Limit)[] quotas) =>
        System.Text.Json.JsonSerializer.Serialize(new { value = quotas.Select(quota => new { name = new { value = quota.Name }, currentValue = quota.Used, limit = quota.Limit }), nextLink = next });

    private Task<QuotaReport> CheckAsync(params (string Name, string Value)[] variables) =>
        new QuotaCheck(http, new AzureAccess { Variable = variables.ToDictionary(entry => entry.Name, entry => entry.Value).GetValueOrDefault, Authority = azure.Address, Management = azure.Address, Limit = TimeSpan.FromSeconds(30) })
            .CheckAsync(Config with { SubscriptionId = Subscription });
}
