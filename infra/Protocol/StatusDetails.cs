using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Reco.Protocol;

/// <summary>Reads and writes the details of a failed call: a <c>google.rpc.Status</c> in the trailer
/// <c>grpc-status-details-bin</c>, each detail an <c>Any</c>.</summary>
public static class StatusDetails
{
    private const string Trailer = "grpc-status-details-bin";
    private const string TypePrefix = "type.googleapis.com";

    /// <summary>The error of a call that carries one detail message.</summary>
    /// <param name="code">Status code.</param>
    /// <param name="message">What a person reads.</param>
    /// <param name="detail">The detail, for example <see cref="ErrorResourceInitFailed"/>.</param>
    public static RpcException Error(StatusCode code, string message, IMessage detail)
    {
        var status = new Rpc.Status { Code = (int)code, Message = message };
        status.Details.Add(Any.Pack(detail, TypePrefix));
        return new RpcException(new Status(code, message), new Metadata { { Trailer, status.ToByteArray() } });
    }

    /// <summary>The error of an operation that made or changed the resource but could not see it ready.</summary>
    /// <param name="failed">ID, properties as they are now, and why it is not ready.</param>
    public static RpcException InitFailed(ErrorResourceInitFailed failed) =>
        Error(StatusCode.Unknown, string.Join("; ", failed.Reasons), failed);

    /// <summary>The first detail of the given type, or null where the error carries none.</summary>
    public static T? Find<T>(RpcException error)
        where T : class, IMessage<T>, new()
    {
        var bytes = error.Trailers.GetValueBytes(Trailer);
        if (bytes is null)
        {
            return null;
        }

        try
        {
            foreach (var detail in Rpc.Status.Parser.ParseFrom(bytes).Details)
            {
                if (detail.TryUnpack<T>(out var found))
                {
                    return found;
                }
            }
        }
        catch (InvalidProtocolBufferException)
        {
            // A peer that fills the trailer with something else: the plain status stands.
        }

        return null;
    }
}
