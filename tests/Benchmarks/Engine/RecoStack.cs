using System.Diagnostics;
using Reco.EngineFixture;

namespace Reco.Benchmarks.Engine;

/// <summary>The embedded engine with a program and a provider plugin, each a process of its own.</summary>
internal sealed class RecoStack(int count) : IBenchmarkStack
{
    private readonly string root = Directory.CreateTempSubdirectory("reco-benchmark-").FullName;

    public async Task PrepareAsync()
    {
        var fixture = FixtureProgram.Path;
        await File.WriteAllTextAsync(Path.Combine(root, "Pulumi.yaml"), $"name: bench\nruntime:\n  name: dotnet\n  options:\n    binary: {fixture}\n");
        var plugin = Path.Combine(root, "pulumi-resource-test");
        await File.WriteAllTextAsync(plugin, $"#!/bin/sh\nexec dotnet '{fixture}' provider \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(plugin, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        await RunAsync("stack", "init", "dev");
    }

    public Task<Measurement> UpAsync(int size)
    {
        Describe(size);
        return RunAsync("up", "--yes", "--suppress-outputs");
    }

    public Task<Measurement> PreviewAsync() => RunAsync("preview");

    public Task<Measurement> DestroyAsync() => RunAsync("destroy", "--yes");

    public void Dispose() => Directory.Delete(root, recursive: true);

    private void Describe(int size) => new ProgramDescription { Generated = count, LastSize = size }.Write(root);

    private Task<Measurement> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [EngineProgram.Path, .. arguments]) { WorkingDirectory = root };
        start.Environment["PATH"] = $"{root}:{start.Environment["PATH"]}";
        start.Environment["PULUMI_CONFIG_PASSPHRASE"] = "benchmark";
        start.Environment["PULUMI_HOME"] = Path.Combine(root, "home");
        return Measurement.OfAsync(start);
    }
}
