using Grpc.Core;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Plugins;

/// <summary>A provider with its configuration, in the engine's own values. Reduces values to what the provider
/// understands, carries secretness over answers of providers that do not speak secrets, and spares a provider whose
/// configuration is not known yet (in a preview) every call.</summary>
internal sealed partial class ProviderSession : IAsyncDisposable
{
    private readonly IProvider provider;
    private ProtocolFlags? protocol;
    private Task<bool>? configured;

    /// <summary>Takes over a provider that was started.</summary>
    public ProviderSession(StartedProvider started)
    {
        provider = started.Provider;
        protocol = started.Handshake is { } handshake
            ? new ProtocolFlags(handshake.AcceptSecrets, handshake.AcceptResources, handshake.AcceptOutputs, SupportsPreview: true)
            : null;
    }

    /// <summary>Checks the configuration of the provider itself.</summary>
    public async Task<CheckOutcome> CheckConfigAsync(string urn, PropertyMap olds, PropertyMap news, CancellationToken cancellation)
    {
        var options = new MarshalOptions { KeepUnknowns = true };
        CheckResponse response;
        try
        {
            response = await provider.CheckConfigAsync(
                new CheckRequest
                {
                    Urn = urn,
                    Name = Planning.Urn.Name(urn),
                    Type = Planning.Urn.Type(urn),
                    Olds = PropertyEncoder.Encode(olds, options),
                    News = PropertyEncoder.Encode(news, options),
                },
                cancellation);
        }
        catch (RpcException error) when (IsUnimplemented(error))
        {
            return new CheckOutcome(news, []);
        }
        catch (RpcException error)
        {
            throw ProviderFailure.From(error, MarshalOptions.All);
        }

        var inputs = PropertyDecoder.Decode(response.Inputs, new MarshalOptions { KeepUnknowns = true, KeepSecrets = true, KeepResources = true });
        return new CheckOutcome(SecretAnnotator.Annotate(inputs, news), [.. response.Failures]);
    }

    /// <summary>Compares two configurations of the provider.</summary>
    public async Task<ResourceDiff> DiffConfigAsync(string urn, PropertyMap oldInputs, PropertyMap oldOutputs, PropertyMap news, IEnumerable<string> ignoreChanges, CancellationToken cancellation)
    {
        var options = new MarshalOptions { KeepUnknowns = true };
        var request = new DiffRequest
        {
            Urn = urn,
            Name = Planning.Urn.Name(urn),
            Type = Planning.Urn.Type(urn),
            OldInputs = PropertyEncoder.Encode(oldInputs, options),
            Olds = PropertyEncoder.Encode(oldOutputs, options),
            News = PropertyEncoder.Encode(news, options),
        };
        request.IgnoreChanges.AddRange(ignoreChanges);
        try
        {
            return ResourceDiff.From(await provider.DiffConfigAsync(request, cancellation));
        }
        catch (RpcException error) when (IsUnimplemented(error))
        {
            return new ResourceDiff();
        }
        catch (RpcException error)
        {
            throw ProviderFailure.From(error, MarshalOptions.All);
        }
    }

    /// <summary>Sets the configuration. The call runs in the background; a failure shows at the first use of the
    /// provider, so that a stack whose provider cannot be configured can still be looked at.</summary>
    /// <param name="urn">URN of the provider resource.</param>
    /// <param name="id">Its ID.</param>
    /// <param name="inputs">Configuration.</param>
    /// <param name="cancellation">Gives up.</param>
    public void Configure(string urn, string id, PropertyMap inputs, CancellationToken cancellation) => configured ??= ConfigureAsync(urn, id, inputs, cancellation);

    /// <summary>An ID for the provider resource, which is being made, to be configured with.</summary>
    public string NewId(bool preview) => provider.NewId(preview);

    /// <summary>Turns the provider into a parameterised package.</summary>
    public async Task ParameterizeAsync(ParameterizeRequest.Types.ParametersValue parameter, CancellationToken cancellation)
    {
        try
        {
            var response = await provider.ParameterizeAsync(new ParameterizeRequest { Value = parameter }, cancellation);
            if (response.Name != parameter.Name)
            {
                throw new EngineException($"The provider was asked to become package '{parameter.Name}' and became '{response.Name}'.", 1);
            }
        }
        catch (RpcException error)
        {
            throw ProviderFailure.From(error, MarshalOptions.All);
        }
    }

