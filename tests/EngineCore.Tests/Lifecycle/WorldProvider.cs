using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reco.Engine.Plugins;
using Reco.Protocol;

namespace Reco.Engine.Tests.Lifecycle;

/// <summary>An object that really exists.</summary>
internal sealed record WorldObject(string Urn, Struct Inputs);

/// <summary>A provider with a world that outlives it, with faults. A change of an input whose name begins with
/// <c>replace</c> forces a replacement; an object that is <c>in</c> another one goes with it.</summary>
internal sealed class WorldProvider(World world) : ResourceProvider.ResourceProviderBase
{
    public override Task<ProviderHandshakeResponse> Handshake(ProviderHandshakeRequest request, ServerCallContext context) =>
        Task.FromResult(new ProviderHandshakeResponse { AcceptSecrets = true, AcceptResources = true });

    public override Task<CheckResponse> CheckConfig(CheckRequest request, ServerCallContext context) => Task.FromResult(new CheckResponse { Inputs = request.News });

    public override Task<DiffResponse> DiffConfig(DiffRequest request, ServerCallContext context) => Task.FromResult(Compare(request));

    public override Task<ConfigureResponse> Configure(ConfigureRequest request, ServerCallContext context) =>
        Task.FromResult(new ConfigureResponse { AcceptSecrets = true, SupportsPreview = true, AcceptResources = true });

    public override Task<CheckResponse> Check(CheckRequest request, ServerCallContext context)
    {
        world.Before("check", request.Urn);
        return Task.FromResult(new CheckResponse { Inputs = request.News });
    }

    public override Task<DiffResponse> Diff(DiffRequest request, ServerCallContext context) => Task.FromResult(Compare(request));

    public override async Task<CreateResponse> Create(CreateRequest request, ServerCallContext context)
    {
        if (request.Preview)
        {
            return new CreateResponse { Properties = request.Properties };
        }

        await Task.Yield();
        var fault = world.Before("create", request.Urn);
        var id = world.Create(request.Urn, request.Properties);
        After(fault, id, request.Properties);
        return new CreateResponse { Id = id, Properties = request.Properties };
    }

    public override async Task<ReadResponse> Read(ReadRequest request, ServerCallContext context)
    {
        await Task.Yield();
        var fault = world.Before("read", request.Urn);
        if (!world.Objects.TryGetValue(request.Id, out var found))
        {
            return new ReadResponse();
        }

        After(fault, request.Id, found.Inputs);
        return new ReadResponse { Id = request.Id, Inputs = found.Inputs, Properties = found.Inputs };
    }

    public override async Task<UpdateResponse> Update(UpdateRequest request, ServerCallContext context)
    {
        if (request.Preview)
        {
            return new UpdateResponse { Properties = request.News };
        }

        await Task.Yield();
        var fault = world.Before("update", request.Urn);
        if (!world.Objects.ContainsKey(request.Id))
        {
            throw new RpcException(new Status(StatusCode.NotFound, $"there is no {request.Id}"));
        }

        world.Objects[request.Id] = new WorldObject(request.Urn, request.News);
        After(fault, request.Id, request.News);
        return new UpdateResponse { Properties = request.News };
    }

    public override async Task<Empty> Delete(DeleteRequest request, ServerCallContext context)
    {
        await Task.Yield();
        var fault = world.Before("delete", request.Urn);
        world.Delete(request.Id);
        if (fault == Fault.DiesAfter)
        {
            throw Gone();
        }

        return new Empty();
    }

    public override Task<Empty> Cancel(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

    internal static RpcException Gone() => new(new Status(StatusCode.Unavailable, "the connection was closed"));

    private static void After(Fault fault, string id, Struct properties)
    {
        switch (fault)
        {
            case Fault.DiesAfter:
                throw Gone();
            case Fault.NotReady:
                throw StatusDetails.InitFailed(new ErrorResourceInitFailed { Id = id, Properties = properties, Inputs = properties, Reasons = { "it is not ready" } });
        }
    }

    private static DiffResponse Compare(DiffRequest request)
    {
        var response = new DiffResponse { Changes = DiffResponse.Types.DiffChanges.DiffNone };
        foreach (var key in request.OldInputs.Fields.Keys.Union(request.News.Fields.Keys).Where(key => !request.IgnoreChanges.Contains(key) && key != "version"))
        {
            if (request.OldInputs.Fields.TryGetValue(key, out var before) && request.News.Fields.TryGetValue(key, out var after) && before.Equals(after))
            {
                continue;
            }

            response.Changes = DiffResponse.Types.DiffChanges.DiffSome;
            response.Diffs.Add(key);
            if (key.StartsWith("replace", StringComparison.Ordinal) || key == "in")
            {
                response.Replaces.Add(key);
            }
        }

        return response;
    }
}

/// <summary>What exists, what was done to it, and what goes wrong next.</summary>
internal sealed class World
{
    private readonly ConcurrentDictionary<(string, int), Fault> faults = new();
    private int next;

    public ConcurrentDictionary<string, WorldObject> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Deletions of this run, in order: IDs.</summary>
    public ConcurrentQueue<string> Deleted { get; } = new();

    /// <summary>Called before each operation.</summary>
    public Action Operation { get; set; } = () => { };

    /// <summary>Sets a run's faults.</summary>
    public void Prepare(IEnumerable<(string Verb, int Slot, Fault Fault)> plan)
    {
        faults.Clear();
        foreach (var (verb, slot, fault) in plan)
        {
            faults[(verb, slot)] = fault;
        }

        Deleted.Clear();
    }

    public Fault Before(string verb, string urn)
    {
        if (verb != "check")
        {
            Operation();
        }

        var fault = faults.GetValueOrDefault((verb, urn[^1] - '0'));
        return fault switch
        {
            Fault.Refuses => throw new RpcException(new Status(StatusCode.FailedPrecondition, $"{verb} is refused")),
            Fault.DiesBefore => throw WorldProvider.Gone(),
            _ => fault,
        };
    }

    public string Create(string urn, Struct inputs)
    {
        var id = $"id{Interlocked.Increment(ref next)}";
        Objects[id] = new WorldObject(urn, inputs);
        return id;
    }

    public void Delete(string id)
    {
        Deleted.Enqueue(id);
        if (!Objects.TryRemove(id, out _))
        {
            return;
        }

        foreach (var (inner, _) in Objects.Where(entry => entry.Value.Inputs.Fields.TryGetValue("in", out var container) && container.StringValue == id).ToList())
        {
            Objects.TryRemove(inner, out _);
        }
    }
}

/// <summary>Starts world providers for package <c>test</c>.</summary>
internal sealed class WorldFactory(World world) : IProviderFactory
{
    public async Task<StartedProvider> StartAsync(ProviderRequest request, ProviderEnvironment environment, CancellationToken cancellation)
    {
        var adapter = new InProcessProvider(new WorldProvider(world));
        return new StartedProvider(adapter, await ProviderFactory.HandshakeAsync(adapter, environment, null, cancellation));
    }
}
