using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Reco.Protocol;

namespace Reco.Engine.Plugins;

/// <summary>Starts built-in providers in this process and all others as plugins. <c>PULUMI_DEBUG_PROVIDERS</c>
/// (<c>name:port,...</c>) attaches to running ones instead.</summary>
/// <param name="builtIns">Built-in providers by package: from what they are told to the service.</param>
/// <param name="locator">Finds plugins.</param>
/// <param name="attach">Value of <c>PULUMI_DEBUG_PROVIDERS</c>, or null.</param>
internal sealed class ProviderFactory(
    IReadOnlyDictionary<string, Func<ProviderEnvironment, ResourceProvider.ResourceProviderBase>> builtIns,
    PluginLocator locator,
    string? attach) : IProviderFactory
{
    /// <summary>Largest message in either direction, as in Pulumi's own engine.</summary>
    public const int MaxMessageBytes = 400 * 1024 * 1024;

    /// <inheritdoc/>
    public bool StartsProcess(ProviderRequest request) => AttachPort(request.Plugin) is null && !builtIns.ContainsKey(request.Plugin);

    /// <inheritdoc/>
    public async Task<StartedProvider> StartAsync(ProviderRequest request, ProviderEnvironment environment, CancellationToken cancellation)
    {
        if (AttachPort(request.Plugin) is { } port)
        {
            var attached = new RemoteProvider(Connect(port), process: null);
            var answer = await HandshakeAsync(attached, environment, directory: null, cancellation);
            try
            {
                await attached.AttachAsync(environment.EngineAddress, cancellation);
            }
            catch (RpcException error) when (error.StatusCode == StatusCode.Unimplemented)
            {
                // Attach is optional; the handshake has told it the address.
            }

            return new StartedProvider(attached, answer);
        }

        if (builtIns.TryGetValue(request.Plugin, out var create))
        {
            var builtIn = new InProcessProvider(create(environment));
            return new StartedProvider(builtIn, await HandshakeAsync(builtIn, environment, directory: null, cancellation));
        }

        var command = locator.Find(request, environment.ProjectDirectory);
        var process = await PluginProcess.StartAsync(command, request.Plugin, environment, cancellation);
        var plugin = new RemoteProvider(Connect(process.Port), process);
        try
        {
            return new StartedProvider(plugin, await HandshakeAsync(plugin, environment, command.Root, cancellation));
        }
        catch
        {
            await plugin.DisposeAsync();
            throw;
        }
    }

    /// <summary>Shakes hands; null where the provider does not know the call.</summary>
    internal static async Task<ProviderHandshakeResponse?> HandshakeAsync(IProvider provider, ProviderEnvironment environment, string? directory, CancellationToken cancellation)
    {
        var request = new ProviderHandshakeRequest { EngineAddress = environment.EngineAddress, ConfigureWithUrn = true, InvokeWithPreview = true };
        if (directory is not null)
        {
            request.RootDirectory = directory;
            request.ProgramDirectory = directory;
        }

        try
        {
            return await provider.HandshakeAsync(request, cancellation);
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.Unimplemented)
        {
            return null;
        }
    }

    /// <summary>Connects to a plugin's port.</summary>
    internal static GrpcChannel Connect(int port) => Connect($"127.0.0.1:{port}");

    /// <summary>Connects to an address that a program or whoever started the engine gave: a URL, or HOST:PORT.</summary>
    internal static GrpcChannel Connect(string address) => GrpcChannel.ForAddress(
        address.Contains("://", StringComparison.Ordinal) ? address : $"http://{address}",
        new GrpcChannelOptions { MaxReceiveMessageSize = MaxMessageBytes, MaxSendMessageSize = MaxMessageBytes });

    private int? AttachPort(string plugin)
    {
        foreach (var entry in (attach ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = entry.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && entry[..colon] == plugin)
            {
                return int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                    ? port
                    : throw new EngineException($"PULUMI_DEBUG_PROVIDERS holds '{entry}': a port number is expected after the colon.", 2);
            }
        }

        return null;
    }
}
