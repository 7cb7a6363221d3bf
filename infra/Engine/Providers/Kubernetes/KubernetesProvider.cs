using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Checking;
using Reco.Providers.Kubernetes.Cluster;
using Reco.Providers.Kubernetes.Configuration;
using Reco.Providers.Kubernetes.Diffing;
using Reco.Providers.Kubernetes.Helm;
using Reco.Providers.Kubernetes.Manifests;
using Reco.Providers.Kubernetes.Operations;

namespace Reco.Providers.Kubernetes;

/// <summary>The embedded engine's Kubernetes provider. It keeps to the contract and the behaviour of Pulumi's Kubernetes
/// provider (v4), so that a stack moves between the two engines. Context <c>reco-local</c> without a kubeconfig means the
/// cluster that Reco runs on this machine for the stack.</summary>
public sealed class KubernetesProvider : ResourceProvider.ResourceProviderBase, ICreationFinder, IAsyncDisposable
{
    /// <summary>Version of the official provider whose behaviour this one has.</summary>
    private const string Version = "4.34.2";

    private readonly KubernetesProviderOptions options;
    private readonly Func<LogRequest, Task> log;
    private readonly CancellationTokenSource cancelled = new();
    private ResourceSession? session;

    /// <summary>A provider that is not configured yet.</summary>
    /// <param name="options">The run that it belongs to.</param>
    /// <param name="log">Takes messages for the engine.</param>
    public KubernetesProvider(KubernetesProviderOptions options, Func<LogRequest, Task> log)
    {
        this.options = options;
        this.log = log;
    }

    /// <inheritdoc/>
    public override Task<ProviderHandshakeResponse> Handshake(ProviderHandshakeRequest request, ServerCallContext context) =>
        Task.FromResult(new ProviderHandshakeResponse { AcceptSecrets = true, SupportsAutonamingConfiguration = true });

    /// <inheritdoc/>
    public override Task<PluginInfo> GetPluginInfo(Empty request, ServerCallContext context) =>
        Task.FromResult(new PluginInfo { Version = Version });

    /// <inheritdoc/>
    public override Task<GetSchemaResponse> GetSchema(GetSchemaRequest request, ServerCallContext context) =>
        throw new RpcException(new Status(StatusCode.Unimplemented, "the embedded Kubernetes provider has no schema: its SDKs are generated beforehand"));

    /// <inheritdoc/>
    public override Task<CheckResponse> CheckConfig(CheckRequest request, ServerCallContext context) =>
        GuardAsync(context, _ => Task.FromResult(ProviderCheck.Check(request)));

    /// <inheritdoc/>
    public override Task<DiffResponse> DiffConfig(DiffRequest request, ServerCallContext context) =>
        GuardAsync(context, _ => Task.FromResult(ProviderDiff.Diff(request)));

    /// <inheritdoc/>
    public override async Task<ConfigureResponse> Configure(ConfigureRequest request, ServerCallContext context)
    {
        var settings = ProviderSettings.Read(request, options.GetEnvironmentVariable);
        var isLocal = settings.Kubeconfig is null && settings.Context == KubernetesProviderOptions.LocalContext;
        if (session is not null)
        {
            await session.Source.DisposeAsync().ConfigureAwait(false);
        }

        session = new ResourceSession
        {
            Options = options,
            Settings = settings,
            Source = settings.IsClusterUnknown ? new UnknownSource(settings.Namespace) : isLocal ? new ClusterLauncher(options, settings.Namespace) : new KubeconfigSource(settings),
            Secrets = request.AcceptSecrets,
            Log = log,
        };
        return new ConfigureResponse { AcceptSecrets = true, SupportsPreview = true, SupportsAutonamingConfiguration = true };
    }

    /// <inheritdoc/>
    public override Task<CheckResponse> Check(CheckRequest request, ServerCallContext context) =>
        GuardAsync(context, _ => Task.FromResult(HelmRelease.IsRelease(request.Urn)
            ? HelmRelease.Check(request, Session.Source.DefaultNamespace)
            : new ResourceChecker(Session.Settings, Session.Source.DefaultNamespace, Session.Secrets).Check(request)));

    /// <inheritdoc/>
    public override Task<DiffResponse> Diff(DiffRequest request, ServerCallContext context) =>
        GuardAsync(context, token => HelmRelease.IsRelease(request.Urn) ? Task.FromResult(HelmRelease.Diff(request)) : new ResourceDiffer(Session).DiffAsync(request, token));

    /// <inheritdoc/>
    public override Task<CreateResponse> Create(CreateRequest request, ServerCallContext context) =>
        GuardAsync(context, token => HelmRelease.IsRelease(request.Urn) ? HelmRelease.CreateAsync(request) : new CreateOperation(Session).RunAsync(request, token));

