using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pulumi.Serialization;
using P = Reco.Protocol;

namespace Pulumi;

/// <summary>Turns transforms into callbacks of the engine.</summary>
internal static class TransformCallbacks
{
    private static readonly SerializationMode Mode = new(KeepResources: true, KeepOutputs: true);

    /// <summary>A callback that runs a transform of resources.</summary>
    public static Func<ByteString, CancellationToken, Task<IMessage>> Wrap(ResourceTransform transform)
        => async (bytes, cancellationToken) =>
        {
            var request = P.MessageReader.Read(bytes, P.TransformRequest.Parser);
            var options = TransformOptions.FromProtocol(request);
            var args = new ResourceTransformArgs(request.Name, request.Type, request.Custom, Read(request.Properties), options);
            if (await transform(args, cancellationToken).ConfigureAwait(false) is not { } result)
            {
                return new P.TransformResponse { Properties = request.Properties, Options = request.Options };
            }
            var bag = await PropertyBag.SerializeAsync(request.Name, result.Args, Mode).ConfigureAwait(false);
            return new P.TransformResponse
            {
                Properties = bag.Fields,
                Options = await TransformOptions.ToProtocolAsync(result.Options, request.Options).ConfigureAwait(false),
            };
        };

    /// <summary>A callback that runs a transform of function calls.</summary>
    public static Func<ByteString, CancellationToken, Task<IMessage>> Wrap(InvokeTransform transform)
        => async (bytes, cancellationToken) =>
        {
            var request = P.MessageReader.Read(bytes, P.TransformInvokeRequest.Parser);
            var old = request.Options ?? new();
            var options = new InvokeOptions
            {
                Provider = old.Provider.Length > 0 ? new DependencyProviderResource(old.Provider) : null,
                Version = old.Version.Length > 0 ? old.Version : null,
                PluginDownloadURL = old.PluginDownloadUrl.Length > 0 ? old.PluginDownloadUrl : null,
            };
            if (await transform(new InvokeTransformArgs(request.Token, Read(request.Args), options), cancellationToken).ConfigureAwait(false)
                is not { } result)
            {
                return new P.TransformInvokeResponse { Args = request.Args, Options = old };
            }
            var bag = await PropertyBag.SerializeAsync(request.Token, result.Args, new(KeepResources: true)).ConfigureAwait(false);
            return new P.TransformInvokeResponse
            {
                Args = bag.Fields,
                Options = new()
                {
                    Provider = result.Options.Provider is { } provider ? await provider.GetReferenceAsync().ConfigureAwait(false) : "",
                    Version = result.Options.Version ?? "",
                    PluginDownloadUrl = result.Options.PluginDownloadURL ?? "",
                    PluginChecksums = { old.PluginChecksums },
                },
            };
        };

    private static ImmutableDictionary<string, object?> Read(Struct? properties)
        => properties is null
            ? ImmutableDictionary<string, object?>.Empty
            : properties.Fields.ToImmutableDictionary(field => field.Key, field => PropertyDeserializer.Deserialize(field.Value) switch
            {
                { IsKnown: true, IsSecret: false } plain => plain.Value,
                // Kept as an output: else a secret would come back as plain text, and an unknown as nothing.
                var special => new Output<object?>(special),
            });
}
