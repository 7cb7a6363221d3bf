using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reco.Engine.Planning;
using Reco.Engine.Plugins;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Protocol;

/// <summary>The service <c>pulumirpc.ResourceMonitor</c>: what a program and its remote components call.</summary>
internal sealed partial class ResourceMonitorService : ResourceMonitor.ResourceMonitorBase, IDisposable
{
    private static readonly ResourceMonitorFeature[] Features =
    [
        ResourceMonitorFeature.Secrets,
        ResourceMonitorFeature.ResourceReferences,
        ResourceMonitorFeature.OutputValues,
        ResourceMonitorFeature.AliasSpecs,
        ResourceMonitorFeature.DeletedWith,
        ResourceMonitorFeature.ReplaceWith,
        ResourceMonitorFeature.Transforms,
        ResourceMonitorFeature.InvokeTransforms,
        ResourceMonitorFeature.Parameterization,
        ResourceMonitorFeature.InvokeDependsOn,
        ResourceMonitorFeature.InvokeParent,
        ResourceMonitorFeature.ResourceHooks,
        ResourceMonitorFeature.ErrorHooks,
    ];

    private readonly CallbackClients callbacks;
    private readonly ConcurrentDictionary<string, ProviderRequest> packages = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource programDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource shutdown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MonitorRun? run;

    /// <summary>Makes the service; its run is attached later.</summary>
    public ResourceMonitorService()
    {
        callbacks = new CallbackClients();
        Hooks = new ResourceHooks(callbacks);
    }

    /// <summary>Hooks of the program.</summary>
    public ResourceHooks Hooks { get; }

    /// <summary>Completes when the program says that it will register nothing more.</summary>
    public Task ProgramDone => programDone.Task;

    /// <summary>Outputs of the stack, as the program registered them last; null before.</summary>
    public (string Urn, PropertyMap Outputs)? StackOutputs { get; private set; }

    private MonitorRun Run => run ?? throw new RpcException(new Status(StatusCode.Unavailable, "the engine is not ready"));

    /// <summary>Gives the service its run; before the address is given to anyone.</summary>
    public void Attach(MonitorRun newRun) => run = newRun;

    /// <summary>Lets programs that wait for the end of the run go.</summary>
    public void Release() => shutdown.TrySetResult();

    /// <inheritdoc/>
    public override Task<SupportsFeatureResponse> SupportsFeature(SupportsFeatureRequest request, ServerCallContext context) =>
        Task.FromResult(new SupportsFeatureResponse
        {
            HasSupport = request.Id is "secrets" or "resourceReferences" or "outputValues" or "aliasSpecs" or "deletedWith" or "replaceWith"
                or "transforms" or "invokeTransforms" or "parameterization" or "resourceHooks" or "errorHooks",
        });

    /// <inheritdoc/>
    public override Task<DeploymentInfo> GetDeploymentInfo(Empty request, ServerCallContext context)
    {
        var options = Run.Deployment.Options;
        var info = new DeploymentInfo
        {
            Project = options.Project,
            Stack = options.Stack,
            Organization = options.Organization,
            DryRun = Run.Deployment.Preview,
            Parallel = options.Parallel,
        };
        info.Config.Add(options.Config);
        info.ConfigSecretKeys.AddRange(options.ConfigSecretKeys);
        info.SupportedFeatures.AddRange(Features);
        return Task.FromResult(info);
    }

