using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Reco.Scoring.Hosting;
using Reco.Scoring.Inference;
using Reco.Scoring.Models;

namespace Reco.Scoring.Protocols.OpenInference;

/// <summary>Writes the answer to an infer request: JSON, and behind it the outputs that were asked for as bytes.</summary>
internal static class InferAnswer
{
    /// <summary>Header that says how long the JSON in front of binary data is.</summary>
    public const string HeaderLength = "Inference-Header-Content-Length";

    /// <summary>Writes the answer.</summary>
    public static async Task WriteAsync(HttpContext context, ServedModel model, InferRequest request, IReadOnlyList<Tensor> outputs)
    {
        var binary = outputs.Where(output => IsBinary(request, output)).ToArray();
        if (binary.Length == 0)
        {
            await Json.WriteAsync(context, (model, request, outputs), static (writer, answer) => Write(writer, answer.model, answer.request, answer.outputs)).ConfigureAwait(false);
            return;
        }

        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            Write(writer, model, request, outputs);
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.Headers[HeaderLength] = json.WrittenCount.ToString(CultureInfo.InvariantCulture);
        context.Response.ContentLength = json.WrittenCount + binary.Sum(output => (long)BinaryTensors.Length(output));
        await context.Response.BodyWriter.WriteAsync(json.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
        foreach (var output in binary)
        {
            await context.Response.BodyWriter.WriteAsync(BinaryTensors.Write(output), context.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>Writes a shape.</summary>
    public static void WriteShape(Utf8JsonWriter writer, ReadOnlySpan<long> shape)
    {
        writer.WriteStartArray("shape"u8);
        foreach (var dimension in shape)
        {
            writer.WriteNumberValue(dimension);
        }

        writer.WriteEndArray();
    }

    private static bool IsBinary(InferRequest request, Tensor output) =>
        request.Outputs.FirstOrDefault(requested => requested.Name == output.Name)?.Binary ?? request.BinaryOutput;

    private static void Write(Utf8JsonWriter writer, ServedModel model, InferRequest request, IReadOnlyList<Tensor> outputs)
    {
        writer.WriteStartObject();
        if (request.Id is { } id)
        {
            writer.WriteString("id"u8, id);
        }

        writer.WriteString("model_name"u8, model.Name);
        writer.WriteString("model_version"u8, model.Version);
        writer.WriteStartArray("outputs"u8);
        foreach (var output in outputs)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, output.Name);
            writer.WriteString("datatype"u8, output.Datatype);
            WriteShape(writer, output.Shape);
            if (IsBinary(request, output))
            {
                writer.WriteStartObject("parameters"u8);
                writer.WriteNumber("binary_data_size"u8, BinaryTensors.Length(output));
                writer.WriteEndObject();
            }
            else
            {
                writer.WritePropertyName("data"u8);
                TensorJson.Write(writer, output);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
