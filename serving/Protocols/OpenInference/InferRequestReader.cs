using System.Text.Json;
using Reco.Scoring.Hosting;
using Reco.Scoring.Inference;

namespace Reco.Scoring.Protocols.OpenInference;

/// <summary>Reads the body of an infer request: JSON, and with the binary tensor extension the bytes that follow it.</summary>
internal static class InferRequestReader
{
    /// <summary>Reads a request.</summary>
    /// <param name="body">The body.</param>
    /// <param name="headerLength">Length of the JSON in front; -1 where all of the body is JSON.</param>
    /// <exception cref="ApiException">It is not one; the message says where.</exception>
    public static InferRequest Read(ReadOnlySpan<byte> body, int headerLength)
    {
        if (headerLength > body.Length)
        {
            throw Bad($"Inference-Header-Content-Length is {headerLength}, but the body has {body.Length} bytes");
        }

        try
        {
            var json = headerLength < 0 ? JsonBody.Of(body) : body[..headerLength];
            return ReadRequest(json, headerLength < 0 ? default : body[headerLength..]);
        }
        catch (JsonException error)
        {
            throw Bad(JsonBody.Problem(error));
        }
        catch (InvalidOperationException)
        {
            throw Bad("a value in the body is of the wrong kind");
        }
    }

    private static InferRequest ReadRequest(ReadOnlySpan<byte> json, ReadOnlySpan<byte> binary)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        Expect(ref reader, JsonTokenType.StartObject, "the body is not an object");
        string? id = null;
        List<Tensor>? inputs = null;
        List<RequestedOutput> outputs = [];
        var binaryOutput = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                id = reader.GetString();
            }
            else if (reader.ValueTextEquals("inputs"u8))
            {
                inputs = [];
                Expect(ref reader, JsonTokenType.StartArray, "inputs is not an array");
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    inputs.Add(ReadInput(ref reader, json, ref binary));
                }
            }
            else if (reader.ValueTextEquals("outputs"u8))
            {
                Expect(ref reader, JsonTokenType.StartArray, "outputs is not an array");
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    outputs.Add(ReadOutput(ref reader));
                }
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                ReadParameters(ref reader, ref binaryOutput, "binary_data_output"u8);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        while (reader.Read())
        {
            // Whatever follows must be JSON as well: the reader throws at a second value.
        }

        if (!binary.IsEmpty)
        {
            throw Bad($"{binary.Length} bytes follow the binary data of the inputs");
        }

        return inputs is { Count: > 0 } ? new InferRequest { Id = id, Inputs = inputs, Outputs = outputs, BinaryOutput = binaryOutput } : throw Bad("the request has no inputs");
    }

    private static Tensor ReadInput(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ref ReadOnlySpan<byte> binary)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Bad("an entry of inputs is not an object");
        }

        string? name = null, datatype = null;
        long[]? shape = null;
        var (dataStart, dataEnd) = (-1, -1);
        var binarySize = -1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8))
            {
                reader.Read();
                name = reader.GetString();
            }
            else if (reader.ValueTextEquals("datatype"u8))
            {
                reader.Read();
                datatype = reader.GetString();
            }
            else if (reader.ValueTextEquals("shape"u8))
            {
                shape = ReadShape(ref reader);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                binarySize = ReadBinarySize(ref reader);
            }
            else
            {
                // Data may come before its type and shape: it is noted, and read when they are known.
                var isData = reader.ValueTextEquals("data"u8);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (isData)
                {
                    (dataStart, dataEnd) = (start, (int)reader.BytesConsumed);
                }
            }
        }

        if (name is not null && datatype is not null && shape is not null && binarySize >= 0 && dataStart < 0)
        {
            if (binarySize > binary.Length)
            {
                throw Bad($"input \"{name}\" has binary_data_size {binarySize}, but {binary.Length} bytes are left");
            }

            var bytes = binary[..binarySize];
            binary = binary[binarySize..];
            return BinaryTensors.Read(name, datatype, shape, bytes);
        }

        if (name is null || datatype is null || shape is null || dataStart < 0)
        {
            throw Bad($"input \"{name}\" lacks {(name is null ? "name" : datatype is null ? "datatype" : shape is null ? "shape" : "data")}");
        }

        var data = new Utf8JsonReader(json[dataStart..dataEnd], new JsonReaderOptions { MaxDepth = 64 });
        data.Read();
        return TensorJson.Read(ref data, name, datatype, shape);
    }

    private static RequestedOutput ReadOutput(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Bad("an entry of outputs is not an object");
        }

        string? name = null;
        bool? isBinary = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8))
            {
                reader.Read();
                name = reader.GetString();
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                var binary = false;
                if (ReadParameters(ref reader, ref binary, "binary_data"u8))
                {
                    isBinary = binary;
                }
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return new RequestedOutput(name ?? throw Bad("an entry of outputs has no name"), isBinary);
    }

    /// <summary>Reads an object of parameters for the one flag that matters; the rest is passed over, as the protocol has it.</summary>
    private static bool ReadParameters(ref Utf8JsonReader reader, ref bool flag, ReadOnlySpan<byte> name)
    {
        Expect(ref reader, JsonTokenType.StartObject, "parameters is not an object");
        var found = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isFlag = reader.ValueTextEquals(name);
            reader.Read();
            if (isFlag)
            {
                flag = reader.GetBoolean();
                found = true;
            }
            else
            {
                reader.Skip();
            }
        }

        return found;
    }

    private static int ReadBinarySize(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "parameters is not an object");
        var size = -1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isSize = reader.ValueTextEquals("binary_data_size"u8);
            reader.Read();
            if (isSize)
            {
                size = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var value) && value >= 0 ? value : throw Bad("binary_data_size is not a size");
            }
            else
            {
                reader.Skip();
            }
        }

        return size;
    }

    private static long[] ReadShape(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartArray, "a shape is not an array");
        var shape = new List<long>(2);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            shape.Add(reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var dimension) && shape.Count < 16 ? dimension : throw Bad("a shape is not an array of at most 16 integers"));
        }

        return [.. shape];
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string message)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw Bad(message);
        }
    }

    private static ApiException Bad(string message) => new(StatusCodes.Status400BadRequest, message);
}
