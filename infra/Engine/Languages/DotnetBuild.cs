using System.Diagnostics;
using System.Xml;
using System.Xml.Linq;
using Reco.Engine.Processes;

namespace Reco.Engine.Languages;

/// <summary>Builds a .NET program when its sources, or those of projects that it refers to, are newer than the last build.</summary>
internal sealed class DotnetBuild(string folder)
{
    private static readonly string[] ProjectPatterns = ["*.csproj", "*.fsproj", "*.vbproj"];
    private static readonly string[] SharedFiles = ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json"];

    /// <summary>The command <c>dotnet</c>: the one that runs this process where there is one.</summary>
    public static string Executable => Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet";

    /// <summary>Builds if needed.</summary>
    /// <returns>The built program, or what is wrong.</returns>
    public async Task<(string? Program, string? Problem)> EnsureAsync(Action<string, bool> output, CancellationToken cancellation)
    {
        var projects = ProjectPatterns.SelectMany(pattern => Directory.Exists(folder) ? Directory.GetFiles(folder, pattern) : []).ToArray();
        if (projects.Length != 1)
        {
            return (null, $"'{folder}' has {projects.Length} .NET projects; a Pulumi program's folder has exactly one ('main' in Pulumi.yaml names the folder)");
        }

        var stamp = Path.Combine(folder, "obj", "reco.program");
        if (File.Exists(stamp) && File.ReadAllText(stamp) is var known && File.Exists(known) && !IsNewer(projects[0], File.GetLastWriteTimeUtc(stamp)))
        {
            return (known, null);
        }

        var began = DateTime.UtcNow;
        var start = new ProcessStartInfo(Executable, ["build", projects[0], "-c", "Release", "-v", "quiet", "--nologo", "-t:Build", "-getProperty:TargetPath"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            ProcessTree.Kill(process);
            return (null, "");
        }

        var lines = (await text + await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (process.ExitCode != 0 || lines.LastOrDefault(line => line.EndsWith(".dll", StringComparison.Ordinal)) is not { } program)
        {
            foreach (var line in lines.Where(line => line.Contains("error", StringComparison.Ordinal)).Distinct().DefaultIfEmpty(string.Join(" / ", lines.TakeLast(5))))
            {
                output(line, true);
            }

            return (null, $"the program does not build: {projects[0]}");
        }

        await File.WriteAllTextAsync(stamp, program, cancellation);

        // A source that was saved while it was built counts as newer.
        File.SetLastWriteTimeUtc(stamp, began);
        return (program, null);
    }

    private static bool IsNewer(string project, DateTime than)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([project]);
        while (open.TryPop(out var next))
        {
            if (!seen.Add(next) || !File.Exists(next))
            {
                continue;
            }

            if (Sources(Path.GetDirectoryName(next)!).Any(file => File.GetLastWriteTimeUtc(file) > than))
            {
                return true;
            }

            foreach (var reference in References(next))
            {
                open.Push(reference);
            }
        }

        for (var at = new DirectoryInfo(Path.GetDirectoryName(project)!); at is not null; at = at.Parent)
        {
            if (SharedFiles.Any(name => File.GetLastWriteTimeUtc(Path.Combine(at.FullName, name)) > than))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<string> Sources(string folder) => Directory.EnumerateFiles(folder)
        .Concat(Directory.EnumerateDirectories(folder).Where(inner => Path.GetFileName(inner) is not ("bin" or "obj" or "node_modules" or ".git")).SelectMany(Sources));

    private static IEnumerable<string> References(string project)
    {
        try
        {
            return [.. XDocument.Load(project).Descendants("ProjectReference").Select(reference => (string?)reference.Attribute("Include")).OfType<string>()
                .Where(path => !path.Contains("$(", StringComparison.Ordinal))
                .Select(path => Path.GetFullPath(path.Replace('\\', '/'), Path.GetDirectoryName(project)!))];
        }
        catch (XmlException)
        {
            // The build says it better.
            return [];
        }
    }
}
