using System.Diagnostics;

namespace Reco.Providers.AzureNative.Tests.Stacks;

/// <summary>The repository's own program and stack files as a project in a folder of its own, and the engine's command on it,
/// with no credentials, no passphrase and no network that it would use.</summary>
internal sealed class StackFolder : IDisposable
{
    private static readonly string Program = Path.Combine(Repository.Root, "infra", "Program", "bin", "Release", "net10.0", "Reco.Program.dll");

    public StackFolder()
    {
        File.WriteAllText(Path.Combine(Folder, "Pulumi.yaml"), $"""
            name: reco
            runtime:
              name: dotnet
              options:
                binary: {Program}
            """);
        foreach (var file in Directory.EnumerateFiles(Repository.Root, "Pulumi.*.yaml"))
        {
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)));
        }
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("reco-azure-").FullName;

    public async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Engine.Cli.RecoCommand).Assembly.Location, .. arguments])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var variable in start.Environment.Keys.Where(name => name.StartsWith("ARM_", StringComparison.Ordinal) || name.StartsWith("AZURE_", StringComparison.Ordinal) || name.StartsWith("PULUMI_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(variable);
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));
        return (process.ExitCode, await output, await error);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
