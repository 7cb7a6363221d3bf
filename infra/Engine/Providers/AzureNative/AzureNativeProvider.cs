using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reco.Protocol;
using Reco.Providers.AzureNative.Catalog;
using Reco.Providers.AzureNative.Checking;
using Reco.Providers.AzureNative.Diffing;
using Reco.Providers.AzureNative.Functions;
using Reco.Providers.AzureNative.Schema;
using Reco.Providers.AzureNative.Wire;

namespace Reco.Providers.AzureNative;

/// <summary>The embedded engine's azure-native provider: it previews, and makes nothing. It checks, names and compares
/// resources as Pulumi's azure-native (v3) does, with no connection and no credentials, against Azure's own type
/// descriptions. Deploying is the Pulumi CLI's.</summary>
public sealed class AzureNativeProvider : ResourceProvider.ResourceProviderBase
{
    private readonly GroupLocations groups = new();
    private readonly Func<LogRequest, Task> log;
    private readonly Func<string, string?> environment;
    private readonly IAzureWriter writer;
    private Struct configuration = new();

    /// <summary>A provider that is not configured yet.</summary>
    /// <param name="log">Takes messages for the engine.</param>
    /// <param name="environment">Reads an environment variable.</param>
    public AzureNativeProvider(Func<LogRequest, Task> log, Func<string, string?> environment)
        : this(log, environment, new RefusingWriter())
    {
    }

    /// <summary>A provider with another way of writing, for tests of what follows a deployment.</summary>
    internal AzureNativeProvider(Func<LogRequest, Task> log, Func<string, string?> environment, IAzureWriter writer)
    {
        this.log = log;
        this.environment = environment;
        this.writer = writer;
    }

    /// <inheritdoc/>
    public override Task<ProviderHandshakeResponse> Handshake(ProviderHandshakeRequest request, ServerCallContext context) =>
        Task.FromResult(new ProviderHandshakeResponse { SupportsAutonamingConfiguration = true });

    /// <inheritdoc/>
    public override Task<PluginInfo> GetPluginInfo(Empty request, ServerCallContext context) =>
        Task.FromResult(new PluginInfo { Version = ResourceCatalog.Instance.Version });

    /// <inheritdoc/>
    public override Task<CheckResponse> CheckConfig(CheckRequest request, ServerCallContext context) =>
        Task.FromResult(new CheckResponse { Inputs = request.News });

    /// <inheritdoc/>
    public override Task<DiffResponse> DiffConfig(DiffRequest request, ServerCallContext context) =>
        Task.FromResult(new DiffResponse { Changes = DiffResponse.Types.DiffChanges.DiffUnknown });

    /// <inheritdoc/>
    public override Task<ConfigureResponse> Configure(ConfigureRequest request, ServerCallContext context)
    {
        configuration = request.Args ?? new Struct();
        return Task.FromResult(new ConfigureResponse { SupportsPreview = true, SupportsAutonamingConfiguration = true });
    }

    /// <inheritdoc/>
    public override Task<CheckResponse> Check(CheckRequest request, ServerCallContext context) =>
        Guard(() => new ResourceChecker(() => Setting("location", null), groups).Check(request));

    /// <inheritdoc/>
    public override Task<DiffResponse> Diff(DiffRequest request, ServerCallContext context) => Guard(() => ResourceDiffer.Diff(request));

    /// <inheritdoc/>
    public override Task<CreateResponse> Create(CreateRequest request, ServerCallContext context) => Guard(() =>
    {
        var resource = ResourceCatalog.Instance[ResourceChecker.TypeOf(request.Urn)];
        var properties = new PreviewOutputs(resource).Of(request.Properties);
        var id = resource.Fill(name => name == "subscriptionId" ? Subscription : Plain.Text(request.Properties, name));
        return request.Preview
            ? new CreateResponse { Id = id ?? "", Properties = properties }
            : writer.Create(request, id, properties);
    });

    /// <inheritdoc/>
    public override Task<UpdateResponse> Update(UpdateRequest request, ServerCallContext context) => Guard(() =>
    {
        var resource = ResourceCatalog.Instance[ResourceChecker.TypeOf(request.Urn)];
        var properties = new PreviewOutputs(resource).Of(request.News);
        KeepAnswers(properties, request.Olds, request.OldInputs);
        return request.Preview ? new UpdateResponse { Properties = properties } : writer.Update(request, properties);
    });

    /// <inheritdoc/>
    public override Task<ReadResponse> Read(ReadRequest request, ServerCallContext context) => Guard(() => writer.Read(request));

    /// <inheritdoc/>
    public override Task<Empty> Delete(DeleteRequest request, ServerCallContext context) => Guard(() =>
    {
        writer.Delete(request);
        return new Empty();
    });

    /// <inheritdoc/>
    public override async Task<InvokeResponse> Invoke(InvokeRequest request, ServerCallContext context)
    {
        if (OfflineFunctions.Call(request.Tok, Setting) is not var (answer, warning))
        {
            return new InvokeResponse { Return = writer.Call(request.Tok, request.Args ?? new Struct()) };
        }

        if (warning is not null)
        {
            await log(new LogRequest { Severity = LogSeverity.Warning, Message = warning, Ephemeral = false }).ConfigureAwait(false);
        }

        return new InvokeResponse { Return = answer };
    }

    /// <inheritdoc/>
    public override Task<Empty> Cancel(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

    /// <inheritdoc/>
    public override Task<Empty> Attach(PluginAttach request, ServerCallContext context) => Task.FromResult(new Empty());

    private string? Subscription => Setting("subscriptionId", "ARM_SUBSCRIPTION_ID");

    private string? Setting(string key, string? variable) =>
        Plain.Text(configuration, key) ?? (variable is null ? null : environment(variable) is { Length: > 0 } value ? value : null);

    /// <summary>What Azure had answered stays known where an update does not touch it.</summary>
    private static void KeepAnswers(Struct properties, Struct? olds, Struct? oldInputs)
    {
        foreach (var key in properties.Fields.Keys.Where(key => Plain.IsUnknown(properties.Fields[key]) && Plain.Has(olds, key) && !Plain.Has(oldInputs, key)).ToList())
        {
            properties.Fields[key] = olds!.Fields[key];
        }
    }

    private static Task<T> Guard<T>(Func<T> call)
    {
        try
        {
            return Task.FromResult(call());
        }
        catch (FormatException error)
        {
            return Task.FromException<T>(new RpcException(new Status(StatusCode.InvalidArgument, error.Message)));
        }
        catch (RpcException error)
        {
            return Task.FromException<T>(error);
        }
    }
}
