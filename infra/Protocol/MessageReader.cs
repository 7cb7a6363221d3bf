using System.Buffers;
using Google.Protobuf;
using Grpc.Core;

namespace Reco.Protocol;

/// <summary>Reads the messages of calls. The parser's own limit is 100 messages within one another, which 33 objects within one
/// another reach (each is a <c>Value</c>, a <c>Struct</c> and an entry of its map): less than what Pulumi's engine, with 10,000,
/// takes from a program.</summary>
public static class MessageReader
{
    /// <summary>How deep objects and lists of a property may nest, in objects.</summary>
    public const int MaxNesting = 1000;

    private const int MessagesPerObject = 3;
    private const int AroundProperties = 16;

    /// <summary>Reads one message; the generated code calls it.</summary>
    /// <param name="context">Payload of a call.</param>
    /// <param name="parser">Its parser.</param>
    /// <exception cref="RpcException">The message is malformed or nests too deep (<see cref="StatusCode.InvalidArgument"/>).</exception>
    public static T Read<T>(DeserializationContext context, MessageParser<T> parser)
        where T : IMessage<T> => Read(context.PayloadAsReadOnlySequence(), parser);

    /// <summary>Reads a message that is the content of another.</summary>
    /// <param name="content">The message.</param>
    /// <param name="parser">Its parser.</param>
    /// <exception cref="RpcException">The message is malformed or nests too deep (<see cref="StatusCode.InvalidArgument"/>).</exception>
    public static T Read<T>(ByteString content, MessageParser<T> parser)
        where T : IMessage<T> => Read(new ReadOnlySequence<byte>(content.Memory), parser);

    private static T Read<T>(ReadOnlySequence<byte> payload, MessageParser<T> parser)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException)
        {
            return ReadDeep(payload, parser);
        }
    }

    private static T ReadDeep<T>(ReadOnlySequence<byte> payload, MessageParser<T> parser)
        where T : IMessage<T>
    {
        using var bytes = new MemoryStream(payload.ToArray(), writable: false);
        using var input = CodedInputStream.CreateWithLimits(bytes, int.MaxValue, (MessagesPerObject * MaxNesting) + AroundProperties);
        try
        {
            return parser.ParseFrom(input);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"the message cannot be read: {error.Message} (objects may nest {MaxNesting} deep)"));
        }
    }
}