    /// <summary>Asks the provider to give up what it is doing; errors do not matter then.</summary>
    public async Task CancelAsync(CancellationToken cancellation)
    {
        try
        {
            await provider.CancelAsync(cancellation);
        }
        catch (RpcException)
        {
            // It may not know the call, or be gone already.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (configured is not null)
        {
            await configured.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        await provider.DisposeAsync();
    }

    private static bool IsUnimplemented(RpcException error) =>
        // The Node SDK's dynamic provider answers with an internal error where it means unimplemented.
        error.StatusCode is StatusCode.Unimplemented or StatusCode.Internal
        || (error.StatusCode == StatusCode.Unknown && error.Status.Detail.Contains("Unimplemented", StringComparison.Ordinal));

    private async Task<bool> ConfigureAsync(string urn, string id, PropertyMap inputs, CancellationToken cancellation)
    {
        if (inputs.ContainsUnknowns())
        {
            protocol ??= new ProtocolFlags(false, false, false, false);
            return false;
        }

        var type = Planning.Urn.Type(urn);
        var package = type[(type.LastIndexOf(':') + 1)..];
        var request = new ConfigureRequest
        {
            AcceptSecrets = true,
            AcceptResources = true,
            SendsOldInputs = true,
            SendsOldInputsToDelete = true,
            Args = PropertyEncoder.Encode(inputs, new MarshalOptions { KeepUnknowns = true, KeepSecrets = true, KeepResources = true }),
            Urn = urn,
            Name = Planning.Urn.Name(urn),
            Type = type,
            Id = id,
        };
        foreach (var (key, value) in inputs)
        {
            if (key != "version")
            {
                var plain = PropertyEncoder.Encode(value, new MarshalOptions())!;
                request.Variables[$"{package}:config:{key}"] = plain.HasStringValue ? plain.StringValue : Google.Protobuf.JsonFormatter.Default.Format(plain);
            }
        }

        try
        {
            var response = await provider.ConfigureAsync(request, cancellation);
            protocol ??= new ProtocolFlags(response.AcceptSecrets, response.AcceptResources, response.AcceptOutputs, response.SupportsPreview);
            return true;
        }
        catch (RpcException error)
        {
            throw ProviderFailure.From(error, MarshalOptions.All);
        }
    }

    /// <summary>True where the configuration is known; throws where it could not be set.</summary>
    private Task<bool> IsConfiguredAsync() => configured ?? throw new InvalidOperationException("The provider was not configured.");

    private MarshalOptions Accepted(bool unknowns, bool elideAssets = false) => new()
    {
        KeepUnknowns = unknowns,
        KeepSecrets = protocol!.Secrets,
        KeepResources = protocol.Resources,
        ElideAssets = elideAssets,
    };

    private static MarshalOptions Returned(bool unknowns) => new()
    {
        KeepUnknowns = unknowns,
        RejectUnknowns = !unknowns,
        KeepSecrets = true,
        KeepResources = true,
    };

    private PropertyMap WithSecretsOf(PropertyMap values, PropertyMap known) => protocol!.Secrets ? values : SecretAnnotator.Annotate(values, known);

    private static async Task<T> Guard<T>(Task<T> call, bool unknowns)
    {
        try
        {
            return await call;
        }
        catch (RpcException error)
        {
            throw ProviderFailure.From(error, Returned(unknowns) with { RejectUnknowns = false });
        }
    }

    /// <summary>What the provider understands.</summary>
    private sealed record ProtocolFlags(bool Secrets, bool Resources, bool Outputs, bool SupportsPreview);
}

/// <summary>Checked inputs and what is wrong with them.</summary>
internal sealed record CheckOutcome(PropertyMap Inputs, System.Collections.Immutable.ImmutableArray<CheckFailure> Failures);

/// <summary>A resource as a provider has made or changed it.</summary>
internal sealed record WriteOutcome(string Id, PropertyMap Outputs);

/// <summary>A resource as a provider has read it; an empty ID says that it does not exist.</summary>
internal sealed record ReadOutcome(string Id, PropertyMap? Inputs, PropertyMap Outputs);
