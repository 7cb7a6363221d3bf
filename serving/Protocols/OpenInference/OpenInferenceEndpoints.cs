using System.Globalization;
using System.Text.Json;
using Reco.Bundle;
using Reco.Scoring.Hosting;
using Reco.Scoring.Models;

namespace Reco.Scoring.Protocols.OpenInference;

/// <summary>The REST form of the Open Inference Protocol, version 2.</summary>
internal static class OpenInferenceEndpoints
{
    /// <summary>Extensions of the protocol that are served.</summary>
    public static readonly IReadOnlyList<string> Extensions = ["binary_tensor_data", "model_repository"];

    /// <summary>Version of this service.</summary>
    public static readonly string ServerVersion = typeof(OpenInferenceEndpoints).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>Maps the routes.</summary>
    public static void MapOpenInference(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v2", (RequestDelegate)ServerAsync);
        foreach (var model in new[] { "/v2/models/{model}", "/v2/models/{model}/versions/{version}" })
        {
            routes.MapGet(model, (RequestDelegate)ModelAsync);
            routes.MapGet($"{model}/ready", (RequestDelegate)ReadyAsync);
            routes.MapPost($"{model}/infer", (RequestDelegate)InferAsync);
        }
    }

    private static Task ServerAsync(HttpContext context) => Json.WriteAsync(context, ServerVersion, static (writer, version) =>
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, "reco-scoring"u8);
        writer.WriteString("version"u8, version);
        writer.WriteStartArray("extensions"u8);
        foreach (var extension in Extensions)
        {
            writer.WriteStringValue(extension);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static async Task ModelAsync(HttpContext context)
    {
        using var model = Lease(context);
        var versions = context.RequestServices.GetRequiredService<ModelRegistry>().Versions;
        await Json.WriteAsync(context, (model, versions), static (writer, state) =>
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, state.model.Name);
            writer.WriteStartArray("versions"u8);
            foreach (var version in state.versions.Where(version => version.Name == state.model.Name))
            {
                writer.WriteStringValue(version.Version);
            }

            writer.WriteEndArray();
            writer.WriteString("platform"u8, "onnxruntime_onnx"u8);
            WriteTensors(writer, "inputs"u8, state.model.Manifest.Inputs);
            WriteTensors(writer, "outputs"u8, state.model.Manifest.Outputs);
            writer.WriteStartObject("parameters"u8);
            writer.WriteString("index"u8, state.model.Index.Kind);
            writer.WriteNumber("index_recall"u8, Math.Round(state.model.Index.Recall, 4));
            writer.WriteString("likeness_index"u8, state.model.Index.WeightedKind);
            writer.WriteNumber("likeness_index_recall"u8, Math.Round(state.model.Index.WeightedRecall, 4));
            if (state.model.Hybrid is { } hybrid)
            {
                writer.WriteString("text_index"u8, hybrid.Items.Kind);
                writer.WriteNumber("text_index_recall"u8, Math.Round(hybrid.Items.Recall, 4));
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static async Task ReadyAsync(HttpContext context)
    {
        using var model = Lease(context);
        await Json.WriteAsync(context, model, static (writer, model) =>
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, model.Name);
            writer.WriteString("version"u8, model.Version);
            writer.WriteBoolean("ready"u8, true);
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static async Task InferAsync(HttpContext context)
    {
        using var model = Lease(context);
        var headerLength = HeaderLength(context.Request);
        var request = await RequestBody.ReadAsync(context, body => InferRequestReader.Read(body, headerLength)).ConfigureAwait(false);
        var inference = context.RequestServices.GetRequiredService<TensorInference>();
        var outputs = await inference.RunAsync(model, request.Inputs, [.. request.Outputs.Select(output => output.Name)], context.Limits()).ConfigureAwait(false);
        await InferAnswer.WriteAsync(context, model, request, outputs).ConfigureAwait(false);
    }

    private static int HeaderLength(HttpRequest request) => request.Headers[InferAnswer.HeaderLength] switch
    {
        [] => -1,
        [{ } text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length) => length,
        _ => throw new ApiException(StatusCodes.Status400BadRequest, $"{InferAnswer.HeaderLength} is not a length"),
    };

    private static void WriteTensors(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<TensorSpec> tensors)
    {
        writer.WriteStartArray(name);
        foreach (var tensor in tensors)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, tensor.Name);
            writer.WriteString("datatype"u8, tensor.Datatype);
            InferAnswer.WriteShape(writer, tensor.Shape.AsSpan());
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static ServedModel Lease(HttpContext context) =>
        context.Lease((string?)context.Request.RouteValues["model"], (string?)context.Request.RouteValues["version"]);
}
