using Reco.Scoring.Models;

namespace Reco.Scoring.Hosting;

/// <summary>Liveness and readiness of the Open Inference Protocol, for people and for Kubernetes' probes.</summary>
internal static class HealthEndpoints
{
    /// <summary>Load balancers look with HEAD, too.</summary>
    private static readonly string[] Looks = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps the probes.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/v2/health/live", Looks, LiveAsync);
        routes.MapMethods("/v2/health/ready", Looks, ReadyAsync);
    }

    private static Task LiveAsync(HttpContext context) => Json.WriteAsync(context, true, static (writer, live) =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("live"u8, live);
        writer.WriteEndObject();
    });

    private static Task ReadyAsync(HttpContext context)
    {
        var registry = context.RequestServices.GetRequiredService<ModelRegistry>();
        var draining = context.RequestServices.GetRequiredService<DrainState>().IsDraining;
        var model = registry.Current;
        return Json.WriteAsync(context, (model, draining), static (writer, state) =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("ready"u8, state.model is not null && !state.draining);
            if (state.draining || state.model is null)
            {
                writer.WriteString("error"u8, state.draining ? "the service is draining" : "no model is loaded yet");
            }

            if (state.model is { } model)
            {
                writer.WriteString("model"u8, model.Name);
                writer.WriteString("version"u8, model.Version);
                writer.WriteString("precision"u8, model.Precision);
                writer.WriteString("provider"u8, model.Tower.Provider);
                writer.WriteString("index"u8, model.Index.Kind);
                writer.WriteBoolean("ranker"u8, model.Ranker is not null);
            }

            writer.WriteEndObject();
        }, model is not null && !draining ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
