using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Pulumi.Serialization;
using Reco.Protocol;
using P = Reco.Protocol;

namespace Pulumi.Testing;

/// <summary>An engine that asks a test's mocks.</summary>
/// <param name="mocks">The test's mocks.</param>
/// <param name="settings">Names the project and the stack.</param>
internal sealed class MockMonitor(IMocks mocks, DeploymentSettings settings) : IMonitor
{
    private readonly Lock _gate = new();
    private readonly List<Resource> _resources = [];
    private readonly Dictionary<string, Struct> _states = [];

    /// <summary>All resources in the order of their registration.</summary>
    public ImmutableArray<Resource> Resources
    {
        get
        {
            lock (_gate)
            {
                return [.. _resources];
            }
        }
    }

    /// <inheritdoc/>
    public Task<bool> SupportsFeatureAsync(string feature) => Task.FromResult(feature != "outputValues");

    /// <inheritdoc/>
    public async Task<ResourceInvokeResponse> InvokeAsync(ResourceInvokeRequest request)
    {
        if (request.Tok == "pulumi:pulumi:getResource")
        {
            var urn = request.Args.Fields["urn"].StringValue;
            lock (_gate)
            {
                return new() { Return = _states.GetValueOrDefault(urn) ?? throw new InvalidOperationException($"There is no resource '{urn}'.") };
            }
        }
        return new() { Return = await CallAsync(request.Tok, request.Args, request.Provider).ConfigureAwait(false) };
    }

    /// <inheritdoc/>
    public async Task<CallResponse> CallAsync(ResourceCallRequest request)
        => new() { Return = await CallAsync(request.Tok, request.Args, request.Provider).ConfigureAwait(false) };

    /// <inheritdoc/>
    public async Task<ReadResourceResponse> ReadResourceAsync(Resource resource, ReadResourceRequest request)
    {
        Remember(resource);
        var made = await MakeAsync(request.Parent, new MockResourceArgs
        {
            Type = request.Type,
            Name = request.Name,
            Inputs = ToDictionary(request.Properties),
            Provider = request.Provider,
            Id = request.Id,
        }).ConfigureAwait(false);
        return new() { Urn = made.Urn, Properties = made.State };
    }

    /// <inheritdoc/>
    public async Task<RegisterResourceResponse> RegisterResourceAsync(Resource resource, RegisterResourceRequest request)
    {
        Remember(resource);
        if (request.Type == Constants.StackType)
        {
            return new() { Urn = UrnOf(request.Parent, request.Type, request.Name), Object = new() };
        }
        var made = await MakeAsync(request.Parent, new MockResourceArgs
        {
            Type = request.Type,
            Name = request.Name,
            Inputs = ToDictionary(request.Object),
            Provider = request.Provider,
            Id = request.ImportId,
        }).ConfigureAwait(false);
        return new() { Urn = made.Urn, Id = made.Id, Object = made.State };
    }

    /// <inheritdoc/>
    public Task RegisterResourceOutputsAsync(RegisterResourceOutputsRequest request)
        => mocks.RegisterResourceOutputs(new(
            request.Urn,
            request.Outputs.Fields.ToImmutableDictionary(f => f.Key, f => new Output<object?>(PropertyDeserializer.Deserialize(f.Value)))));

    /// <inheritdoc/>
    public Task<string> RegisterPackageAsync(P.RegisterPackageRequest request) => Task.FromResult($"{request.Name}-{request.Version}");

    /// <inheritdoc/>
    public Task RegisterInvokeTransformAsync(Callback callback) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task SignalAndWaitForShutdownAsync() => Task.CompletedTask;

    private static ImmutableDictionary<string, object> ToDictionary(Struct? fields)
        => (fields ?? new()).Fields
            .Select(f => KeyValuePair.Create(f.Key, PropertyDeserializer.Deserialize(f.Value)))
            .Where(f => f.Value is { IsKnown: true, Value: not null })
            .ToImmutableDictionary(f => f.Key, f => f.Value.Value!);

    private static async Task<Struct> SerializeAsync(string what, object state)
    {
        // Mocks may give any dictionary with string keys, also one that only has the generic interface.
        var value = await new PropertySerializer(new(KeepResources: true))
            .SerializeAsync(what, state is IDictionary<string, object> map ? map.ToImmutableDictionary() : state).ConfigureAwait(false);
        return value?.StructValue
            ?? throw new InvalidOperationException($"The mocks gave a {state?.GetType().Name ?? "null"} for '{what}'; give a dictionary of properties.");
    }

    private async Task<Struct> CallAsync(string token, Struct args, string provider)
        => await SerializeAsync(token, await mocks.CallAsync(
            new MockCallArgs { Token = token, Args = ToDictionary(args), Provider = provider }).ConfigureAwait(false)).ConfigureAwait(false);

    private async Task<(string Urn, string Id, Struct State)> MakeAsync(string parent, MockResourceArgs args)
    {
        var (given, properties) = await mocks.NewResourceAsync(args).ConfigureAwait(false);
        var (urn, id) = (UrnOf(parent, args.Type!, args.Name!), given ?? args.Id ?? "");
        var state = await SerializeAsync(args.Name!, properties).ConfigureAwait(false);
        var record = new Struct
        {
            Fields = { ["urn"] = Value.ForString(urn), ["id"] = Value.ForString(id), ["state"] = Value.ForStruct(state) },
        };
        lock (_gate)
        {
            _states[urn] = record;
        }
        return (urn, id, state);
    }

    // As the official mocks: only the outermost type of the parent's chain counts.
    private string UrnOf(string parent, string type, string name)
    {
        var chain = parent.Length == 0 ? type : parent.Split("::")[2].Split('$')[0] + "$" + type;
        return $"urn:pulumi:{settings.Stack}::{settings.Project}::{chain}::{name}";
    }

    private void Remember(Resource resource)
    {
        lock (_gate)
        {
            _resources.Add(resource);
        }
    }
}

/// <summary>Collects the errors of a tested program.</summary>
internal sealed class MockEngineLog : IEngineLog
{
    private readonly Lock _gate = new();
    private readonly List<string> _errors = [];

    /// <summary>All errors so far.</summary>
    public ImmutableArray<string> Errors
    {
        get
        {
            lock (_gate)
            {
                return [.. _errors];
            }
        }
    }

    /// <inheritdoc/>
    public Task LogAsync(LogRequest request)
    {
        lock (_gate)
        {
            if (request.Severity == LogSeverity.Error)
            {
                _errors.Add(request.Message);
            }
        }
        return Task.CompletedTask;
    }
}
