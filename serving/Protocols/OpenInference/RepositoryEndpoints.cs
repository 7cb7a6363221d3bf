using System.Text.Json;
using Reco.Bundle;
using Reco.Scoring.Hosting;
using Reco.Scoring.Models;
using Reco.Scoring.Security;

namespace Reco.Scoring.Protocols.OpenInference;

/// <summary>The model repository extension of the protocol (index, load, unload), and the one step beyond it that a person in
/// trouble needs: rollback.</summary>
internal static class RepositoryEndpoints
{
    /// <summary>Maps the routes.</summary>
    public static void MapRepository(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v2/repository/index", (RequestDelegate)IndexAsync);
        routes.MapPost("/v2/repository/models/{model}/load", (RequestDelegate)LoadAsync);
        routes.MapPost("/v2/repository/models/{model}/unload", (RequestDelegate)UnloadAsync);
        routes.MapPost("/v2/repository/models/{model}/rollback", (RequestDelegate)RollBackAsync);
    }

    private static async Task IndexAsync(HttpContext context)
    {
        var onlyReady = await RequestBody.ReadAsync(context, json => Parameter(json, root => root.TryGetProperty("ready", out var ready) && ready.ValueKind == JsonValueKind.True)).ConfigureAwait(false);
        var registry = context.RequestServices.GetRequiredService<ModelRegistry>();
        var entries = registry.Index();
        await Json.WriteAsync(context, entries.Where(entry => entry.Ready || !onlyReady), static (writer, entries) =>
        {
            writer.WriteStartArray();
            foreach (var entry in entries)
            {
                writer.WriteStartObject();
                writer.WriteString("name"u8, entry.Name);
                writer.WriteString("version"u8, entry.Version);
                writer.WriteString("state"u8, entry.Ready ? "READY"u8 : "UNAVAILABLE"u8);
                writer.WriteString("reason"u8, entry.Reason);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }).ConfigureAwait(false);
    }

    private static async Task LoadAsync(HttpContext context)
    {
        AdminCheck.Require(context);
        var (version, candidate) = await RequestBody.ReadAsync(context, json => Parameter(json, root => (Version(root), IsCandidate(root)))).ConfigureAwait(false);
        var registry = context.RequestServices.GetRequiredService<ModelRegistry>();
        var name = (string)context.Request.RouteValues["model"]!;
        var path = version is null ? name : $"{name}/{version}";
        try
        {
            // Loading goes on where the caller loses patience: half a load helps nobody.
            var loading = candidate ? registry.LoadCandidateAsync(path, CancellationToken.None) : registry.LoadAsync(path, CancellationToken.None);
            await loading.ConfigureAwait(false);
        }
        catch (BundleException error)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, error.Message);
        }

        await EmptyAsync(context).ConfigureAwait(false);
    }

    private static async Task UnloadAsync(HttpContext context)
    {
        AdminCheck.Require(context);
        var version = await RequestBody.ReadAsync(context, json => Parameter(json, Version)).ConfigureAwait(false);
        var name = (string)context.Request.RouteValues["model"]!;
        if (!await context.RequestServices.GetRequiredService<ModelRegistry>().UnloadAsync(name, version, context.RequestAborted).ConfigureAwait(false))
        {
            throw new ApiException(StatusCodes.Status404NotFound, $"model \"{name}\"{(version is null ? "" : $" version \"{version}\"")} is not loaded");
        }

        await EmptyAsync(context).ConfigureAwait(false);
    }

    private static async Task RollBackAsync(HttpContext context)
    {
        AdminCheck.Require(context);
        var registry = context.RequestServices.GetRequiredService<ModelRegistry>();
        var name = (string)context.Request.RouteValues["model"]!;
        if (registry.Name != name)
        {
            throw new ApiException(StatusCodes.Status404NotFound, $"there is no model \"{name}\"; this service serves {registry.Name}");
        }

        var model = await registry.RollBackAsync(context.RequestAborted).ConfigureAwait(false)
            ?? throw new ApiException(StatusCodes.Status409Conflict, $"model \"{name}\" has no version to go back to");
        await Json.WriteAsync(context, model, static (writer, model) =>
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, model.Name);
            writer.WriteString("version"u8, model.Version);
            writer.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static Task EmptyAsync(HttpContext context) => Json.WriteAsync(context, 0, static (writer, _) =>
    {
        writer.WriteStartObject();
        writer.WriteEndObject();
    });

    private static T Parameter<T>(ReadOnlySpan<byte> json, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json.IsEmpty ? "{}"u8.ToArray() : JsonBody.Of(json).ToArray());
            return document.RootElement.ValueKind == JsonValueKind.Object ? read(document.RootElement) : throw new ApiException(StatusCodes.Status400BadRequest, "the body is not an object");
        }
        catch (JsonException error)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, JsonBody.Problem(error));
        }
    }

    private static string? Version(JsonElement root)
    {
        if (!root.TryGetProperty("parameters", out var parameters) || parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty("version", out var version))
        {
            return null;
        }

        return version.ValueKind == JsonValueKind.String && version.GetString() is { Length: > 0 and <= 100 } text && !text.Contains('/', StringComparison.Ordinal)
            ? text
            : throw new ApiException(StatusCodes.Status400BadRequest, "parameters.version must be a version of the model");
    }

    private static bool IsCandidate(JsonElement root) =>
        root.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("candidate", out var candidate) && candidate.ValueKind == JsonValueKind.True;
}
