using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Reco.Scoring.Protocols.OpenInference.Grpc;
using Reco.Scoring.Tests.Hosting;

namespace Reco.Scoring.Tests.Protocols;

public sealed class BinaryAndGrpcTests : IAsyncLifetime
{
    private const string Both = """[{"name":"user","shape":[1],"datatype":"INT64","parameters":{"binary_data_size":8}},{"name":"history","shape":[1,8],"datatype":"INT64","parameters":{"binary_data_size":64}}]""";

    private static readonly long[] User = [3];
    private static readonly long[] History = [1, 2, 3, 0, 0, 0, 0, 0];

    private readonly string grpcUrl = ProcessTests.FreeUrl();
    private ScoringHost host = null!;

    public async Task InitializeAsync() => host = await ScoringHost.StartAsync($"--Reco:GrpcUrl={grpcUrl}");

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Infer_BinaryInAndOut_GivesWhatJsonGives()
    {
        var json = await JsonEmbeddingAsync();
        foreach (var (request, binary) in new[]
        {
            ($$$"""{"inputs":{{{Both}}},"parameters":{"binary_data_output":true}}""", true),
            ($$$"""{"inputs":{{{Both}}},"outputs":[{"name":"embedding","parameters":{"binary_data":true}}]}""", true),
            ($$$"""{"inputs":{{{Both}}}}""", false),
        })
        {
            using var response = await SendAsync(request, [.. Bytes(User), .. Bytes(History)]);
            var body = await response.Content.ReadAsByteArrayAsync();
            Assert.True(response.IsSuccessStatusCode, Encoding.UTF8.GetString(body));
            Assert.Equal(binary, response.Headers.Contains("Inference-Header-Content-Length"));
            if (!binary)
            {
                Assert.Equal(json, JsonNode.Parse(body)!["outputs"]![0]!["data"]!.AsArray().Select(value => (float)value!));
                continue;
            }

            var length = int.Parse(response.Headers.GetValues("Inference-Header-Content-Length").Single(), CultureInfo.InvariantCulture);
            var header = JsonNode.Parse(body[..length])!;
            Assert.Equal(64, (int)header["outputs"]![0]!["parameters"]!["binary_data_size"]!);
            Assert.Equal(json, MemoryMarshal.Cast<byte, float>(body.AsSpan(length)).ToArray());
        }
    }

    [Theory]
    [InlineData(80, "bytes follow")]
    [InlineData(71, "are left")]
    [InlineData(0, "are left")]
    public async Task Infer_WrongAmountOfBinaryData_IsNamed(int bytes, string message)
    {
        using var response = await SendAsync($$$"""{"inputs":{{{Both}}}}""", new byte[bytes]);
        Assert.Contains(message, (string)(await ScoringHost.ReadAsync(response, HttpStatusCode.BadRequest))["error"]!);
    }

