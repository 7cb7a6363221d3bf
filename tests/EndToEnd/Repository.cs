namespace Reco.EndToEnd;

/// <summary>Where things are in the repository under test.</summary>
internal static class Repository
{
    /// <summary>Folder of Reco.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The embedded engine.</summary>
    public static string Engine => Path.Combine(Root, "infra", "Engine", "bin", "Release", "net10.0", "reco.dll");

    /// <summary>The real data set, or null where it is not there.</summary>
    public static string? CompleteJourney =>
        new[] { Environment.GetEnvironmentVariable("RECO_DATA"), Path.Combine(Root, "..", "shared", "data", "complete-journey") }
            .FirstOrDefault(folder => folder is not null && File.Exists(Path.Combine(folder, "transactions.csv.gz")));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Reco.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Reco.sln is not above the test's folder.");
    }
}
