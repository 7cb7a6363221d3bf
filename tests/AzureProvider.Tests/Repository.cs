namespace Reco.Providers.AzureNative.Tests;

/// <summary>Where things are in the checkout.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The installed npm package; null where the conformance clients are not installed.</summary>
    public static string? AzureNativePackage { get; } =
        Path.Combine(Root, "tests", "Conformance", "node_modules", "@pulumi", "azure-native") is var folder && Directory.Exists(folder) ? folder : null;

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Reco.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("Reco.sln is not above the test's folder.");
    }
}

/// <summary>A test that needs the official npm package; ./test installs it.</summary>
internal sealed class SkippableNpmFactAttribute : FactAttribute
{
    public SkippableNpmFactAttribute()
    {
        if (Repository.AzureNativePackage is null)
        {
            Skip = "tests/Conformance/node_modules/@pulumi/azure-native is not there: run npm ci in tests/Conformance.";
        }
    }
}
