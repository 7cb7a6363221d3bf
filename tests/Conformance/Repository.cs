namespace Reco.Conformance;

/// <summary>Where things are in the repository under test.</summary>
internal static class Repository
{
    /// <summary>Folder of Reco.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The embedded engine.</summary>
    public static string Engine => Path.Combine(Root, "infra", "Engine", "bin", "Release", "net10.0", "reco.dll");

    /// <summary>The official Node SDKs, as npm installed them.</summary>
    public static string NodeModules => Path.Combine(Root, "tests", "Conformance", "node_modules");

    /// <summary>The programs that tests run.</summary>
    public static string Programs => Path.Combine(Root, "tests", "Conformance", "Programs");

    /// <summary>What every Node process of these tests loads first.</summary>
    public static string Preload => Path.Combine(Root, "tests", "Conformance", "lazy.js");

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
