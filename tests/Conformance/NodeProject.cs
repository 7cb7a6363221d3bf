using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Reco.Conformance;

/// <summary>A Pulumi project of <c>runtime: nodejs</c> in a folder of its own, run by the real engine process with the plugins
/// of <see cref="PluginCache"/>. Programs read the config value <c>step</c>, which commands set: a program's whole life is
/// one file.</summary>
internal sealed class NodeProject : IAsyncDisposable
{
    private static readonly System.Text.Json.JsonDocumentOptions Deep = new() { MaxDepth = 1000 };
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private static readonly Lazy<Task<string>> Made = new(InitAsync);
    private readonly Dictionary<string, string?> environment = new(StringComparer.Ordinal);

    /// <summary>Makes the project with one of the programs under Programs/.</summary>
    /// <param name="program">Name of the program's file: with its ending to run it as it is written, without to run it as
    /// it was compiled.</param>
    /// <param name="stack">Name of the stack.</param>
    /// <param name="yaml">More lines of Pulumi.yaml.</param>
    public NodeProject(string program, string stack = "dev", string yaml = "")
    {
        Stack = stack;
        Folder = Directory.CreateTempSubdirectory("reco-conformance-").FullName;
        var file = program.Contains('.', StringComparison.Ordinal) ? program : program + ".js";
        Entry = "index" + Path.GetExtension(file);
        var runtime = Entry.EndsWith(".ts", StringComparison.Ordinal) ? "nodejs" : "{ name: nodejs, options: { typescript: false } }";
        File.WriteAllText(Path.Combine(Folder, "Pulumi.yaml"), $"name: conformance\nruntime: {runtime}\ndescription: {program}\n{yaml}");
        File.WriteAllText(Path.Combine(Folder, "package.json"), $$"""{ "name": "conformance", "private": true, "main": "{{Entry}}" }""");
        Directory.CreateSymbolicLink(Path.Combine(Folder, "node_modules"), Repository.NodeModules);
        Use("testing" + Path.GetExtension(file), "testing" + Path.GetExtension(file));
        Use(file);
        environment["PULUMI_CONFIG_PASSPHRASE"] = "correct horse battery staple";
        environment["PULUMI_HOME"] = PluginCache.Home;
        environment["TESTING_CLOUD"] = Cloud;

        environment["NODE_OPTIONS"] = $"--require \"{Repository.Preload}\"";
    }

    /// <summary>Name of the stack.</summary>
    public string Stack { get; }

    /// <summary>Folder of the project.</summary>
    public string Folder { get; }

    /// <summary>Where the provider "testing" keeps its resources.</summary>
    public string Cloud => Path.Combine(Folder, "cloud");

    private string Entry { get; }

    private string Requests => Path.Combine(Cloud, "requests.jsonl");

