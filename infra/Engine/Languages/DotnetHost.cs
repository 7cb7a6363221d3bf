using System.Diagnostics;
using Reco.Engine.Planning;
using Reco.Engine.Workspace;

namespace Reco.Engine.Languages;

/// <summary>Runs .NET programs: the one that runtime option <c>binary</c> names, or the project in the program's folder,
/// built first where a source is newer than the last build.</summary>
internal sealed class DotnetHost(ProjectFile project) : IProgramHost
{
    /// <inheritdoc/>
    public async Task<string?> RunAsync(ProgramRun run, CancellationToken cancellation)
    {
        string program;
        if (project.RuntimeOptions.TryGetValue("binary", out var binary) && binary.Length > 0)
        {
            program = Path.GetFullPath(binary, project.Directory);
            if (!File.Exists(program))
            {
                return $"the program '{program}' (runtime option 'binary' of Pulumi.yaml) does not exist";
            }
        }
        else
        {
            var build = await new DotnetBuild(project.ProgramDirectory).EnsureAsync(run.Output, cancellation);
            if (build.Problem is { } problem)
            {
                return problem;
            }

            program = build.Program!;
        }

        var isLibrary = program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        var start = new ProcessStartInfo(isLibrary ? DotnetBuild.Executable : program) { WorkingDirectory = project.ProgramDirectory };
        if (isLibrary)
        {
            start.ArgumentList.Add(program);
        }

        ProgramEnvironment.Apply(start.Environment, run);
        return await ProgramProcess.RunAsync(start, run.Output, cancellation);
    }
}
