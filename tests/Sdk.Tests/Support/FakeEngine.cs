using System.Collections.Concurrent;
using System.Net;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Reco.Protocol;

namespace Reco.Sdk.Tests.Support;

/// <summary>One request that a program sent.</summary>
internal sealed record Recorded(string Method, IMessage Message);

/// <summary>An engine that answers every request with what it was asked, over real gRPC, and remembers it.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly WebApplication app;

    private FakeEngine(WebApplication app, string address)
    {
        this.app = app;
        Address = address;
    }

    /// <summary>HOST:PORT of both services.</summary>
    public string Address { get; }

    /// <summary>What the engine can do; everything if null.</summary>
    public IReadOnlySet<string>? Features { get; init; }

    /// <summary>Whether it runs a preview: new resources have no id.</summary>
    public bool DryRun { get; init; }

    /// <summary>Fails a request where it gives a status.</summary>
    public Func<IMessage, Status?> Fail { get; set; } = _ => null;

    /// <summary>Requests in the order in which they came.</summary>
    public ConcurrentQueue<Recorded> Requests { get; } = new();

    /// <summary>Requests of one kind.</summary>
    public IReadOnlyList<T> All<T>() => [.. Requests.Select(request => request.Message).OfType<T>()];

    /// <summary>The registration of a resource by name.</summary>
    public RegisterResourceRequest Registration(string name) => All<RegisterResourceRequest>().Single(request => request.Name == name);

    /// <summary>Starts it on a free loopback port.</summary>
    public static async Task<FakeEngine> StartAsync(bool dryRun = false, IReadOnlySet<string>? features = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<Holder>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.MapGrpcService<MonitorService>();
        app.MapGrpcService<EngineService>();
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        var engine = new FakeEngine(app, new Uri(address).Authority) { DryRun = dryRun, Features = features };
        app.Services.GetRequiredService<Holder>().Engine = engine;
        return engine;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private void Record(ServerCallContext context, IMessage message)
    {
        Requests.Enqueue(new(context.Method[(context.Method.LastIndexOf('/') + 1)..], message));
        if (Fail(message) is { } status)
        {
            throw new RpcException(status);
        }
    }

    private sealed class Holder
    {
        public FakeEngine Engine { get; set; } = null!;
    }

    private sealed class MonitorService(Holder holder) : ResourceMonitor.ResourceMonitorBase
    {
        private readonly FakeEngine engine = holder.Engine;

        public override Task<SupportsFeatureResponse> SupportsFeature(SupportsFeatureRequest request, ServerCallContext context)
            => Task.FromResult(new SupportsFeatureResponse { HasSupport = engine.Features?.Contains(request.Id) ?? true });

        public override async Task<RegisterResourceResponse> RegisterResource(RegisterResourceRequest request, ServerCallContext context)
        {
            engine.Record(context, request);
            var state = request.Object ?? new Struct();
            if (request.Transforms.Count > 0)
            {
                state = await TransformAsync(request, state);
            }

            return new RegisterResourceResponse
            {
                Urn = Urn(request.Parent, request.Type, request.Name),
                Id = request.Custom && !engine.DryRun ? $"{request.Name}-id" : "",
                Object = state,
            };
        }

        public override Task<ReadResourceResponse> ReadResource(ReadResourceRequest request, ServerCallContext context)
        {
            engine.Record(context, request);
            var state = request.Properties?.Clone() ?? new Struct();
            if (request.Type == "pulumi:pulumi:StackReference")
            {
                state.Fields["name"] = Value.ForString(request.Id);
                state.Fields["outputs"] = Value.ForStruct(new Struct
                {
                    Fields = { ["url"] = Value.ForString("http://shop"), ["token"] = Secret("hush"), ["replicas"] = Value.ForNumber(3) },
                });
                state.Fields["secretOutputNames"] = Value.ForList(Value.ForString("token"));
            }

            return Task.FromResult(new ReadResourceResponse { Urn = Urn(request.Parent, request.Type, request.Name), Properties = state });
        }

        public override Task<ResourceInvokeResponse> Invoke(ResourceInvokeRequest request, ServerCallContext context)
        {
            engine.Record(context, request);
            return Task.FromResult(new ResourceInvokeResponse { Return = request.Args });
        }

        public override Task<CallResponse> Call(ResourceCallRequest request, ServerCallContext context)
        {
            engine.Record(context, request);
            return Task.FromResult(new CallResponse { Return = new Struct { Fields = { ["answer"] = Value.ForNumber(42) } } });
        }

        public override Task<Empty> RegisterResourceOutputs(RegisterResourceOutputsRequest request, ServerCallContext context) => Done(context, request);

        public override Task<Empty> RegisterStackTransform(Callback request, ServerCallContext context) => Done(context, request);

        public override Task<Empty> RegisterStackInvokeTransform(Callback request, ServerCallContext context) => Done(context, request);

        public override Task<Empty> SignalAndWaitForShutdown(Empty request, ServerCallContext context) => Done(context, request);

        public override Task<RegisterPackageResponse> RegisterPackage(RegisterPackageRequest request, ServerCallContext context)
        {
            engine.Record(context, request);
            return Task.FromResult(new RegisterPackageResponse { Ref = $"{request.Name}-ref" });
        }

        private Task<Empty> Done(ServerCallContext context, IMessage request)
        {
            engine.Record(context, request);
            return Task.FromResult(new Empty());
        }

        private async Task<Struct> TransformAsync(RegisterResourceRequest request, Struct state)
        {
            foreach (var callback in request.Transforms)
            {
                using var channel = GrpcChannel.ForAddress($"http://{callback.Target}");
                var transform = new TransformRequest { Name = request.Name, Type = request.Type, Custom = request.Custom, Parent = request.Parent, Properties = state, Options = new() };
                var answer = await new Callbacks.CallbacksClient(channel).InvokeAsync(
                    new CallbackInvokeRequest { Token = callback.Token, Request = transform.ToByteString() });
                var response = TransformResponse.Parser.ParseFrom(answer.Response);
                engine.Requests.Enqueue(new("TransformResponse", response));
                state = response.Properties;
            }

            return state;
        }

        private static string Urn(string parent, string type, string name)
        {
            var chain = parent.Length == 0 || parent.Contains("pulumi:pulumi:Stack", StringComparison.Ordinal) ? type : $"{parent.Split("::")[2]}${type}";
            return $"urn:pulumi:dev::shop::{chain}::{name}";
        }
    }

    private sealed class EngineService(Holder holder) : Engine.EngineBase
    {
        public override Task<Empty> Log(LogRequest request, ServerCallContext context)
        {
            holder.Engine.Record(context, request);
            return Task.FromResult(new Empty());
        }

        public override Task<SetRootResourceResponse> SetRootResource(SetRootResourceRequest request, ServerCallContext context)
        {
            holder.Engine.Record(context, request);
            return Task.FromResult(new SetRootResourceResponse());
        }
    }

    private static Value Secret(string text) => Value.ForStruct(new Struct
    {
        Fields = { ["4dabf18193072939515e22adb298388d"] = Value.ForString("1b47061264138c4ac30d75fd1eb44270"), ["value"] = Value.ForString(text) },
    });
}
