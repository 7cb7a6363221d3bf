using Google.Protobuf;
using Grpc.Core;
using Reco.Engine.Plugins;
using Reco.Engine.Protocol;
using Reco.Protocol;

namespace Reco.Engine.Tests.Support;

/// <summary>The services of one run at a time, called without a socket. Messages are copied on their way, as on the wire, and
/// an exception of another kind than <see cref="RpcException"/> becomes one of status <c>Unknown</c>.</summary>
internal sealed class InMemoryEngine
{
    private Calls? calls;

    /// <summary>Serves a run until the endpoint is disposed of.</summary>
    public Task<IEngineEndpoint> ListenAsync(ResourceMonitorService monitor, EngineService engine, CancellationToken cancellation)
    {
        var handlers = new Handlers();
        ResourceMonitor.BindService(handlers, monitor);
        global::Reco.Protocol.Engine.BindService(handlers, engine);
        calls = new Calls(handlers);
        return Task.FromResult<IEngineEndpoint>(new Endpoint(calls));
    }

    /// <summary>A way to the run that is being served.</summary>
    public CallInvoker Connect(string address) => calls ?? throw new InvalidOperationException($"nothing is served at '{address}'");

    private sealed class Endpoint(Calls calls) : IEngineEndpoint
    {
        public string Address => "in-memory";

        public ValueTask DisposeAsync()
        {
            calls.IsOver = true;
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Handlers : ServiceBinderBase
    {
        private readonly Dictionary<string, Delegate> unary = new(StringComparer.Ordinal);

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) => unary[method.FullName] = handler!;

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
        {
            // No program of the tests streams.
        }

        public UnaryServerMethod<TRequest, TResponse> Of<TRequest, TResponse>(Method<TRequest, TResponse> method)
            where TRequest : class
            where TResponse : class => (UnaryServerMethod<TRequest, TResponse>)unary[method.FullName];
    }

    private sealed class Calls(Handlers handlers) : CallInvoker
    {
        public bool IsOver { get; set; }

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => new(
            CallAsync(handlers.Of(method), method, Copy(request), options.CancellationToken),
            Task.FromResult(new Metadata()),
            () => Status.DefaultSuccess,
            () => [],
            () => { });

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            throw new NotSupportedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            throw new NotSupportedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            throw new NotSupportedException();

        private async Task<TResponse> CallAsync<TRequest, TResponse>(UnaryServerMethod<TRequest, TResponse> handler, Method<TRequest, TResponse> method, TRequest request, CancellationToken cancellation)
            where TRequest : class
            where TResponse : class
        {
            if (IsOver)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "the engine is gone"));
            }

            try
            {
                return Copy(await Task.Run(() => handler(request, new InProcessCallContext(method.FullName, cancellation)), CancellationToken.None));
            }
            catch (Exception error) when (error is not RpcException)
            {
                throw new RpcException(new Status(error is OperationCanceledException ? StatusCode.Cancelled : StatusCode.Unknown, error.Message, error));
            }
        }

        private static T Copy<T>(T message) => message is IMessage known ? (T)known.Descriptor.Parser.ParseFrom(known.ToByteArray()) : message;
    }
}
