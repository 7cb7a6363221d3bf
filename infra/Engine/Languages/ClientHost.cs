using Grpc.Core;
using Reco.Engine.Planning;
using Reco.Engine.Plugins;
using Reco.Engine.Workspace;
using Reco.Protocol;

namespace Reco.Engine.Languages;

/// <summary>Has a program run by the process that started the engine: inline programs of the Automation API, which serves
/// <c>LanguageRuntime</c> at the address that it gives as <c>--client</c>.</summary>
internal sealed class ClientHost(ProjectFile project, string address) : IProgramHost
{
    /// <inheritdoc/>
    public async Task<string?> RunAsync(ProgramRun run, CancellationToken cancellation)
    {
        var options = run.Options;
        var request = new RunRequest
        {
            Project = options.Project,
            Stack = options.Stack,
            Organization = options.Organization,
            Pwd = project.Directory,
            Program = ".",
            Args = { run.EngineAddress },
            Config = { options.Config },
            ConfigSecretKeys = { options.ConfigSecretKeys },
            DryRun = ProgramEnvironment.IsDryRun(options),
            Parallel = options.Parallel,
            MonitorAddress = run.MonitorAddress,
            Info = new ProgramInfo { RootDirectory = project.Directory, ProgramDirectory = project.Directory, EntryPoint = "." },
        };
        using var channel = ProviderFactory.Connect(address);
        try
        {
            var response = await new LanguageRuntime.LanguageRuntimeClient(channel).RunAsync(request, cancellationToken: cancellation);

            // Whoever bails has told its errors to the engine.
            return response.Bail ? "" : response.Error.Length > 0 ? response.Error : null;
        }
        catch (RpcException error) when (cancellation.IsCancellationRequested || error.StatusCode == StatusCode.Cancelled)
        {
            return "";
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.Unavailable)
        {
            return $"nobody runs the program: there is no language runtime at {address} (--client): {error.Status.Detail}";
        }
        catch (RpcException error)
        {
            return error.Status.Detail;
        }
    }
}
