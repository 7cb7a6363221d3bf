using System.Text.Json;
using Reco.Scoring.Hosting;
using Reco.Scoring.Inference;

namespace Reco.Scoring.Protocols.OpenInference;

/// <summary>Reads the JSON body of an infer request.</summary>
internal static class InferRequestReader
{
    /// <summary>Reads a request.</summary>
    /// <exception cref="ApiException">It is not one; the message says where.</exception>
    public static InferRequest Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return ReadRequest(json);
        }
        catch (JsonException error)
        {
            throw Bad($"the body is not JSON: {error.Message}");
        }
        catch (InvalidOperationException)
        {
            throw Bad("a value in the body is of the wrong kind");
        }
    }

    private static InferRequest ReadRequest(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        Expect(ref reader, JsonTokenType.StartObject, "the body is not an object");
        string? id = null;
        List<Tensor>? inputs = null;
        List<RequestedOutput> outputs = [];
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
                    inputs.Add(ReadInput(ref reader, json));
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

        return inputs is { Count: > 0 } ? new InferRequest { Id = id, Inputs = inputs, Outputs = outputs } : throw Bad("the request has no inputs");
    }

    private static Tensor ReadInput(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Bad("an entry of inputs is not an object");
        }

        string? name = null, datatype = null;
        long[]? shape = null;
        var (dataStart, dataEnd) = (-1, -1);
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
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isName = reader.ValueTextEquals("name"u8);
            reader.Read();
            if (isName)
            {
                name = reader.GetString();
            }
            else
            {
                reader.Skip();
            }
        }

        return new RequestedOutput(name ?? throw Bad("an entry of outputs has no name"), null);
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