    [Theory]
    [InlineData("inference.GRPCInferenceService", "NoSuchMethod")]
    [InlineData("no.such.Service", "Check")]
    public async Task Grpc_ServiceOrMethodThatIsNotThere_IsUnimplemented(string service, string name)
    {
        using var channel = GrpcChannel.ForAddress(grpcUrl);
        var bytes = new Marshaller<byte[]>(static message => message, static message => message);
        var method = new Method<byte[], byte[]>(MethodType.Unary, service, name, bytes, bytes);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(), []));
        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }

    [Fact]
    public async Task Grpc_HealthProtocol_TellsTheStateAndItsChanges()
    {
        using var channel = GrpcChannel.ForAddress(grpcUrl);
        var client = new Health.HealthClient(channel);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await client.CheckAsync(new HealthCheckRequest())).Status);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await client.CheckAsync(new HealthCheckRequest { Service = "inference.GRPCInferenceService" })).Status);
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(async () => await client.CheckAsync(new HealthCheckRequest { Service = "other" }))).StatusCode);

        using var unknown = client.Watch(new HealthCheckRequest { Service = "other" });
        Assert.True(await unknown.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.ServiceUnknown, unknown.ResponseStream.Current.Status);

        using var watch = client.Watch(new HealthCheckRequest());
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, watch.ResponseStream.Current.Status);
        host.Drain.Begin();
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, watch.ResponseStream.Current.Status);
        Assert.False(await watch.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task Grpc_HealthMetadataAndInfer_GiveWhatRestGives()
    {
        using var channel = GrpcChannel.ForAddress(grpcUrl);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        Assert.True((await client.ServerLiveAsync(new ServerLiveRequest())).Live);
        Assert.True((await client.ServerReadyAsync(new ServerReadyRequest())).Ready);
        Assert.True((await client.ModelReadyAsync(new ModelReadyRequest { Name = "shop" })).Ready);
        Assert.False((await client.ModelReadyAsync(new ModelReadyRequest { Name = "other" })).Ready);
        Assert.Contains("binary_tensor_data", (await client.ServerMetadataAsync(new ServerMetadataRequest())).Extensions);
        var metadata = await client.ModelMetadataAsync(new ModelMetadataRequest { Name = "shop" });
        Assert.Equal([-1, 8], metadata.Inputs.Single(input => input.Name == "history").Shape);

        var raw = Request();
        raw.RawInputContents.Add(ByteString.CopyFrom(Bytes(User)));
        raw.RawInputContents.Add(ByteString.CopyFrom(Bytes(History)));
        var typed = Request();
        typed.Inputs[0].Contents = new InferTensorContents { Int64Contents = { User } };
        typed.Inputs[1].Contents = new InferTensorContents { Int64Contents = { History } };
        var expected = await JsonEmbeddingAsync();
        foreach (var request in new[] { raw, typed })
        {
            var answer = await client.ModelInferAsync(request);
            Assert.Equal("q", answer.Id);
            Assert.Equal("FP32", answer.Outputs[0].Datatype);
            Assert.Equal(expected, MemoryMarshal.Cast<byte, float>(answer.RawOutputContents[0].Span).ToArray());
        }
    }

    [Fact]
    public async Task Grpc_WrongRequests_HaveTheRightCode()
    {
        using var channel = GrpcChannel.ForAddress(grpcUrl);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        Assert.Equal(StatusCode.InvalidArgument, await CodeAsync(new ModelInferRequest { ModelName = "shop" }));
        Assert.Equal(StatusCode.InvalidArgument, await CodeAsync(Request()));
        Assert.Equal(StatusCode.NotFound, await CodeAsync(new ModelInferRequest { ModelName = "other" }));
        Assert.Equal(StatusCode.NotFound, await CodeAsync(new ModelInferRequest { ModelName = "shop", ModelVersion = "9" }));
        var oneRaw = Request();
        oneRaw.RawInputContents.Add(ByteString.CopyFrom(Bytes(User)));
        Assert.Equal(StatusCode.InvalidArgument, await CodeAsync(oneRaw));

        async Task<StatusCode> CodeAsync(ModelInferRequest request) =>
            (await Assert.ThrowsAsync<RpcException>(async () => await client.ModelInferAsync(request))).StatusCode;
    }

    private static ModelInferRequest Request() => new()
    {
        ModelName = "shop",
        Id = "q",
        Inputs =
        {
            new ModelInferRequest.Types.InferInputTensor { Name = "user", Datatype = "INT64", Shape = { 1 } },
            new ModelInferRequest.Types.InferInputTensor { Name = "history", Datatype = "INT64", Shape = { 1, 8 } },
        },
    };

    private async Task<float[]> JsonEmbeddingAsync()
    {
        var answer = await host.PostAsync("/v2/models/shop/infer", """{"inputs":[{"name":"user","shape":[1],"datatype":"INT64","data":[3]},{"name":"history","shape":[1,8],"datatype":"INT64","data":[1,2,3,0,0,0,0,0]}]}""");
        return [.. answer["outputs"]![0]!["data"]!.AsArray().Select(value => (float)value!)];
    }

    private async Task<HttpResponseMessage> SendAsync(string json, byte[] binary)
    {
        var header = Encoding.UTF8.GetBytes(json);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/shop/infer") { Content = new ByteArrayContent([.. header, .. binary]) };
        request.Headers.Add("Inference-Header-Content-Length", header.Length.ToString(CultureInfo.InvariantCulture));
        return await host.Client.SendAsync(request);
    }

    private static byte[] Bytes(long[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
