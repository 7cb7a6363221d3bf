using System.Text.Json.Nodes;
using Reco.Infra.Tests.Invariants;
using static Reco.Infra.Tests.ProgramRun;

namespace Reco.Infra.Tests.Azure;

public sealed class ImageSigningTests
{
    private const string Constraint = "kubernetes:constraints.gatekeeper.sh/v1beta1:RecoSignedImages";
    private const string Template = "kubernetes:templates.gatekeeper.sh/v1:ConstraintTemplate";

    [Theory]
    [InlineData("audit", "dryrun")]
    [InlineData("deny", "deny")]
    public async Task Signing_OfImages_PutsTheConstraintInForceForTheStacksPods(string mode, string action)
    {
        var mocks = await AzureStackTests.RunAsync(("imageSigning", mode));
        var (constraint, template) = (Json(mocks, Constraint), Json(mocks, Template));
        Assert.Empty(CustomSchema.Check("RecoSignedImages", constraint));
        Assert.Empty(CustomSchema.Check("ConstraintTemplate", template));
        Assert.Equal(action, constraint.Text("spec.enforcementAction"));
        Assert.Equal(("reco", "Pod"), (constraint.Text("spec.match.namespaces.0"), constraint.Text("spec.match.kinds.0.kinds.0")));
        // Gatekeeper takes a template whose name is its kind in lower case, and whose rule is a package of any name.
        Assert.Equal(template.Text("spec.crd.spec.names.kind")!.ToLowerInvariant(), template.Text("metadata.name"));
        Assert.Equal(constraint.Text("kind"), template.Text("spec.crd.spec.names.kind"));
        var rule = template.Text("spec.targets.0.rego")!;
        Assert.All(new[] { "containers", "initContainers", "ephemeralContainers" }, list => Assert.Contains($"spec.{list}[_].image", rule, StringComparison.Ordinal));
        Assert.Equal(rule.Count(character => character == '{'), rule.Count(character => character == '}'));
    }

    [Fact]
    public async Task Ratify_TakesSignaturesOfTheVaultsCertificateAlone()
    {
        var mocks = await AzureStackTests.RunAsync(("imageSigning", "deny"), ("signingCertificate", "shop-images"), ("signingSubject", "C=NL, ST=Utrecht, O=Shop"));
        var release = mocks.Registered.Single(resource => resource.Name == "ratify").Inputs;
        var values = (JsonObject)RegisteredObjects.ToJson(release["values"])!;
        var file = await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "Charts", "ratify.txt"));
        Assert.Contains($" {release["version"]} ", file[0], StringComparison.Ordinal);
        Assert.All(Components.OperationsTests.Leaves(values, ""), path => Assert.True(Components.OperationsTests.IsKnown(path, [.. file.Skip(1)]), $"{path} is not a key of the chart"));

        Assert.Equal("gatekeeper-system", release["namespace"]);
        Assert.Equal("client of id-verifier-reco-prod", values.Text("azureWorkloadIdentity.clientId"));
        Assert.Equal("shop-images", values.Text("azurekeyvault.certificates.0.name"));
        Assert.Equal("99999999-2222-3333-4444-555555555555", values.Text("azurekeyvault.tenantId"));
        Assert.StartsWith("https://vault", values.Text("azurekeyvault.vaultURI"), StringComparison.Ordinal);
        Assert.Equal("false", values.Text("cosign.enabled"));
        var policy = values.At("notation.trustPolicies.0")!;
        Assert.Equal(["shop/training", "shop/scoring"], policy.List("registryScopes").Select(scope => scope.ToString()));
        Assert.Equal(("ca:azurekeyvault", "x509.subject: C=NL, ST=Utrecht, O=Shop", "strict"), (policy.Text("trustStores.0"), policy.Text("trustedIdentities.0"), policy.Text("level")));
    }

    [Fact]
    public async Task Identities_OfSigning_AreFederatedWithRatifyAndOneEnvironmentOfOneRepository()
    {
        var mocks = await AzureStackTests.RunAsync(("imageSigning", "deny"), ("signingRepository", "shop/reco"));
        var subjects = mocks.Registered.Where(resource => resource.Type == "azure-native:managedidentity:FederatedIdentityCredential")
            .ToDictionary(resource => resource.Name!, resource => ((string)resource.Inputs["issuer"], (string)resource.Inputs["subject"]));
        Assert.Equal(("https://issuer", "system:serviceaccount:gatekeeper-system:ratify-admin"), subjects["verifier-federation"]);
        Assert.Equal(("https://token.actions.githubusercontent.com", "repo:shop/reco:environment:dev"), subjects["signer-federation"]);
        Assert.DoesNotContain("signer-federation", (await AzureStackTests.RunAsync(("imageSigning", "deny"))).Registered.Select(resource => resource.Name));
    }

    [Fact]
    public async Task Signing_Off_MakesNothing()
    {
        var mocks = await AzureStackTests.RunAsync();
        Assert.DoesNotContain(mocks.Registered, resource => resource.Type is Constraint or Template || resource.Name is "ratify" or "verifier" or "signer");
    }

    [Fact]
    public async Task Signing_OutsideAzure_IsRefused()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(Configurations.Kubernetes(("imageSigning", "deny"))));
        Assert.Contains("reco:imageSigning is set, but the vault", error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The policy by which an administrator makes the certificate fits the subject that the cluster trusts by default.</summary>
    [Fact]
    public void CertificatePolicy_OfTheRepository_HasTheTrustedSubjectAndAKeyThatStaysInTheVault()
    {
        var policy = JsonNode.Parse(File.ReadAllText(Path.Combine(ReadmeTests.Root(), ".github", "notation", "certificate.json")))!;
        Assert.Equal(new Infra.Configuration.SigningConfig().Subject, policy.Text("x509CertificateProperties.subject"));
        Assert.Equal("false", policy.Text("keyProperties.exportable"));
        Assert.Equal("1.3.6.1.5.5.7.3.3", policy.Text("x509CertificateProperties.ekus.0"));
    }

    private static JsonObject Json(RecordingMocks mocks, string type) => (JsonObject)RegisteredObjects.ToJson(mocks.Inputs(type))!;
}
