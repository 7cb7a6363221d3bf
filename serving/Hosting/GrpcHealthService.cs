using Grpc.Core;
using Grpc.Health.V1;
using Reco.Scoring.Models;

namespace Reco.Scoring.Hosting;

/// <summary>The health protocol of gRPC (https://github.com/grpc/grpc/blob/master/doc/health-checking.md), which probes of Kubernetes
/// and load balancers speak. The service as a whole and the inference service are asked for by name.</summary>
internal sealed class GrpcHealthService(ModelRegistry registry, DrainState drain, TimeProvider time) : Health.HealthBase
{
    /// <summary>Path of the protocol's calls.</summary>
    public const string Path = "/grpc.health.v1.Health";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly string[] Known = ["", "inference.GRPCInferenceService"];

    /// <inheritdoc/>
    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) => Known.Contains(request.Service)
        ? Task.FromResult(new HealthCheckResponse { Status = Status })
        : throw new RpcException(new Status(StatusCode.NotFound, $"there is no service {request.Service}; known are \"\" (all of them) and {Known[1]}"));

    /// <summary>Tells the state, and every change of it, until the caller goes or the service does.</summary>
    public override async Task Watch(HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, drain.Begun);
        HealthCheckResponse.Types.ServingStatus? told = null;
        while (!context.CancellationToken.IsCancellationRequested)
        {
            var status = Known.Contains(request.Service) ? Status : HealthCheckResponse.Types.ServingStatus.ServiceUnknown;
            if (status != told)
            {
                await responseStream.WriteAsync(new HealthCheckResponse { Status = status }, context.CancellationToken).ConfigureAwait(false);
                told = status;
            }

            if (drain.IsDraining)
            {
                return;
            }

            await Task.Delay(LookEvery, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private HealthCheckResponse.Types.ServingStatus Status =>
        registry.IsReady && !drain.IsDraining ? HealthCheckResponse.Types.ServingStatus.Serving : HealthCheckResponse.Types.ServingStatus.NotServing;
}