    /// <inheritdoc/>
    public override Task<RegisterPackageResponse> RegisterPackage(RegisterPackageRequest request, ServerCallContext context) => Guard(() =>
    {
        if (request.Extension is not null)
        {
            throw new EngineException("Extensions of packages are not supported by this engine.", 1);
        }

        var package = new ProviderRequest
        {
            Plugin = request.Name,
            Version = request.Version,
            DownloadUrl = request.DownloadUrl,
            Parameter = request.Parameterization is { } parameter
                ? new ParameterizeRequest.Types.ParametersValue { Name = parameter.Name, Version = parameter.Version, Value = parameter.Value }
                : null,
        };

        // The same package has the same reference however often it is registered.
        var reference = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Google.Protobuf.MessageExtensions.ToByteArray(request)))[..32];
        packages[reference] = package;
        return Task.FromResult(new RegisterPackageResponse { Ref = reference });
    });

    /// <inheritdoc/>
    public override Task<Empty> RegisterResourceOutputs(RegisterResourceOutputsRequest request, ServerCallContext context) => Guard(async () =>
    {
        var outputs = PropertyDecoder.Decode(request.Outputs, MarshalOptions.All with { KeepOutputs = false, AssetDirectory = Run.AssetDirectory });
        Run.Deployment.Masker.AddSecretsOf(outputs);
        if (Urn.QualifiedType(request.Urn) == Urn.RootStackType)
        {
            // Outputs of the stack count once the whole run is over.
            StackOutputs = (request.Urn, outputs);
            return new Empty();
        }

        using var flow = Run.Deployment.Control.Enter();
        try
        {
            await Run.Steps.OutputsAsync(request.Urn, outputs);
        }
        catch (EngineException error)
        {
            Run.Deployment.Fatal(request.Urn, error.Message);
            throw new RunStoppedException();
        }

        return new Empty();
    });

    /// <inheritdoc/>
    public override async Task<Empty> SignalAndWaitForShutdown(Empty request, ServerCallContext context)
    {
        programDone.TrySetResult();
        await shutdown.Task.WaitAsync(context.CancellationToken);
        return new Empty();
    }

    /// <inheritdoc/>
    public override Task<Empty> RegisterResourceHook(RegisterResourceHookRequest request, ServerCallContext context) => Guard(() =>
    {
        Hooks.Register(request);
        return Task.FromResult(new Empty());
    });

    /// <inheritdoc/>
    public override Task<Empty> RegisterErrorHook(RegisterErrorHookRequest request, ServerCallContext context) => Guard(() =>
    {
        Hooks.Register(request);
        return Task.FromResult(new Empty());
    });

    /// <inheritdoc/>
    public void Dispose() => callbacks.Dispose();

    /// <summary>Turns the engine's errors into what SDKs understand: <c>Unavailable</c> says that the run is over.</summary>
    private async Task<T> Guard<T>(Func<Task<T>> call)
    {
        try
        {
            await Run.Deployment.Options.Ready;
            return await call();
        }
        catch (RunStoppedException)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, RunStoppedException.Wire));
        }
        catch (EngineException error)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, error.Message));
        }
        catch (ProviderFailure error)
        {
            throw new RpcException(new Status(StatusCode.Unknown, error.Message));
        }
    }

    /// <summary>As <see cref="Guard{T}"/>, for calls about one resource: what is wrong with it is told with the resource. SDKs
    /// would tell it as an exception of the program.</summary>
    private Task<T> GuardResource<T>(string parent, string type, string name, Func<Task<T>> call) => Guard(async () =>
    {
        try
        {
            return await call();
        }
        catch (Exception error) when (error is EngineException or ProviderFailure)
        {
            var options = Run.Deployment.Options;
            Run.Deployment.Fatal(Urn.Create(options.Stack, options.Project, parent, type, name), error.Message);
            throw new RunStoppedException();
        }
    });

    private static void RequireTypeToken(string type)
    {
        if (type.Split(':').Length != 3)
        {
            throw new EngineException($"Type '{type}' is not a valid type token; it must have the form package:module:Type.", 4);
        }
    }

    private ProviderRequest PackageOf(string type, string version, string downloadUrl, string packageRef)
    {
        if (packageRef.Length > 0)
        {
            return packages.TryGetValue(packageRef, out var known) ? known : throw new EngineException($"Unknown package reference '{packageRef}'.", 1);
        }

        var colon = type.IndexOf(':', StringComparison.Ordinal);
        return new ProviderRequest { Plugin = colon < 0 ? type : type[..colon], Version = version, DownloadUrl = downloadUrl };
    }

    private Task<string> ProviderReferenceAsync(string given, ProviderRequest package) =>
        given.Length > 0 ? Task.FromResult(given) : Run.DefaultProviders.GetAsync(package);
}

/// <summary>What the monitor works with in one run.</summary>
/// <param name="Deployment">The run.</param>
/// <param name="Registrar">Registers resources.</param>
/// <param name="Reader">Reads resources.</param>
/// <param name="Steps">Records outputs.</param>
/// <param name="DefaultProviders">Providers that the program does not name.</param>
/// <param name="Address">host:port of the monitor itself.</param>
/// <param name="AssetDirectory">Folder that relative asset paths are relative to.</param>
internal sealed record MonitorRun(
    Deployment Deployment,
    ResourceRegistrar Registrar,
    ResourceReader Reader,
    StepExecutor Steps,
    DefaultProviders DefaultProviders,
    string Address,
    string AssetDirectory);
