using System.Diagnostics;
using System.Globalization;
using System.Text;
using Reco.Engine.Processes;
using Reco.Protocol;

namespace Reco.Engine.Plugins;

/// <summary>A provider plugin's process. The contract: the engine's address is its last argument, and it writes its port
/// on a line of its own to standard output when it listens. Everything else that it writes is logged.</summary>
internal sealed class PluginProcess : IAsyncDisposable
{
    private const int KeptErrorCharacters = 4000;

    private readonly Process process;
    private readonly string name;
    private readonly Func<LogRequest, Task> log;
    private readonly StringBuilder errors = new();
    private Task pumps = Task.CompletedTask;

    private PluginProcess(Process process, string name, Func<LogRequest, Task> log)
    {
        this.process = process;
        this.name = name;
        this.log = log;

        // An engine that is told to stop at once does not leave its plugins behind.
        AppDomain.CurrentDomain.ProcessExit += Kill;
    }

    /// <summary>TCP port on the loopback address at which it listens.</summary>
    public int Port { get; private set; }

    /// <summary>True once it has ended.</summary>
    public bool HasEnded => process.HasExited;

    /// <summary>Starts a plugin and waits until it listens.</summary>
    /// <param name="command">How to start it.</param>
    /// <param name="name">Name for messages.</param>
    /// <param name="environment">What it is told.</param>
    /// <param name="cancellation">Kills it and gives up.</param>
    /// <exception cref="EngineException">It ended, or wrote something other than a port first.</exception>
    public static async Task<PluginProcess> StartAsync(PluginCommand command, string name, ProviderEnvironment environment, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(command.Arguments[0])
        {
            // Held open and never written to: its end tells the plugin that the engine is gone, even one that was killed.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = command.Directory.Length > 0 ? command.Directory : environment.ProjectDirectory,
        };
        foreach (var argument in command.Arguments.Skip(1).Append(environment.EngineAddress).Concat(command.More))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["PULUMI_PROJECT"] = environment.Project;
        start.Environment["PULUMI_NODEJS_PROJECT"] = environment.Project;
        start.Environment["PULUMI_CONFIG"] = environment.ConfigJson;
        start.Environment.Remove("PULUMI_CONFIG_PASSPHRASE");
        start.Environment.Remove("PULUMI_CONFIG_PASSPHRASE_FILE");
        foreach (var (variable, value) in command.Variables)
        {
            start.Environment[variable] = value;
        }

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new EngineException($"Plugin '{name}' could not be started from '{command.Arguments[0]}': {error.Message}", 1, error);
        }

        var plugin = new PluginProcess(process, name, environment.Log);
        try
        {
            var pumpErrors = plugin.PumpAsync(process.StandardError, LogSeverity.Info, keep: true);
            string? line;
            do
            {
                line = await process.StandardOutput.ReadLineAsync(cancellation);
            }
            while (line is { Length: 0 });
            if (line is null || !int.TryParse(line.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            {
                await Task.WhenAny(pumpErrors, Task.Delay(500, cancellation));
                throw new EngineException($"Plugin '{name}' ({command.Arguments[^1]}) did not start: {(line is null ? "it ended" : $"it wrote '{line}' where its port was expected")}. {plugin.errors}", 1);
            }

            plugin.Port = port;
            plugin.pumps = Task.WhenAll(pumpErrors, plugin.PumpAsync(process.StandardOutput, LogSeverity.Info, keep: false));
            return plugin;
        }
        catch
        {
            await plugin.DisposeAsync();
            throw;
        }
    }

    private void Kill(object? sender, EventArgs args) => ProcessTree.Kill(process);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= Kill;
        Kill(null, EventArgs.Empty);

        await process.WaitForExitAsync(CancellationToken.None);
        await pumps;
        process.Dispose();
    }

    private async Task PumpAsync(StreamReader reader, LogSeverity severity, bool keep)
    {
        try
        {
            while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
            {
                if (keep && errors.Length < KeptErrorCharacters)
                {
                    errors.AppendLine(line);
                }

                await log(new LogRequest { Severity = severity, Message = $"{name}: {line}" });
            }
        }
        catch (IOException)
        {
            // The process is gone; there is nothing more to read.
        }
    }
}
