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

    private volatile string root = "";

    /// <summary>The run; set before the address is given to anyone.</summary>
    public Deployment? Deployment { get; set; }

    /// <inheritdoc/>
    public override Task<Empty> Log(LogRequest request, ServerCallContext context)
    {
        if (request.Severity != LogSeverity.Debug || Deployment!.Options.Debug)
        {
            Deployment!.Events.Diagnose(Deployment.SeverityName(request.Severity), request.Message, request.Urn, request.Ephemeral);
        }

        return Task.FromResult(new Empty());
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
