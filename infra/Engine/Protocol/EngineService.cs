using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reco.Engine.Planning;
using Reco.Protocol;

namespace Reco.Engine.Protocol;

/// <summary>The service <c>pulumirpc.Engine</c>: log messages and the root resource.</summary>
internal sealed class EngineService : global::Reco.Protocol.Engine.EngineBase
{
    /// <summary>Version of Pulumi's engine whose behaviour this one follows; programs can require a range of it.</summary>
    public static readonly Version PulumiVersion = new(3, 248, 0);

    private readonly Lock gate = new();
    private readonly Queue<LogRequest> waiting = new();
    private volatile string root = "";

    /// <summary>The run; set before the address is given to anyone. Null between the runs of a command: what plugins say then
    /// is told with the next run.</summary>
    public Deployment? Deployment
    {
        get;
        set
        {
            lock (gate)
            {
                field = value;
                root = "";
                while (value is not null && waiting.TryDequeue(out var request))
                {
                    value.Tell(request);
                }
            }
        }
    }

    /// <summary>Tells the run what a provider says.</summary>
    public Task TellAsync(LogRequest request)
    {
        lock (gate)
        {
            if (Deployment is { } run)
            {
                run.Tell(request);
            }
            else
            {
                waiting.Enqueue(request);
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task<Empty> Log(LogRequest request, ServerCallContext context)
    {
        if (request.Severity != LogSeverity.Debug || Deployment?.Options.Debug == true)
        {
            await TellAsync(request);
        }

        return new Empty();
    }

    /// <inheritdoc/>
    public override Task<GetRootResourceResponse> GetRootResource(GetRootResourceRequest request, ServerCallContext context) =>
        Task.FromResult(new GetRootResourceResponse { Urn = root });

    /// <inheritdoc/>
    public override Task<SetRootResourceResponse> SetRootResource(SetRootResourceRequest request, ServerCallContext context)
    {
        root = request.Urn;
        return Task.FromResult(new SetRootResourceResponse());
    }

    /// <inheritdoc/>
    public override Task<RequirePulumiVersionResponse> RequirePulumiVersion(RequirePulumiVersionRequest request, ServerCallContext context) =>
        VersionRange.Contains(request.PulumiVersionRange, PulumiVersion)
            ? Task.FromResult(new RequirePulumiVersionResponse())
            : throw new RpcException(new Status(
                StatusCode.FailedPrecondition,
                $"the program requires Pulumi {request.PulumiVersionRange}; this engine behaves as {PulumiVersion}"));
}
