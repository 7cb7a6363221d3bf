using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Reco.EndToEnd;

/// <summary>What a command of the engine did.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>Both streams.</summary>
    public string Text => $"exit code {ExitCode}{Environment.NewLine}{Output}{Environment.NewLine}{Error}";

    /// <summary>Asserts that nothing of the machinery is shown to a person.</summary>
    public void AssertReadable()
    {
        Assert.DoesNotContain("   at ", Text);
        Assert.DoesNotContain("Unhandled exception", Text);
    }
}

/// <summary>The repository's own Pulumi program as a project in a folder of its own, so that a test never touches the
/// stacks of the person who runs it. The commands, the program, the training tool and the scoring service are the built
/// ones.</summary>
internal sealed class ShopProject : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("reco-e2e-").FullName;

    /// <summary>Makes the project.</summary>
    /// <param name="epochs">Passes over the data; null for the program's default. What a test says of faults holds for a model
    /// of few as well.</param>
    /// <param name="ranker">Kind of the second stage; null for the program's default, which tries them all.</param>
    public ShopProject(int? epochs = 2, string? ranker = "neural")
    {
        File.WriteAllText(Path.Combine(folder, "Pulumi.yaml"), $"""
            name: reco
            runtime:
              name: dotnet
              options:
                binary: {Path.Combine(Repository.Root, "infra", "Program", "bin", "Release", "net10.0", "Reco.Program.dll")}
            """);
        foreach (var image in new[] { "training", "serving" })
        {
            Directory.CreateSymbolicLink(Path.Combine(folder, image), Path.Combine(Repository.Root, image));
        }

        Port = FreeNodePort();
        File.WriteAllText(Path.Combine(folder, "Pulumi.dev.yaml"), $"""
            config:
              reco:target: local
              reco:scoringPort: "{Port}"
            {(epochs is { } few ? $"  reco:epochs: \"{few}\"" : "")}
            {(ranker is null ? "" : $"  reco:ranker: {ranker}")}
            """);
    }

    /// <summary>Folder of Pulumi.yaml.</summary>
    public string Folder => folder;

    /// <summary>Port of the scoring service.</summary>
    public int Port { get; }

    /// <summary>Runs a command that must succeed.</summary>
    public async Task<CommandResult> SucceedAsync(params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.True(result.ExitCode == 0, $"reco {string.Join(' ', arguments)}: {result.Text}");
        return result;
    }

    /// <summary>Runs <c>up</c>, which must be refused or fail in words for people.</summary>
    public async Task<CommandResult> UpFailsAsync()
    {
        var up = await RunAsync("up", "--yes", "--stack", "dev");
        Assert.NotEqual(0, up.ExitCode);
        up.AssertReadable();
        return up;
    }

    /// <summary>Runs a command.</summary>
    public async Task<CommandResult> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        return await FinishAsync(process);
    }

    /// <summary>Starts a command.</summary>
    public RunningCommand Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Engine, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["PULUMI_CONFIG_PASSPHRASE"] = "";
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new RunningCommand(process);
    }

    /// <summary>Waits for a command's end.</summary>
    public static async Task<CommandResult> FinishAsync(RunningCommand command)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(8));
        try
        {
            await command.Process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            command.Process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The command did not end within 8 minutes. {command.Output}");
        }

        return new CommandResult(command.Process.ExitCode, command.Output, command.Error);
    }

    /// <summary>The stack's outputs.</summary>
    public async Task<JsonObject> OutputsAsync() =>
        JsonNode.Parse((await SucceedAsync("stack", "output", "--json", "--stack", "dev")).Output)!.AsObject();

    /// <summary>Processes that run out of this project's folder or carry it in their command line.</summary>
    public IReadOnlyList<string> Processes() =>
        [.. Directory.EnumerateDirectories("/proc").Where(process => int.TryParse(Path.GetFileName(process), out _)).Select(CommandLine).Where(line => line.Contains(folder, StringComparison.Ordinal))];

    /// <summary>Process IDs of the scoring pods.</summary>
    public IReadOnlyList<int> ScoringProcesses() =>
        [.. Directory.EnumerateDirectories("/proc")
            .Where(process => int.TryParse(Path.GetFileName(process), out _))
            .Where(process => CommandLine(process) is var line && line.Contains(folder, StringComparison.Ordinal) && line.Contains("Reco.Scoring.dll", StringComparison.Ordinal))
            .Select(process => int.Parse(Path.GetFileName(process)))];

    /// <summary>Destroys what is left and removes the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await RunAsync("destroy", "--yes", "--stack", "dev");
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"), Encoding.UTF8).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
        catch (UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static int FreeNodePort()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var port = Random.Shared.Next(30_000, 32_768);
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: try another.
            }
        }

        throw new InvalidOperationException("No free port from 30000 to 32767.");
    }
}

/// <summary>A command that runs, with what it has printed so far.</summary>
internal sealed class RunningCommand : IDisposable
{
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();

    public RunningCommand(Process process)
    {
        Process = process;
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Process Process { get; }

    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    public string Error
    {
        get
        {
            lock (error)
            {
                return error.ToString();
            }
        }
    }

    /// <summary>Waits until the command has printed a text.</summary>
    public async Task WaitForAsync(string text, TimeSpan limit)
    {
        var end = DateTime.UtcNow + limit;
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(Process.HasExited, $"The command ended before it printed \"{text}\": {Output}{Error}");
            Assert.True(DateTime.UtcNow < end, $"The command did not print \"{text}\" within {limit}: {Output}{Error}");
            await Task.Delay(50);
        }
    }

    public void Dispose() => Process.Dispose();

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.AppendLine(line);
            }
        }
    }
}
