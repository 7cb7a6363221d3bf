using System.Diagnostics;

namespace Reco.Conformance;

/// <summary>The programs as the TypeScript compiler makes them JavaScript, once for all tests: most tests run these, since a
/// program that is compiled at each of its commands costs most of a run.</summary>
internal static class CompiledPrograms
{
    private static readonly Lazy<string> Made = new(Make);

    /// <summary>Folder of the <c>.js</c> files.</summary>
    /// <exception cref="InvalidOperationException">A program has an error of types.</exception>
    public static string Folder => Made.Value;

    private static string Make()
    {
        var folder = Directory.CreateTempSubdirectory("reco-programs-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var compiler = Path.Combine(Repository.NodeModules, "typescript", "bin", "tsc");
        using var process = Process.Start(new ProcessStartInfo("node", [compiler, "--project", ".", "--noEmit", "false", "--outDir", folder])
        {
            WorkingDirectory = Path.GetDirectoryName(Repository.Programs),
            RedirectStandardOutput = true,
        })!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? folder : throw new InvalidOperationException($"the programs under Programs/ do not compile: {said}");
    }
}
