using System.Collections.Immutable;
using Google.Protobuf;
using Reco.Engine.Planning;
using Reco.Engine.State;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Plugins;

/// <content>Operations on resources.</content>
internal sealed partial class ProviderSession
{
    /// <summary>Validates inputs and fills in defaults.</summary>
    /// <param name="urn">URN.</param>
    /// <param name="olds">Inputs before; null for a new resource.</param>
    /// <param name="news">Inputs of the program.</param>
    /// <param name="seed">Seed for names that the provider makes up.</param>
    /// <param name="preview">True where values may be unknown.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<CheckOutcome> CheckAsync(string urn, PropertyMap? olds, PropertyMap news, ReadOnlyMemory<byte> seed, bool preview, CancellationToken cancellation)
    {
        if (!await IsConfiguredAsync())
        {
            return new CheckOutcome(news, []);
        }

        var response = await Guard(
            provider.CheckAsync(
                new CheckRequest
                {
                    Urn = urn,
                    Name = Urn.Name(urn),
                    Type = Urn.Type(urn),
                    Olds = PropertyEncoder.Encode(olds ?? PropertyMap.Empty, Accepted(preview)),
                    News = PropertyEncoder.Encode(news, Accepted(preview)),
                    RandomSeed = ByteString.CopyFrom(seed.Span),
                },
                cancellation),
            preview);
        return new CheckOutcome(WithSecretsOf(PropertyDecoder.Decode(response.Inputs, Returned(preview)), news), [.. response.Failures]);
    }

    /// <summary>Compares state and inputs; null where that cannot be known yet.</summary>
    public async Task<ResourceDiff?> DiffAsync(ResourceState old, PropertyMap news, IEnumerable<string> ignoreChanges, bool preview, CancellationToken cancellation)
    {
        if (!await IsConfiguredAsync())
        {
            return null;
        }

        var options = Accepted(preview, elideAssets: true);
        var request = new DiffRequest
        {
            Id = old.Id,
            Urn = old.Urn,
            Name = Urn.Name(old.Urn),
            Type = Urn.Type(old.Urn),
            OldInputs = PropertyEncoder.Encode(old.Inputs, options),
            Olds = PropertyEncoder.Encode(old.Outputs, options),
            News = PropertyEncoder.Encode(news, options),
        };
        request.IgnoreChanges.AddRange(ignoreChanges);
        return ResourceDiff.From(await Guard(provider.DiffAsync(request, cancellation), preview));
    }

    /// <summary>Makes the resource, or says in a preview what it would become.</summary>
    public async Task<WriteOutcome> CreateAsync(string urn, PropertyMap inputs, double timeout, bool preview, CancellationToken cancellation)
    {
        var known = await IsConfiguredAsync();
        if (preview && (!known || !protocol!.SupportsPreview))
        {
            // With no properties at all, the SDKs take every output for unknown, which is right for an unconfigured
            // provider; one that merely cannot preview is taken to echo its inputs.
            return new WriteOutcome("", known ? inputs : PropertyMap.Empty);
        }

        var response = await Guard(provider.CreateAsync(CreationOf(urn, inputs, timeout, preview), cancellation), preview);
        if (response.Id.Length == 0 && !preview)
        {
            throw new EngineException($"The provider returned no ID for the new resource '{urn}'.", 1);
        }

        return new WriteOutcome(response.Id, WithSecretsOf(PropertyDecoder.Decode(response.Properties, Returned(preview)), inputs));
    }

    /// <summary>Looks for what an interrupted creation has made.</summary>
    /// <param name="interrupted">The resource as it was to be.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The resource, with an empty ID where nothing was made; null where the provider cannot tell.</returns>
    /// <exception cref="ProviderFailure">It is there but not ready (a partial failure), or it could not be looked for.</exception>
    public async Task<WriteOutcome?> FindCreatedAsync(ResourceState interrupted, CancellationToken cancellation)
    {
        if (!await IsConfiguredAsync())
        {
            return null;
        }

        var request = CreationOf(interrupted.Urn, interrupted.Inputs, timeout: 0, preview: false);
        return await Guard(provider.FindCreatedAsync(request, cancellation), unknowns: false) is not { } found ? null
            : found.Id.Length == 0 ? new WriteOutcome("", PropertyMap.Empty)
            : new WriteOutcome(found.Id, WithSecretsOf(PropertyDecoder.Decode(found.Properties, Returned(unknowns: false)), interrupted.Inputs));
    }

    /// <summary>Changes the resource, or says in a preview what it would become.</summary>
    public async Task<PropertyMap> UpdateAsync(ResourceState old, PropertyMap news, double timeout, ImmutableArray<string> ignoreChanges, bool preview, CancellationToken cancellation)
    {
        var known = await IsConfiguredAsync();
        if (preview && (!known || !protocol!.SupportsPreview))
        {
            return known ? news : PropertyMap.Empty;
        }

        var request = new UpdateRequest
        {
            Id = old.Id,
            Urn = old.Urn,
            Name = Urn.Name(old.Urn),
            Type = Urn.Type(old.Urn),
            OldInputs = PropertyEncoder.Encode(old.Inputs, Accepted(preview, elideAssets: true)),
            Olds = PropertyEncoder.Encode(old.Outputs, Accepted(preview, elideAssets: true)),
            News = PropertyEncoder.Encode(news, Accepted(preview)),
            Timeout = timeout,
            Preview = preview,
        };
        request.IgnoreChanges.AddRange(ignoreChanges);
        var response = await Guard(provider.UpdateAsync(request, cancellation), preview);
        return WithSecretsOf(PropertyDecoder.Decode(response.Properties, Returned(preview)), news);
    }

