using System.Text.Json;
using Reco.Bundle;
using Reco.Scoring.Hosting;
using Reco.Scoring.Models;

namespace Reco.Scoring.Protocols.TensorFlow;

/// <summary>The REST API of TensorFlow Serving: predict in row and column form, status, metadata, versions and labels. Labels are
/// <c>current</c>, <c>previous</c> and <c>candidate</c>.</summary>
internal static class TensorFlowEndpoints
{
    /// <summary>Maps the routes.</summary>
    public static void MapTensorFlow(this IEndpointRouteBuilder routes)
    {
        foreach (var model in new[] { "/v1/models/{model}", "/v1/models/{model}/versions/{version}", "/v1/models/{model}/labels/{label}" })
        {
            routes.MapGet(model, (RequestDelegate)StatusAsync);
            routes.MapGet($"{model}/metadata", (RequestDelegate)MetadataAsync);
            routes.MapPost(model, (RequestDelegate)PredictAsync);
        }
    }

    private static async Task StatusAsync(HttpContext context)
    {
        using var model = Lease(context, out _);
        var all = context.Request.RouteValues.ContainsKey("version") || context.Request.RouteValues.ContainsKey("label");
        var versions = all ? [model] : context.RequestServices.GetRequiredService<ModelRegistry>().Versions.Where(version => version.Name == model.Name);
        await Json.WriteAsync(context, versions, static (writer, versions) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("model_version_status"u8);
            foreach (var version in versions)
            {
                writer.WriteStartObject();
                writer.WriteString("version"u8, version.Version);
                writer.WriteString("state"u8, "AVAILABLE"u8);
                writer.WriteStartObject("status"u8);
                writer.WriteString("error_code"u8, "OK"u8);
                writer.WriteString("error_message"u8, ""u8);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static async Task MetadataAsync(HttpContext context)
    {
        using var model = Lease(context, out _);
        await Json.WriteAsync(context, model, static (writer, model) =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject("model_spec"u8);
            writer.WriteString("name"u8, model.Name);
            writer.WriteString("signature_name"u8, ""u8);
            writer.WriteString("version"u8, model.Version);
            writer.WriteEndObject();
            writer.WriteStartObject("metadata"u8);
            writer.WriteStartObject("signature_def"u8);
            writer.WriteStartObject("signature_def"u8);
            writer.WriteStartObject("serving_default"u8);
            WriteTensors(writer, "inputs"u8, model.Manifest.Inputs);
            WriteTensors(writer, "outputs"u8, model.Manifest.Outputs);
            writer.WriteString("method_name"u8, "tensorflow/serving/predict"u8);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static async Task PredictAsync(HttpContext context)
    {
        using var model = Lease(context, out var verb);
        if (verb != "predict")
        {
            throw new ApiException(StatusCodes.Status404NotFound, $"\"{verb}\" is not known here; a model takes :predict");
        }

        var request = await RequestBody.ReadAsync(context, json => PredictRequest.Read(json, model.Manifest.Inputs)).ConfigureAwait(false);
        var outputs = await context.RequestServices.GetRequiredService<TensorInference>().RunAsync(model, request.Inputs, [], context.Limits()).ConfigureAwait(false);
        await Json.WriteAsync(context, (request.ByRow, outputs), static (writer, answer) => PredictAnswer.Write(writer, answer.outputs, answer.ByRow)).ConfigureAwait(false);
    }

    private static void WriteTensors(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<TensorSpec> tensors)
    {
        writer.WriteStartObject(name);
        foreach (var tensor in tensors)
        {
            writer.WriteStartObject(tensor.Name);
            writer.WriteString("dtype"u8, $"DT_{TensorFlowName(tensor.Datatype)}");
            writer.WriteStartObject("tensor_shape"u8);
            writer.WriteStartArray("dim"u8);
            foreach (var dimension in tensor.Shape)
            {
                writer.WriteStartObject();
                writer.WriteString("size"u8, dimension.ToString(System.Globalization.CultureInfo.InvariantCulture));
                writer.WriteString("name"u8, ""u8);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteBoolean("unknown_rank"u8, false);
            writer.WriteEndObject();
            writer.WriteString("name"u8, tensor.Name);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static string TensorFlowName(string datatype) => datatype switch
    {
        "FP16" => "HALF",
        "BF16" => "BFLOAT16",
        "FP32" => "FLOAT",
        "FP64" => "DOUBLE",
        "BYTES" => "STRING",
        _ => datatype,
    };

    /// <summary>The model of the route; <c>name:predict</c> is one segment of it.</summary>
    private static ServedModel Lease(HttpContext context, out string verb)
    {
        var values = context.Request.RouteValues;
        var key = values.ContainsKey("version") ? "version" : values.ContainsKey("label") ? "label" : "model";
        var segment = (string)values[key]!;
        verb = "";
        if (HttpMethods.IsPost(context.Request.Method))
        {
            var colon = segment.LastIndexOf(':');
            verb = colon < 0 ? "" : segment[(colon + 1)..];
            segment = colon < 0 ? segment : segment[..colon];
        }

        var name = key == "model" ? segment : (string)values["model"]!;
        return key switch
        {
            "version" => context.Lease(name, segment),
            "label" => context.Lease(name, Labelled(context, segment)),
            _ => context.Lease(name),
        };
    }

    private static string Labelled(HttpContext context, string label)
    {
        var registry = context.RequestServices.GetRequiredService<ModelRegistry>();
        var model = label switch
        {
            "current" or "stable" => registry.Current,
            "previous" => registry.Previous,
            "candidate" or "canary" => registry.Candidate,
            _ => throw new ApiException(StatusCodes.Status404NotFound, $"there is no label \"{label}\"; labels are current, previous, candidate"),
        };
        return model?.Version ?? throw new ApiException(StatusCodes.Status404NotFound, $"no version is labelled \"{label}\"");
    }
}
