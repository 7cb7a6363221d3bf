using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Reco.Conformance;

/// <summary>What a command of the engine did.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>Both streams, for the message of an assertion that fails.</summary>
    public string Text => $"exit code {ExitCode}{Environment.NewLine}{Output}{Environment.NewLine}{Error}";
}

/// <summary>A Pulumi project of <c>runtime: nodejs</c> in a folder of its own, run by the real engine process.</summary>
internal sealed class NodeProject : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("reco-conformance-").FullName;

    /// <summary>Makes the project with one of the programs under Programs/.</summary>
    public NodeProject(string program, string stack = "dev")
    {
        Stack = stack;
        File.WriteAllText(Path.Combine(folder, "Pulumi.yaml"), $"name: conformance\nruntime: nodejs\ndescription: {program}\n");
        File.WriteAllText(Path.Combine(folder, "package.json"), """{ "name": "conformance", "private": true, "main": "index.ts" }""");
        Directory.CreateSymbolicLink(Path.Combine(folder, "node_modules"), Repository.NodeModules);
        Use(program);
    }

    /// <summary>Name of the stack.</summary>
    public string Stack { get; }

    /// <summary>Folder of the project.</summary>
    public string Folder => folder;

    /// <summary>Replaces the program, as a user edits a file.</summary>
    public void Use(string program) =>
        File.Copy(Path.Combine(Repository.Root, "tests", "Conformance", "Programs", program + ".ts"), Path.Combine(folder, "index.ts"), overwrite: true);

    /// <summary>Runs a command of the engine that must succeed.</summary>
    public async Task<CommandResult> SucceedAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0, $"reco {string.Join(' ', arguments)}: {result.Text}");
        return result;
    }

    /// <summary>Runs a command of the engine.</summary>
    public async Task<CommandResult> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Engine, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["PULUMI_CONFIG_PASSPHRASE"] = "correct horse battery staple";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"reco {string.Join(' ', arguments)} did not end within 4 minutes.");
        }

        return new CommandResult(process.ExitCode, await output, await error);
    }

    /// <summary>Runs <c>up</c>.</summary>
    public Task<CommandResult> UpAsync(params string[] more) => SucceedAsync(["up", "--yes", "--stack", Stack, .. more]);

    /// <summary>The stack's outputs.</summary>
    public async Task<JsonObject> OutputsAsync(params string[] more) =>
        JsonNode.Parse((await SucceedAsync(["stack", "output", "--json", "--stack", Stack, .. more])).Output)!.AsObject();

    /// <summary>The resources of the stack's state.</summary>
    public async Task<IReadOnlyList<JsonObject>> ResourcesAsync()
    {
        var export = JsonNode.Parse((await SucceedAsync("stack", "export", "--stack", Stack)).Output)!;
        return [.. (export["deployment"]!["resources"]?.AsArray() ?? []).Select(resource => resource!.AsObject())];
    }

    /// <summary>Steps of a preview: <c>op name</c>, in order.</summary>
    public async Task<IReadOnlyList<string>> PreviewAsync(params string[] more)
    {
        var preview = JsonNode.Parse((await SucceedAsync(["preview", "--json", "--stack", Stack, .. more])).Output)!;
        return [.. (preview["steps"]?.AsArray() ?? []).Select(step => $"{step!["op"]} {NameOf((string)step["urn"]!)}")];
    }

    /// <summary>The name that stands at the end of a URN.</summary>
    public static string NameOf(string urn) => urn[(urn.LastIndexOf("::", StringComparison.Ordinal) + 2)..];

    /// <summary>Destroys what is left and removes the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await RunAsync("destroy", "--yes", "--stack", Stack);
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
