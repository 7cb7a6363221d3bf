using System.Collections.Immutable;
using System.Text.Json;
using Reco.Bundle;
using Reco.Scoring.Hosting;
using Reco.Scoring.Inference;
using Reco.Scoring.Protocols.OpenInference;

namespace Reco.Scoring.Protocols.TensorFlow;

/// <summary>A predict request: <c>{"instances": [...]}</c> (one entry a row) or <c>{"inputs": ...}</c> (one entry an input).</summary>
/// <param name="Inputs">The tensors.</param>
/// <param name="ByRow">Whether it came by row, as the answer then does.</param>
internal sealed record PredictRequest(IReadOnlyList<Tensor> Inputs, bool ByRow)
{
    private const string SignatureName = "serving_default";

    /// <summary>Reads a request; shapes are those of the nested lists, types those of the model.</summary>
    /// <exception cref="ApiException">It is not one.</exception>
    public static PredictRequest Read(ReadOnlySpan<byte> json, ImmutableArray<TensorSpec> inputs)
    {
        try
        {
            var reader = new Utf8JsonReader(JsonBody.Of(json), new JsonReaderOptions { MaxDepth = 64 });
            using var document = JsonDocument.ParseValue(ref reader);
            while (reader.Read())
            {
                // Whatever follows is an error, which the reader throws.
            }

            return Read(document.RootElement, inputs);
        }
        catch (JsonException error)
        {
            throw Bad(JsonBody.Problem(error));
        }
    }

    private static PredictRequest Read(JsonElement body, ImmutableArray<TensorSpec> inputs)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw Bad("the body is not an object");
        }

        if (body.TryGetProperty("signature_name", out var signature) && (signature.ValueKind != JsonValueKind.String || signature.GetString() is not (SignatureName or "")))
        {
            throw Bad($"the model has one signature, {SignatureName}");
        }

        var byRow = body.TryGetProperty("instances", out var instances);
        if (byRow == body.TryGetProperty("inputs", out var columns))
        {
            throw Bad("the body must have instances (one entry a row) or inputs (one entry an input), and not both");
        }

        return new PredictRequest(byRow ? Rows(instances, inputs) : Columns(columns, inputs), byRow);
    }

    private static List<Tensor> Rows(JsonElement instances, ImmutableArray<TensorSpec> inputs)
    {
        if (instances.ValueKind != JsonValueKind.Array || instances.GetArrayLength() == 0)
        {
            throw Bad("instances must be a list with at least one entry");
        }

        var rows = instances.EnumerateArray().ToArray();
        foreach (var row in rows.Where(row => inputs.Length > 1 && row.ValueKind != JsonValueKind.Object))
        {
            throw Bad($"each of instances must be an object with {string.Join(", ", inputs.Select(input => input.Name))}");
        }

        CheckNames(rows.Where(row => row.ValueKind == JsonValueKind.Object).SelectMany(row => row.EnumerateObject().Select(property => property.Name)), inputs);
        return [.. inputs.Select(input => Parse(input, $"[{string.Join(',', rows.Select(row => Field(row, input).GetRawText()))}]"))];
    }

    private static List<Tensor> Columns(JsonElement columns, ImmutableArray<TensorSpec> inputs)
    {
        if (inputs.Length > 1 && columns.ValueKind != JsonValueKind.Object)
        {
            throw Bad($"inputs must be an object with {string.Join(", ", inputs.Select(input => input.Name))}");
        }

        CheckNames(columns.ValueKind == JsonValueKind.Object ? columns.EnumerateObject().Select(property => property.Name) : [], inputs);
        return [.. inputs.Select(input => Parse(input, Field(columns, input).GetRawText()))];
    }

    private static JsonElement Field(JsonElement holder, TensorSpec input)
    {
        if (holder.ValueKind != JsonValueKind.Object)
        {
            return holder;
        }

        return holder.TryGetProperty(input.Name, out var value) ? value : throw Bad($"input \"{input.Name}\" is missing");
    }

    private static void CheckNames(IEnumerable<string> names, ImmutableArray<TensorSpec> inputs)
    {
        foreach (var name in names.Where(name => !inputs.Any(input => input.Name == name)))
        {
            throw Bad($"there is no input \"{name}\"; the model takes {string.Join(", ", inputs.Select(input => input.Name))}");
        }
    }

    private static Tensor Parse(TensorSpec input, string json)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(json);
        using var document = JsonDocument.Parse(bytes);
        var shape = new List<long>();
        for (var level = document.RootElement; level.ValueKind == JsonValueKind.Array; level = level[0])
        {
            shape.Add(level.GetArrayLength());
            if (level.GetArrayLength() == 0)
            {
                break;
            }
        }

        if (!IsRectangular(document.RootElement, [.. shape], 0))
        {
            throw Bad($"input \"{input.Name}\" is not rectangular: its lists differ in length");
        }

        var reader = new Utf8JsonReader(bytes);
        reader.Read();
        return TensorJson.Read(ref reader, input.Name, input.Datatype, [.. shape]);
    }

    private static bool IsRectangular(JsonElement value, ReadOnlySpan<long> shape, int depth)
    {
        if (depth == shape.Length)
        {
            return value.ValueKind != JsonValueKind.Array;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != shape[depth])
        {
            return false;
        }

        foreach (var entry in value.EnumerateArray())
        {
            if (!IsRectangular(entry, shape, depth + 1))
            {
                return false;
            }
        }

        return true;
    }

    private static ApiException Bad(string message) => new(StatusCodes.Status400BadRequest, message);
}
