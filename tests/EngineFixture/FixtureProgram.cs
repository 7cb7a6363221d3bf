namespace Reco.EngineFixture;

/// <summary>Where this program is.</summary>
public static class FixtureProgram
{
    /// <summary>The program in its own build output, whose references are compiled ahead, too: a copy beside a test or a
    /// benchmark is not that.</summary>
    public static string Path
    {
        get
        {
            // .../tests/X/bin/Release/net10.0/ -> .../tests/EngineFixture/bin/Release/net10.0/
            var user = new DirectoryInfo(AppContext.BaseDirectory);
            return System.IO.Path.Combine(user.Parent!.Parent!.Parent!.Parent!.FullName, "EngineFixture", "bin", user.Parent.Name, user.Name, "EngineFixture.dll");
        }
    }
}