    /// <summary>Makes the project and its stack.</summary>
    public static async Task<NodeProject> StartAsync(string program, string yaml = "")
    {
        var project = new NodeProject(program, yaml: yaml);
        var made = await Made.Value;
        foreach (var file in Directory.EnumerateFiles(made, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(project.Folder, Path.GetRelativePath(made, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return project;
    }

    /// <summary>What <c>stack init</c> leaves in a project, made once: the stacks of these tests all begin with it.</summary>
    private static async Task<string> InitAsync()
    {
        var project = new NodeProject("lifecycle");
        await project.SucceedAsync("stack", "init", project.Stack);
        var made = Directory.CreateTempSubdirectory("reco-conformance-made-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(made, recursive: true);
        Directory.Move(Path.Combine(project.Folder, ".pulumi"), Path.Combine(made, ".pulumi"));
        await project.DisposeAsync();
        return made;
    }

    /// <summary>Sets (or with null removes) an environment variable of the commands to come.</summary>
    public NodeProject With(string variable, string? value)
    {
        environment[variable] = value;
        return this;
    }

    /// <summary>Replaces the program, as a user edits a file.</summary>
    public void Use(string file) => Use(file, Entry);

    /// <summary>Runs a command of the engine that must succeed.</summary>
    public async Task<CommandResult> SucceedAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0, $"reco {string.Join(' ', arguments)}: {result.Text}");
        return result;
    }

    /// <summary>Runs a command of the engine.</summary>
    public Task<CommandResult> RunAsync(params string[] arguments) => ExecuteAsync("dotnet", [Repository.Engine, .. arguments]);

    /// <summary>Runs a script under Programs/ that drives the engine by the Automation API, as the command <c>pulumi</c>.</summary>
    public Task<CommandResult> DriveAsync(string script, string mode)
    {
        var root = Directory.CreateDirectory(Path.Combine(Folder, "root", "bin"));
        PluginCache.WriteProgram(Path.Combine(root.FullName, "pulumi"), $"exec dotnet '{Repository.Engine}' \"$@\"");
        File.Copy(Path.Combine(Repository.Programs, script), Path.Combine(Folder, "drive.js"));
        With("CONFORMANCE_ROOT", root.Parent!.FullName);
        return ExecuteAsync("node", ["drive.js", mode]);
    }

    /// <summary>Runs <c>up</c> at a step of the program's life; it must succeed.</summary>
    public async Task<RunResult> UpAsync(int step = 0, params string[] more)
    {
        var result = await TryAsync("up", step, more);
        Assert.True(result.ExitCode == 0, $"up at step {step}: {result.Text}");
        return result;
    }

    /// <summary>Runs <c>up</c> at a step of the program's life; it must fail with this exit code.</summary>
    public async Task<RunResult> FailAsync(int step, int exitCode = 1, params string[] more)
    {
        var result = await TryAsync("up", step, more);
        Assert.True(result.ExitCode == exitCode, $"up at step {step} should end with {exitCode}: {result.Text}");
        Assert.DoesNotContain("   at Reco.", result.Text);
        return result;
    }

    /// <summary>Runs <c>up</c>, <c>refresh</c> or <c>destroy</c> without its preview and reads what it did from the event log.</summary>
    public async Task<RunResult> TryAsync(string command, int step = 0, params string[] more)
    {
        var log = Path.Combine(Folder, $"events-{Guid.NewGuid():N}.jsonl");
        var result = await RunAsync([command, "--yes", "--skip-preview", "--stack", Stack, "--config", $"step={step}", "--event-log", log, .. more]);
        return new RunResult(result, File.Exists(log) ? [.. (await File.ReadAllLinesAsync(log)).Select(line => JsonNode.Parse(line, documentOptions: Deep)!.AsObject())] : []);
    }

    /// <summary>Runs <c>preview --json</c> at a step of the program's life; it must succeed.</summary>
    public async Task<PreviewResult> PreviewAsync(int step = 0, params string[] more)
    {
        var result = await RunAsync(["preview", "--json", "--stack", Stack, "--config", $"step={step}", .. more]);
        Assert.True(result.ExitCode == 0, $"preview at step {step}: {result.Text}");
        return new PreviewResult(JsonNode.Parse(result.Output, documentOptions: Deep)!.AsObject());
    }

    /// <summary>The stack's outputs.</summary>
    public async Task<JsonObject> OutputsAsync(params string[] more) =>
        JsonNode.Parse((await SucceedAsync(["stack", "output", "--json", "--stack", Stack, .. more])).Output, documentOptions: Deep)!.AsObject();

    /// <summary>The entries of the stack's state, read from its file as the engine left it.</summary>
    public async Task<StateEntries> StateAsync()
    {
        var file = Path.Combine(Folder, ".pulumi", "stacks", "conformance", Stack + ".json");
        var latest = JsonNode.Parse(await File.ReadAllTextAsync(file), documentOptions: Deep)!["checkpoint"]!["latest"]!;
        return new StateEntries([.. (latest["resources"]?.AsArray() ?? []).Select(resource => resource!.AsObject())], latest["pending_operations"]?.AsArray() ?? []);
    }

    /// <summary>What the engine asked the provider "testing" for since the last time this was called.</summary>
    public async Task<RequestLog> TakeRequestsAsync()
    {
        var lines = File.Exists(Requests) ? await File.ReadAllLinesAsync(Requests) : [];
        File.Delete(Requests);
        return new RequestLog([.. lines.Select(line => JsonNode.Parse(line, documentOptions: Deep)!.AsObject())]);
    }

    /// <summary>Names of the resources that exist in the provider's cloud, in order.</summary>
    public IReadOnlyList<string> CloudNames() => Directory.Exists(Cloud)
        ? [.. Directory.GetFiles(Cloud, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Select(id => id[..id.LastIndexOf('-')]).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The name that stands at the end of a URN.</summary>
    public static string NameOf(string urn) => urn[(urn.LastIndexOf("::", StringComparison.Ordinal) + 2)..];

    /// <summary>URN of a resource of this project without a parent.</summary>
    public string Urn(string name, string type = "testing:index:Thing") => $"urn:pulumi:{Stack}::conformance::{type}::{name}";

    /// <summary>Destroys what a program left of real processes, and removes the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Directory.Exists(Path.Combine(Folder, ".reco")))
        {
            await RunAsync("destroy", "--yes", "--skip-preview", "--stack", Stack);
        }

        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private void Use(string file, string entry)
    {
        var written = Path.Combine(Repository.Programs, file);
        File.Copy(File.Exists(written) ? written : Path.Combine(CompiledPrograms.Folder, file), Path.Combine(Folder, entry), overwrite: true);
    }

    private async Task<CommandResult> ExecuteAsync(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Limit}.");
        }

        return new CommandResult(process.ExitCode, await output, await error);
    }
}
