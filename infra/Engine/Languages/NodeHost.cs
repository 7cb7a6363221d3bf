using System.Diagnostics;
using System.Globalization;
using Reco.Engine.Planning;
using Reco.Engine.Plugins;
using Reco.Engine.Workspace;

namespace Reco.Engine.Languages;

/// <summary>Runs Node programs by the runner of the official SDK that the program has installed.</summary>
internal sealed class NodeHost(ProjectFile project) : IProgramHost
{
    /// <inheritdoc/>
    public async Task<string?> RunAsync(ProgramRun run, CancellationToken cancellation)
    {
        // 'main' of Pulumi.yaml names a folder or a file.
        var program = project.ProgramDirectory;
        var folder = File.Exists(program) ? Path.GetDirectoryName(program)! : program;
        if (!Directory.Exists(folder))
        {
            return $"'main' of Pulumi.yaml names '{project.Main}', which is no file or folder of '{project.Directory}'";
        }

        if (NodeModules.Find(folder, Path.Combine("@pulumi", "pulumi", "cmd", "run")) is not { } runner)
        {
            return $"the Pulumi SDK is not installed: no node_modules/@pulumi/pulumi in '{folder}' or above it; run 'npm install' there";
        }

        var options = run.Options;
        var start = new ProcessStartInfo("node") { WorkingDirectory = folder };
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
            "--pwd", folder,
            "--parallel", options.Parallel.ToString(CultureInfo.InvariantCulture),
            .. ProgramEnvironment.IsDryRun(options) ? ["--dry-run"] : Array.Empty<string>(),
            program,
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
}
