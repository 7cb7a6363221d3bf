using Google.Protobuf.WellKnownTypes;
using Reco.Protocol;
using Reco.Providers.AzureNative.Wire;

namespace Reco.Providers.AzureNative.Tests.Stacks;

/// <summary>Answers as Azure would to what a stack makes, so that what follows a deployment can be planned.</summary>
internal sealed class SimulatedAzure : IAzureWriter
{
    private static readonly string[] Answered = ["fqdn", "privateFQDN", "issuerURL", "clientId", "principalId", "tenantId", "loginServer", "provisioningState"];

    public CreateResponse Create(CreateRequest request, string? id, Struct outputs) => new() { Id = id ?? $"/simulated/{request.Name}", Properties = Known(outputs) };

    public UpdateResponse Update(UpdateRequest request, Struct outputs) => new() { Properties = Known(outputs) };

    public ReadResponse Read(ReadRequest request) => new() { Id = request.Id, Inputs = request.Inputs, Properties = request.Properties };

    public void Delete(DeleteRequest request)
    {
    }

    public Struct Call(string token, Struct arguments) => TestProvider.Json($$"""
        {"kubeconfigs":[{"name":"user","value":"{{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes("apiVersion: v1"))}}"}]}
        """);

    private static Struct Known(Struct values)
    {
        var result = new Struct();
        foreach (var (key, value) in values.Fields)
        {
            if (!Plain.IsUnknown(value))
            {
                result.Fields[key] = Known(value);
            }
            else if (Answered.Contains(key))
            {
                result.Fields[key] = Value.ForString($"simulated-{key}");
            }
        }

        return result;
    }

    private static Value Known(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.StructValue => Value.ForStruct(Known(value.StructValue)),
        Value.KindOneofCase.ListValue => Value.ForList([.. value.ListValue.Values.Where(item => !Plain.IsUnknown(item)).Select(Known)]),
        _ => value,
    };
}

/// <summary>A Kubernetes provider with no cluster: it echoes. Whether a changed configuration is another cluster, it asks the
/// real one.</summary>
internal sealed class EchoKubernetes(Kubernetes.KubernetesProvider real) : ResourceProvider.ResourceProviderBase
{
    /// <summary>Objects that were deleted by a call.</summary>
    public List<string> Deleted { get; } = [];

    public override Task<CheckResponse> CheckConfig(CheckRequest request, Grpc.Core.ServerCallContext context) => real.CheckConfig(request, context);

    public override Task<DiffResponse> DiffConfig(DiffRequest request, Grpc.Core.ServerCallContext context) => real.DiffConfig(request, context);

    public override Task<ConfigureResponse> Configure(ConfigureRequest request, Grpc.Core.ServerCallContext context) =>
        Task.FromResult(new ConfigureResponse { AcceptSecrets = true, SupportsPreview = true });

    public override Task<CheckResponse> Check(CheckRequest request, Grpc.Core.ServerCallContext context)
    {
        var inputs = request.News.Clone();
        if (inputs.Fields.TryGetValue("metadata", out var metadata))
        {
            metadata.StructValue.Fields.TryAdd("name", Value.ForString(request.Name));
        }

        return Task.FromResult(new CheckResponse { Inputs = inputs });
    }

    public override Task<DiffResponse> Diff(DiffRequest request, Grpc.Core.ServerCallContext context) => Task.FromResult(new DiffResponse
    {
        Changes = request.OldInputs.Equals(request.News) ? DiffResponse.Types.DiffChanges.DiffNone : DiffResponse.Types.DiffChanges.DiffSome,
    });

    public override Task<CreateResponse> Create(CreateRequest request, Grpc.Core.ServerCallContext context) =>
        Task.FromResult(new CreateResponse { Id = request.Preview ? "" : request.Name, Properties = request.Properties });

    public override Task<UpdateResponse> Update(UpdateRequest request, Grpc.Core.ServerCallContext context) => Task.FromResult(new UpdateResponse { Properties = request.News });

    public override Task<ReadResponse> Read(ReadRequest request, Grpc.Core.ServerCallContext context) => Task.FromResult(new ReadResponse
    {
        Id = request.Id,
        Properties = TestProvider.Json("""{"metadata":{"name":"model-release"},"data":{"modelVersion":"1","bundlePath":"m/1","reportPath":"m/1/report.html","evaluation":"{}","modelName":"m"}}"""),
    });

    public override Task<Empty> Delete(DeleteRequest request, Grpc.Core.ServerCallContext context)
    {
        Deleted.Add(request.Urn);
        throw new Grpc.Core.RpcException(new Grpc.Core.Status(Grpc.Core.StatusCode.Unavailable, "the cluster is gone"));
    }
}
