namespace Reco.EngineFixture;

/// <summary>Where the engine is.</summary>
public static class EngineProgram
{
    /// <summary>The engine in its own build output, whose references are compiled ahead, too.</summary>
    public static string Path
    {
        get
        {
            // .../tests/X/bin/Release/net10.0/ -> .../infra/Engine/bin/Release/net10.0/
            var user = new DirectoryInfo(AppContext.BaseDirectory);
            return System.IO.Path.Combine(user.Parent!.Parent!.Parent!.Parent!.Parent!.FullName, "infra", "Engine", "bin", user.Parent.Name, user.Name, "reco.dll");
        }
    }
}
