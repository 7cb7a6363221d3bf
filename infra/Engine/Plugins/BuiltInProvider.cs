using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reco.Engine.Planning;
using Reco.Engine.State;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Plugins;

/// <summary>The engine's own package <c>pulumi</c>: stack references, the stash, and looking up resources of this run.</summary>
/// <param name="references">Answers stack references; null where there are none.</param>
/// <param name="find">A resource of this run by URN, or null.</param>
internal sealed class BuiltInProvider(IStackReferenceResolver? references, Func<string, ResourceState?> find) : ResourceProvider.ResourceProviderBase
{
    private const string StackReference = "pulumi:pulumi:StackReference";
    private const string Stash = "pulumi:index:Stash";

    private static readonly MarshalOptions Wire = new() { KeepUnknowns = true, KeepSecrets = true, KeepResources = true };

    /// <inheritdoc/>
    public override Task<ProviderHandshakeResponse> Handshake(ProviderHandshakeRequest request, ServerCallContext context) =>
        Task.FromResult(new ProviderHandshakeResponse { AcceptSecrets = true, AcceptResources = true });

    /// <inheritdoc/>
    public override Task<CheckResponse> CheckConfig(CheckRequest request, ServerCallContext context) => Task.FromResult(new CheckResponse { Inputs = request.News });

    /// <inheritdoc/>
    public override Task<DiffResponse> DiffConfig(DiffRequest request, ServerCallContext context) =>
        Task.FromResult(new DiffResponse { Changes = DiffResponse.Types.DiffChanges.DiffNone });

    /// <inheritdoc/>
    public override Task<ConfigureResponse> Configure(ConfigureRequest request, ServerCallContext context) =>
        Task.FromResult(new ConfigureResponse { AcceptSecrets = true, AcceptResources = true, SupportsPreview = true });

    /// <inheritdoc/>
    public override Task<CheckResponse> Check(CheckRequest request, ServerCallContext context)
    {
        var only = InputOf(request.Type);
        var response = new CheckResponse { Inputs = request.News };
        foreach (var key in request.News.Fields.Keys.Where(key => key != only))
        {
            response.Failures.Add(new CheckFailure { Property = key, Reason = $"unknown property \"{key}\"" });
        }

        if (!request.News.Fields.ContainsKey(only))
        {
            response.Failures.Add(new CheckFailure { Property = only, Reason = $"missing required property \"{only}\"" });
        }

        return Task.FromResult(response);
    }

    /// <inheritdoc/>
    public override Task<DiffResponse> Diff(DiffRequest request, ServerCallContext context)
    {
        var only = InputOf(request.Type);
        request.OldInputs.Fields.TryGetValue(only, out var old);
        request.News.Fields.TryGetValue(only, out var @new);
        var response = new DiffResponse { Changes = Equals(old, @new) ? DiffResponse.Types.DiffChanges.DiffNone : DiffResponse.Types.DiffChanges.DiffSome };
        if (response.Changes == DiffResponse.Types.DiffChanges.DiffSome)
        {
            (request.Type == StackReference ? response.Replaces : response.Diffs).Add(only);
        }

        return Task.FromResult(response);
    }

    /// <inheritdoc/>
    public override async Task<CreateResponse> Create(CreateRequest request, ServerCallContext context)
    {
        var id = request.Preview ? "" : Guid.NewGuid().ToString();
        if (request.Type == StackReference)
        {
            return new CreateResponse { Id = id, Properties = await ReadStackAsync(request.Properties, context.CancellationToken) };
        }

        var input = request.Properties.Fields[InputOf(request.Type)];
        return new CreateResponse { Id = id, Properties = new Struct { Fields = { ["input"] = input, ["output"] = input } } };
    }

    /// <inheritdoc/>
    public override Task<UpdateResponse> Update(UpdateRequest request, ServerCallContext context) => Task.FromResult(new UpdateResponse
    {
        // A stash keeps its first value until it is replaced.
        Properties = new Struct { Fields = { ["input"] = request.News.Fields[InputOf(request.Type)], ["output"] = request.Olds.Fields["output"] } },
    });

    /// <inheritdoc/>
    public override Task<Empty> Delete(DeleteRequest request, ServerCallContext context) => Task.FromResult(new Empty());

    /// <inheritdoc/>
    public override async Task<ReadResponse> Read(ReadRequest request, ServerCallContext context)
    {
        if (InputOf(request.Type) != "name")
        {
            return new ReadResponse { Id = request.Id, Inputs = request.Inputs, Properties = request.Properties };
        }

        return request.Inputs?.Fields.ContainsKey("name") == true
            ? new ReadResponse { Id = request.Id, Inputs = request.Inputs, Properties = await ReadStackAsync(request.Inputs, context.CancellationToken) }
            : throw new RpcException(new Status(StatusCode.InvalidArgument, "a stack reference cannot be imported"));
    }

    /// <inheritdoc/>
    public override async Task<InvokeResponse> Invoke(InvokeRequest request, ServerCallContext context)
    {
        switch (request.Tok)
        {
            case "pulumi:pulumi:readStackOutputs":
                return new InvokeResponse { Return = await ReadStackAsync(request.Args, context.CancellationToken) };
            case "pulumi:pulumi:getResource":
                var urn = request.Args.Fields.TryGetValue("urn", out var value) ? value.StringValue : "";
                var state = find(urn) ?? throw new RpcException(new Status(StatusCode.NotFound, $"unknown resource '{urn}'"));
                return new InvokeResponse
                {
                    Return = new Struct
                    {
                        Fields =
                        {
                            ["urn"] = Value.ForString(urn),
                            ["id"] = Value.ForString(state.Id),
                            ["provider"] = Value.ForString(state.Provider),
                            ["state"] = Value.ForStruct(PropertyEncoder.Encode(state.Outputs, Wire)),
                        },
                    },
                };
            default:
                throw new RpcException(new Status(StatusCode.Unimplemented, $"unrecognised function '{request.Tok}'"));
        }
    }

    private static string InputOf(string type) => type switch
    {
        StackReference => "name",
        Stash => "input",
        _ => throw new RpcException(new Status(StatusCode.InvalidArgument, $"unrecognised resource type '{type}'")),
    };

    private async Task<Struct> ReadStackAsync(Struct inputs, CancellationToken cancellation)
    {
        var name = PropertyDecoder.Decode(inputs, Wire).Text("name")
            ?? throw new RpcException(new Status(StatusCode.InvalidArgument, "a stack reference needs the name of a stack"));
        if (references is null)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, "stack references are not available here"));
        }

        PropertyMap outputs;
        try
        {
            outputs = await references.GetOutputsAsync(name, cancellation);
        }
        catch (EngineException error)
        {
            throw new RpcException(new Status(StatusCode.NotFound, error.Message));
        }

        ImmutableArray<PropertyValue> secret = [.. outputs.Where(entry => entry.Value.ContainsSecrets()).Select(entry => new PropertyValue.StringValue(entry.Key))];
        return PropertyEncoder.Encode(
            new PropertyMap(
            [
                new("name", new PropertyValue.StringValue(name)),
                new("outputs", new PropertyValue.MapValue(outputs)),
                new("secretOutputNames", new PropertyValue.ListValue(secret)),
            ]),
            Wire);
    }
}
