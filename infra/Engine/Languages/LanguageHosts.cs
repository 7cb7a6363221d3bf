using Reco.Engine.Planning;
using Reco.Engine.Workspace;

namespace Reco.Engine.Languages;

/// <summary>Languages that programs can be written in.</summary>
internal static class LanguageHosts
{
    /// <summary>The host of a project's runtime.</summary>
    /// <param name="project">The project.</param>
    /// <param name="client">Address of whoever runs the program itself; null: nobody does.</param>
    /// <exception cref="EngineException">The engine does not run that language.</exception>
    public static IProgramHost Of(ProjectFile project, string? client = null) => client is not null ? new ClientHost(project, client) : project.Runtime switch
    {
        "dotnet" => new DotnetHost(project),
        "nodejs" => new NodeHost(project),
        var other => throw new EngineException($"the embedded engine runs programs of runtime dotnet and nodejs, not '{other}'; use the official CLI for that one", 1),
    };
}