    /// <inheritdoc/>
    public override Task<ReadResponse> Read(ReadRequest request, ServerCallContext context) =>
        GuardAsync(context, token => HelmRelease.IsRelease(request.Urn) ? throw HelmRelease.Refusal(request.Urn) : new ReadOperation(Session).RunAsync(request, token));

    /// <inheritdoc/>
    public Task<ReadResponse> FindCreatedAsync(CreateRequest interrupted, CancellationToken cancellation) =>
        GuardAsync(null, token => HelmRelease.IsRelease(interrupted.Urn) ? Task.FromResult(new ReadResponse()) : new ReadOperation(Session).FindCreatedAsync(interrupted, token));

    /// <inheritdoc/>
    public override Task<UpdateResponse> Update(UpdateRequest request, ServerCallContext context) =>
        GuardAsync(context, token => HelmRelease.IsRelease(request.Urn) ? HelmRelease.UpdateAsync(request) : new UpdateOperation(Session).RunAsync(request, token));

    /// <inheritdoc/>
    public override Task<Empty> Delete(DeleteRequest request, ServerCallContext context) =>
        GuardAsync(context, async token =>
        {
            if (HelmRelease.IsRelease(request.Urn))
            {
                throw HelmRelease.Refusal(request.Urn);
            }

            await new DeleteOperation(Session).RunAsync(request, token).ConfigureAwait(false);
            return new Empty();
        });

    /// <inheritdoc/>
    public override Task<InvokeResponse> Invoke(InvokeRequest request, ServerCallContext context) => GuardAsync(context, async _ =>
    {
        switch (request.Tok)
        {
            case YamlDecoder.Token:
                return YamlDecoder.Decode(request, session?.Settings.Namespace);
            case HelmRelease.TemplateToken when request.Preview:
                await log(new LogRequest { Severity = LogSeverity.Warning, Message = $"a Helm chart is not rendered in this preview: {HelmRelease.Advice}" }).ConfigureAwait(false);
                return new InvokeResponse { Return = new Struct { Fields = { ["result"] = Value.ForList() } } };
            default:
                throw new RpcException(new Status(StatusCode.Unimplemented, $"function {request.Tok} is not offered by the embedded Kubernetes provider: {HelmRelease.Advice}"));
        }
    });

    /// <inheritdoc/>
    public override Task<CallResponse> Call(CallRequest request, ServerCallContext context) =>
        throw new RpcException(new Status(StatusCode.Unimplemented, $"method {request.Tok} is not offered by the embedded Kubernetes provider"));

    /// <inheritdoc/>
    public override Task<ConstructResponse> Construct(ConstructRequest request, ServerCallContext context) =>
        GuardAsync(context, token => new YamlComponent(request, session?.Settings.Namespace, log).RunAsync(token));

    /// <inheritdoc/>
    public override async Task<Empty> Cancel(Empty request, ServerCallContext context)
    {
        await cancelled.CancelAsync().ConfigureAwait(false);
        return new Empty();
    }

    /// <inheritdoc/>
    public override Task<Empty> Attach(PluginAttach request, ServerCallContext context) => Task.FromResult(new Empty());

    /// <summary>Lets go of the cluster; an empty local one stops.</summary>
    public async ValueTask DisposeAsync()
    {
        if (session is not null)
        {
            await session.Source.DisposeAsync().ConfigureAwait(false);
            session = null;
        }

        cancelled.Dispose();
    }

    private ResourceSession Session => session
        ?? throw new RpcException(new Status(StatusCode.FailedPrecondition, "the Kubernetes provider is not configured"));

    /// <summary>Runs a call so that what fails reaches the engine as a message that a person can act on.</summary>
    private async Task<T> GuardAsync<T>(ServerCallContext? context, Func<CancellationToken, Task<T>> call)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancelled.Token, context?.CancellationToken ?? CancellationToken.None);
        try
        {
            return await call(linked.Token).ConfigureAwait(false);
        }
        catch (RpcException)
        {
            throw;
        }
        catch (OperationCanceledException)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "cancelled"));
        }
        catch (FormatException error)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, error.Message));
        }
        catch (ClusterUnreachableException error)
        {
            throw new RpcException(new Status(StatusCode.Unavailable,
                $"the Kubernetes cluster cannot be reached: {error.Message} If the cluster is gone for good, set PULUMI_K8S_DELETE_UNREACHABLE=true to take its resources out of the state."));
        }
        catch (HttpRequestException error)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, $"the Kubernetes API server does not answer: {(error.InnerException ?? error).Message}"));
        }
        catch (TimeoutException error)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, error.Message));
        }
        catch (Exception error) when (error is KubeApiException or InvalidDataException or InvalidOperationException or IOException)
        {
            throw new RpcException(new Status(StatusCode.Unknown, error.Message));
        }
    }
}
