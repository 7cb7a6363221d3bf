using System.Diagnostics;
using System.Globalization;
using Reco.Engine.Planning;
using Reco.Engine.Workspace;

namespace Reco.Engine.Languages;

/// <summary>Runs Node programs by the runner of the official SDK that the program has installed.</summary>
internal sealed class NodeHost(ProjectFile project) : IProgramHost
{
    /// <inheritdoc/>
    public async Task<string?> RunAsync(ProgramRun run, CancellationToken cancellation)
    {
        var runner = FindRunner(project.ProgramDirectory);
        if (runner is null)
        {
            return $"the Pulumi SDK is not installed: no node_modules/@pulumi/pulumi in '{project.ProgramDirectory}' or above it; run 'npm install' there";
        }

        var options = run.Options;
        var start = new ProcessStartInfo("node") { WorkingDirectory = project.ProgramDirectory };
        foreach (var argument in (project.RuntimeOptions.GetValueOrDefault("nodeargs") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            start.ArgumentList.Add(argument);
        }

        string[] arguments =
        [
            runner,
            "--monitor", run.MonitorAddress,
            "--engine", run.EngineAddress,
            "--organization", options.Organization,
            "--project", options.Project,
            "--root-directory", options.ProjectDirectory,
            "--stack", options.Stack,
            "--pwd", project.ProgramDirectory,
            "--parallel", options.Parallel.ToString(CultureInfo.InvariantCulture),
            .. ProgramEnvironment.IsDryRun(options) ? ["--dry-run"] : Array.Empty<string>(),
            project.ProgramDirectory,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        ProgramEnvironment.Apply(start.Environment, run);
        if (project.RuntimeOptions.GetValueOrDefault("typescript") != "false")
        {
            start.Environment["PULUMI_NODEJS_TYPESCRIPT"] = "true";
        }

        return await ProgramProcess.RunAsync(start, run.Output, cancellation);
    }

    private static string? FindRunner(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            var runner = Path.Combine(at.FullName, "node_modules", "@pulumi", "pulumi", "cmd", "run");
            if (Directory.Exists(runner))
            {
                return runner;
            }
        }

        return null;
    }
}
