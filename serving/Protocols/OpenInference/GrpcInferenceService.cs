using System.Diagnostics;
using Google.Protobuf;
using Grpc.Core;
using Reco.Scoring.Batching;
using Reco.Scoring.Hosting;
using Reco.Scoring.Inference;
using Reco.Scoring.Models;
using Reco.Scoring.Protocols.OpenInference.Grpc;

namespace Reco.Scoring.Protocols.OpenInference;

/// <summary>The gRPC form of the Open Inference Protocol, version 2.</summary>
internal sealed class GrpcInferenceService(ModelRegistry registry, TensorInference inference, DrainState drain) : GRPCInferenceService.GRPCInferenceServiceBase
{
    /// <inheritdoc/>
    public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) => Task.FromResult(new ServerLiveResponse { Live = true });

    /// <inheritdoc/>
    public override Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerReadyResponse { Ready = registry.IsReady && !drain.IsDraining });

    /// <inheritdoc/>
    public override Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context)
    {
        using var model = registry.Lease(Optional(request.Name), Optional(request.Version));
        return Task.FromResult(new ModelReadyResponse { Ready = model is not null });
    }

    /// <inheritdoc/>
    public override Task<ServerMetadataResponse> ServerMetadata(ServerMetadataRequest request, ServerCallContext context)
    {
        var answer = new ServerMetadataResponse { Name = "reco-scoring", Version = OpenInferenceEndpoints.ServerVersion };
        answer.Extensions.Add(OpenInferenceEndpoints.Extensions);
        return Task.FromResult(answer);
    }

    /// <inheritdoc/>
    public override Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context)
    {
        using var model = Lease(request.Name, request.Version);
        var answer = new ModelMetadataResponse { Name = model.Name, Platform = "onnxruntime_onnx" };
        answer.Versions.Add(registry.Versions.Where(version => version.Name == model.Name).Select(version => version.Version));
        answer.Inputs.Add(model.Manifest.Inputs.Select(Describe));
        answer.Outputs.Add(model.Manifest.Outputs.Select(Describe));
        return Task.FromResult(answer);
    }

    /// <inheritdoc/>
    public override async Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context)
    {
        using var model = Lease(request.ModelName, request.ModelVersion);
        try
        {
            if (request.Inputs.Count == 0)
            {
                throw new ApiException(StatusCodes.Status400BadRequest, "the request has no inputs");
            }

            var raw = request.RawInputContents.Count > 0;
            if (raw && request.RawInputContents.Count != request.Inputs.Count)
            {
                throw new ApiException(StatusCodes.Status400BadRequest, $"there are {request.RawInputContents.Count} raw_input_contents for {request.Inputs.Count} inputs");
            }

            var inputs = request.Inputs.Select((input, index) => raw
                ? BinaryTensors.Read(input.Name, input.Datatype, [.. input.Shape], request.RawInputContents[index].Span)
                : GrpcContents.Read(input)).ToArray();
            var outputs = await inference.RunAsync(model, inputs, [.. request.Outputs.Select(output => output.Name)], Limits(context)).ConfigureAwait(false);
            return Answer(request, model, outputs);
        }
        catch (ApiException error)
        {
            throw new RpcException(new Status(Code(error.Status), error.Message));
        }
    }

    private static StatusCode Code(int status) => status switch
    {
        StatusCodes.Status404NotFound => StatusCode.NotFound,
        StatusCodes.Status429TooManyRequests => StatusCode.ResourceExhausted,
        StatusCodes.Status504GatewayTimeout => StatusCode.DeadlineExceeded,
        _ => StatusCode.InvalidArgument,
    };

    /// <summary>The caller's own deadline and cancellation, as gRPC carries them.</summary>
    private static CallLimits Limits(ServerCallContext context)
    {
        var left = context.Deadline == DateTime.MaxValue ? TimeSpan.FromHours(1) : context.Deadline - DateTime.UtcNow;
        return new CallLimits(Stopwatch.GetTimestamp() + (long)(left.TotalSeconds * Stopwatch.Frequency), Priority.Normal, context.CancellationToken);
    }

    private static ModelInferResponse Answer(ModelInferRequest request, ServedModel model, IReadOnlyList<Tensor> outputs)
    {
        var answer = new ModelInferResponse { Id = request.Id, ModelName = model.Name, ModelVersion = model.Version };
        foreach (var output in outputs)
        {
            var description = new ModelInferResponse.Types.InferOutputTensor { Name = output.Name, Datatype = output.Datatype };
            description.Shape.Add(output.Shape);
            answer.Outputs.Add(description);
            answer.RawOutputContents.Add(UnsafeByteOperations.UnsafeWrap(BinaryTensors.Write(output)));
        }

        return answer;
    }

    private ServedModel Lease(string name, string version) => registry.Lease(Optional(name), Optional(version))
        ?? throw new RpcException(registry.IsReady
            ? new Status(StatusCode.NotFound, $"model \"{name}\"{(version.Length > 0 ? $" version \"{version}\"" : "")} is not served")
            : new Status(StatusCode.Unavailable, "no model is loaded yet"));

    private static ModelMetadataResponse.Types.TensorMetadata Describe(Bundle.TensorSpec tensor)
    {
        var metadata = new ModelMetadataResponse.Types.TensorMetadata { Name = tensor.Name, Datatype = tensor.Datatype };
        metadata.Shape.Add(tensor.Shape);
        return metadata;
    }

    private static string? Optional(string text) => text.Length == 0 ? null : text;
}
