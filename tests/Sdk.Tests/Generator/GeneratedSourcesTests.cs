using Reco.Sdk.Tests.Support;

namespace Reco.Sdk.Tests.Generator;

public sealed class GeneratedSourcesTests
{
    [NodeFact]
    public async Task Generate_FromTheOfficialDeclarations_GivesTheSourcesThatAreCheckedIn()
    {
        var (exitCode, output, error) = await NodePackages.RunAsync("", "infra/Sdk/Generator/generate.mjs", "--check");
        Assert.True(exitCode == 0, $"Run: node infra/Sdk/Generator/generate.mjs{Environment.NewLine}{output}{error}");
        Assert.Contains("@pulumi/kubernetes", output, StringComparison.Ordinal);
        Assert.Contains("@pulumi/azure-native", output, StringComparison.Ordinal);
    }
}