    /// <summary>Reads the resource as it is.</summary>
    /// <param name="urn">URN.</param>
    /// <param name="id">ID.</param>
    /// <param name="inputs">Inputs as last known; null for an import.</param>
    /// <param name="state">Outputs as last known; null for an import.</param>
    /// <param name="timeout">Seconds; zero for the provider's own limit.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<ReadOutcome> ReadAsync(string urn, string id, PropertyMap? inputs, PropertyMap? state, double timeout, CancellationToken cancellation)
    {
        if (!await IsConfiguredAsync())
        {
            return new ReadOutcome(id, PropertyMap.Empty, PropertyMap.Empty);
        }

        var options = Accepted(unknowns: false, elideAssets: true);
        var request = new ReadRequest { Id = id, Urn = urn, Name = Urn.Name(urn), Type = Urn.Type(urn), Timeout = timeout };
        if (inputs is not null)
        {
            request.Inputs = PropertyEncoder.Encode(inputs, options);
        }

        if (state is not null)
        {
            request.Properties = PropertyEncoder.Encode(state, options);
        }

        var response = await Guard(provider.ReadAsync(request, cancellation), unknowns: false);
        if (response.Id.Length == 0 || response.Properties is null)
        {
            return new ReadOutcome("", null, PropertyMap.Empty);
        }

        var known = inputs ?? PropertyMap.Empty;
        var readInputs = response.Inputs is null
            ? null
            : SecretAnnotator.RestoreAssets(WithSecretsOf(PropertyDecoder.Decode(response.Inputs, Returned(false)), known), known);
        var outputs = WithSecretsOf(PropertyDecoder.Decode(response.Properties, Returned(false)), state ?? PropertyMap.Empty);
        return new ReadOutcome(response.Id, readInputs, SecretAnnotator.RestoreAssets(outputs, known));
    }

    /// <summary>Deletes the resource.</summary>
    public async Task DeleteAsync(ResourceState old, CancellationToken cancellation)
    {
        await IsConfiguredAsync();
        var options = Accepted(unknowns: false);
        await Guard(
            Delete(new DeleteRequest
            {
                Id = old.Id,
                Urn = old.Urn,
                Name = Urn.Name(old.Urn),
                Type = Urn.Type(old.Urn),
                Properties = PropertyEncoder.Encode(old.Outputs, options),
                OldInputs = PropertyEncoder.Encode(old.Inputs, options),
                Timeout = old.CustomTimeouts?.Delete ?? 0,
            }),
            unknowns: false);

        async Task<bool> Delete(DeleteRequest request)
        {
            await provider.DeleteAsync(request, cancellation);
            return true;
        }
    }

    /// <summary>Calls a function. A provider whose configuration is not known answers with nothing.</summary>
    public async Task<CheckOutcome> InvokeAsync(string token, PropertyMap args, bool preview, CancellationToken cancellation)
    {
        if (!await IsConfiguredAsync())
        {
            return new CheckOutcome(PropertyMap.Empty, []);
        }

        var response = await Guard(
            provider.InvokeAsync(new InvokeRequest { Tok = token, Args = PropertyEncoder.Encode(args, Accepted(unknowns: false)), Preview = preview }, cancellation),
            unknowns: false);
        var result = PropertyDecoder.Decode(response.Return, Returned(unknowns: false));
        if (!protocol!.Secrets && args.ContainsSecrets())
        {
            // Which part of the answer the secret went into is not known: all of it.
            result = PropertyInspection.Map(result, PropertyInspection.AsSecret);
        }

        return new CheckOutcome(result, [.. response.Failures]);
    }

    /// <summary>Calls a method of a resource; the request's arguments are filled in here.</summary>
    public async Task<CallResponse> CallAsync(CallRequest request, PropertyMap args, CancellationToken cancellation)
    {
        if (!await IsConfiguredAsync())
        {
            return new CallResponse();
        }

        request.AcceptsOutputValues = true;
        request.Args = PropertyEncoder.Encode(args, Accepted(unknowns: true) with { KeepOutputs = protocol!.Outputs });
        return await Guard(provider.CallAsync(request, cancellation), unknowns: true);
    }

    /// <summary>Makes a component with its children; null where the configuration is not known and nothing was made.</summary>
    public async Task<ConstructResponse?> ConstructAsync(ConstructRequest request, PropertyMap inputs, CancellationToken cancellation)
    {
        if (!await IsConfiguredAsync())
        {
            return null;
        }

        request.AcceptsOutputValues = true;
        request.Inputs = PropertyEncoder.Encode(inputs, Accepted(unknowns: true) with { KeepOutputs = protocol!.Outputs });
        return await Guard(provider.ConstructAsync(request, cancellation), unknowns: true);
    }

    private CreateRequest CreationOf(string urn, PropertyMap inputs, double timeout, bool preview) => new()
    {
        Urn = urn,
        Name = Urn.Name(urn),
        Type = Urn.Type(urn),
        Properties = PropertyEncoder.Encode(inputs, Accepted(preview)),
        Timeout = timeout,
        Preview = preview,
    };
}
