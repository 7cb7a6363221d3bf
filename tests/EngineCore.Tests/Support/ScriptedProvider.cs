using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reco.Engine.Plugins;
using Reco.Protocol;

namespace Reco.Engine.Tests.Support;

/// <summary>A provider of package <c>test</c> whose resources live in a dictionary that outlives a run. Inputs that it
/// knows: <c>replace</c> forces a replacement when changed; all others update in place. Hooks change its behaviour.</summary>
internal sealed class ScriptedProvider : ResourceProvider.ResourceProviderBase
{
    private int nextId;

    /// <summary>What exists, by ID.</summary>
    public ConcurrentDictionary<string, Struct> World { get; } = new();

    /// <summary>Calls in order: <c>create NAME</c> and so on.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    public bool AcceptSecrets { get; init; } = true;

    public bool DeleteBeforeReplace { get; set; }

    public bool UnknownDiff { get; set; }

    /// <summary>Called before each operation with verb and name; may throw or wait.</summary>
    public Func<string, string, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    public Func<CheckRequest, IEnumerable<CheckFailure>> Failures { get; set; } = _ => [];

    /// <summary>Turns created or updated properties into a partial failure where it returns a reason.</summary>
    public Func<string, string, string?> Partial { get; set; } = (_, _) => null;

    public List<ConfigureRequest> Configurations { get; } = [];

    public List<CheckRequest> Checks { get; } = [];

    public List<CreateRequest> Creates { get; } = [];

    public override Task<ProviderHandshakeResponse> Handshake(ProviderHandshakeRequest request, ServerCallContext context) =>
        Task.FromResult(new ProviderHandshakeResponse { AcceptSecrets = AcceptSecrets, AcceptResources = true, AcceptOutputs = false });

    public override Task<CheckResponse> CheckConfig(CheckRequest request, ServerCallContext context) => Task.FromResult(new CheckResponse { Inputs = request.News });

    public override Task<DiffResponse> DiffConfig(DiffRequest request, ServerCallContext context)
    {
        var response = new DiffResponse { Changes = DiffResponse.Types.DiffChanges.DiffNone };
        foreach (var key in Changed(request.OldInputs, request.News).Where(key => key != "version"))
        {
            response.Changes = DiffResponse.Types.DiffChanges.DiffSome;
            response.Diffs.Add(key);
            if (key == "replace")
            {
                response.Replaces.Add(key);
            }
        }

        return Task.FromResult(response);
    }

    public override Task<ConfigureResponse> Configure(ConfigureRequest request, ServerCallContext context)
    {
        lock (Configurations)
        {
            Configurations.Add(request);
        }

        return Task.FromResult(new ConfigureResponse { AcceptSecrets = AcceptSecrets, SupportsPreview = true, AcceptResources = true });
    }

    public override async Task<CheckResponse> Check(CheckRequest request, ServerCallContext context)
    {
        lock (Checks)
        {
            Checks.Add(request);
        }

        await Before("check", request.Name);
        var response = new CheckResponse { Inputs = request.News };
        response.Failures.AddRange(Failures(request));
        return response;
    }

    public override Task<DiffResponse> Diff(DiffRequest request, ServerCallContext context)
    {
        var response = new DiffResponse { Changes = DiffResponse.Types.DiffChanges.DiffNone, DeleteBeforeReplace = DeleteBeforeReplace };
        if (UnknownDiff)
        {
            response.Changes = DiffResponse.Types.DiffChanges.DiffUnknown;
            return Task.FromResult(response);
        }

        foreach (var key in Changed(request.OldInputs, request.News))
        {
            response.Changes = DiffResponse.Types.DiffChanges.DiffSome;
            response.Diffs.Add(key);
            if (key.StartsWith("replace", StringComparison.Ordinal))
            {
                response.Replaces.Add(key);
            }
        }

        return Task.FromResult(response);
    }

    public override async Task<CreateResponse> Create(CreateRequest request, ServerCallContext context)
    {
        lock (Creates)
        {
            Creates.Add(request);
        }

        if (request.Preview)
        {
            return new CreateResponse { Properties = request.Properties };
        }

        Calls.Enqueue($"create {request.Name}");
        await Before("create", request.Name);
        var id = $"{request.Name}-{Interlocked.Increment(ref nextId)}";
        World[id] = request.Properties;
        if (Partial("create", request.Name) is { } reason)
        {
            throw StatusDetails.InitFailed(new ErrorResourceInitFailed { Id = id, Properties = request.Properties, Reasons = { reason } });
        }

        return new CreateResponse { Id = id, Properties = WithId(request.Properties, id) };
    }

    public override async Task<ReadResponse> Read(ReadRequest request, ServerCallContext context)
    {
        Calls.Enqueue($"read {request.Name}");
        await Before("read", request.Name);
        return World.TryGetValue(request.Id, out var properties)
            ? new ReadResponse { Id = request.Id, Inputs = properties, Properties = WithId(properties, request.Id) }
            : new ReadResponse();
    }

    public override async Task<UpdateResponse> Update(UpdateRequest request, ServerCallContext context)
    {
        if (request.Preview)
        {
            return new UpdateResponse { Properties = request.News };
        }

        Calls.Enqueue($"update {request.Name}");
        await Before("update", request.Name);
        World[request.Id] = request.News;
        if (Partial("update", request.Name) is { } reason)
        {
            throw StatusDetails.InitFailed(new ErrorResourceInitFailed { Id = request.Id, Properties = request.News, Reasons = { reason } });
        }

        return new UpdateResponse { Properties = WithId(request.News, request.Id) };
    }

    public override async Task<Empty> Delete(DeleteRequest request, ServerCallContext context)
    {
        Calls.Enqueue($"delete {request.Name}");
        await Before("delete", request.Name);
        World.TryRemove(request.Id, out _);
        return new Empty();
    }

    public override Task<InvokeResponse> Invoke(InvokeRequest request, ServerCallContext context) =>
        Task.FromResult(new InvokeResponse { Return = request.Args });

    public override Task<Empty> Cancel(Empty request, ServerCallContext context)
    {
        Calls.Enqueue("cancel");
        return Task.FromResult(new Empty());
    }

    private static IEnumerable<string> Changed(Struct old, Struct news) =>
        old.Fields.Keys.Union(news.Fields.Keys).Where(key =>
            !old.Fields.TryGetValue(key, out var before) || !news.Fields.TryGetValue(key, out var after) || !before.Equals(after));

    private static Struct WithId(Struct properties, string id)
    {
        var result = properties.Clone();
        result.Fields["made"] = Value.ForString(id);
        return result;
    }
}

/// <summary>Starts scripted providers for package <c>test</c>.</summary>
internal sealed class ScriptedFactory(ScriptedProvider provider) : IProviderFactory
{
    public ConcurrentQueue<ProviderRequest> Started { get; } = new();

    public async Task<StartedProvider> StartAsync(ProviderRequest request, ProviderEnvironment environment, CancellationToken cancellation)
    {
        if (request.Package is not ("test" or "other"))
        {
            throw new EngineException($"no provider '{request.Package}'", 1);
        }

        Started.Enqueue(request);
        var adapter = new InProcessProvider(provider);
        return new StartedProvider(adapter, await ProviderFactory.HandshakeAsync(adapter, environment, null, cancellation));
    }
}
