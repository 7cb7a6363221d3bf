using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Reco.EngineFixture;

namespace Reco.Engine.Cli.Tests.Support;

/// <summary>What a command left behind.</summary>
internal sealed record CliResult(int Code, string Output, string Error)
{
    public JsonNode Parse() => JsonNode.Parse(Output)!;

    public CliResult Ok()
    {
        Assert.True(Code == 0, $"exit code {Code}\n{Output}\n{Error}");
        return this;
    }
}

/// <summary>A project in a folder of its own, whose program is the described one and whose provider keeps its objects in
/// a folder. Commands run in this process, or as processes of their own.</summary>
internal sealed class CliProject : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> environment = new(StringComparer.Ordinal);
    private WebApplication? provider;

    public CliProject(string? root = null)
    {
        Root = root ?? Directory.CreateTempSubdirectory("reco-cli-").FullName;
        Directory.CreateDirectory(World);
        File.WriteAllText(Path.Combine(Root, "Pulumi.yaml"), $"""
            name: shop
            runtime:
              name: dotnet
              options:
                binary: {FixturePath}
            """);
        Set("PULUMI_CONFIG_PASSPHRASE", "open sesame");
        Describe(new ProgramDescription());
    }

    /// <summary>A project with a stack named <c>dev</c>.</summary>
    public static async Task<CliProject> InitAsync()
    {
        var project = new CliProject();
        (await project.RunAsync("stack", "init", "dev")).Ok();
        return project;
    }

    public static string FixturePath => FixtureProgram.Path;

    public string Root { get; }

    public string World => Path.Combine(Root, "world");

    public string Checkpoint => Path.Combine(Root, ".pulumi", "stacks", "shop", "dev.json");

    public string Journal => Path.Combine(Root, ".pulumi", "journals", "shop", "dev.jsonl");

    /// <summary>Names of the resources of which there is an object, each as often as there are objects.</summary>
    public IEnumerable<string> Objects => Directory.GetFiles(World, "*.object").Select(file => Path.GetFileName(file)).Select(name => name[..name.LastIndexOf('-')]).Order(StringComparer.Ordinal);

    public void Set(string name, string? value)
    {
        if (value is null)
        {
            environment.TryRemove(name, out _);
        }
        else
        {
            environment[name] = value;
        }
    }

    public void Describe(ProgramDescription description) => description.Write(Root);

    public static string Urn(string name) => $"urn:pulumi:dev::shop::test:index:Thing::{name}";

    /// <summary>Runs a command in this process, in the project's folder.</summary>
    public Task<CliResult> RunAsync(params string[] arguments) => RunAsync(CancellationToken.None, arguments);

    public async Task<CliResult> RunAsync(CancellationToken interrupted, params string[] arguments)
    {
        if (provider is null)
        {
            provider = await DiskProvider.StartAsync(new DiskProvider(World, 0));
            Set("PULUMI_DEBUG_PROVIDERS", string.Create(CultureInfo.InvariantCulture, $"test:{DiskProvider.PortOf(provider)}"));
        }

        using var output = new StringWriter();
        using var error = new StringWriter();
        var context = new CliContext(TextWriter.Synchronized(output), TextWriter.Synchronized(error), environment.GetValueOrDefault, TimeProvider.System, interrupted) { Directory = Root };
        var code = await RecoCommand.RunAsync(arguments, context);
        return new CliResult(code, output.ToString(), error.ToString());
    }

    /// <summary>Starts the engine as a process of its own, with the provider as a plugin.</summary>
    public Process Start(int delayMilliseconds, params string[] arguments)
    {
        var plugins = Directory.CreateDirectory(Path.Combine(Root, "plugins")).FullName;
        var plugin = Path.Combine(plugins, "pulumi-resource-test");
        if (!File.Exists(plugin) && !OperatingSystem.IsWindows())
        {
            File.WriteAllText(plugin, $"#!/bin/sh\nexec dotnet '{FixturePath}' provider \"$@\"\n");
            File.SetUnixFileMode(plugin, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        }

        var start = new ProcessStartInfo("dotnet", [EngineProgram.Path, .. arguments])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment.Remove("PULUMI_DEBUG_PROVIDERS");
        start.Environment["FIXTURE_WORLD"] = World;
        start.Environment["FIXTURE_DELAY_MS"] = delayMilliseconds.ToString(CultureInfo.InvariantCulture);
        start.Environment["PATH"] = $"{plugins}:{start.Environment["PATH"]}";
        start.Environment["PULUMI_HOME"] = Path.Combine(Root, "home");
        return Process.Start(start)!;
    }

    /// <summary>Runs the engine as a process of its own to its end.</summary>
    public async Task<CliResult> RunProcessAsync(int delayMilliseconds, params string[] arguments)
    {
        using var process = Start(delayMilliseconds, arguments);
        return await EndAsync(process);
    }

    /// <summary>Waits for the end of a process.</summary>
    public static async Task<CliResult> EndAsync(Process process)
    {
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await process.WaitForExitAsync(limit.Token);
        return new CliResult(process.ExitCode, await output, await error);
    }

    public async ValueTask DisposeAsync()
    {
        if (provider is not null)
        {
            await provider.DisposeAsync();
        }

        Directory.Delete(Root, recursive: true);
    }
}
