using System.Diagnostics;
using System.Globalization;
using Reco.Scoring.Batching;
using Reco.Scoring.Configuration;
using Reco.Scoring.Models;

namespace Reco.Scoring.Hosting;

/// <summary>Takes the model that a request is answered by.</summary>
internal static class ModelLease
{
    private const string TimeoutHeader = "X-Request-Timeout-Ms";
    private const string PriorityHeader = "X-Priority";

    /// <summary>A lease on a version of a model; dispose it after the answer.</summary>
    /// <exception cref="ApiException">There is no such version, or no model yet.</exception>
    public static ServedModel Lease(this HttpContext context, string? name = null, string? version = null)
    {
        var registry = context.RequestServices.GetRequiredService<ModelRegistry>();
        if (registry.Lease(name, version) is { } model)
        {
            return model;
        }

        if (!registry.IsReady)
        {
            context.Response.Headers.RetryAfter = "1";
            throw new ApiException(StatusCodes.Status503ServiceUnavailable, "no model is loaded yet");
        }

        throw new ApiException(StatusCodes.Status404NotFound, version is null
            ? $"there is no model \"{name}\"; this service serves {registry.Name}"
            : $"model \"{name}\" has no version \"{version}\" here; served: {string.Join(", ", registry.Versions.Select(entry => entry.Version))}");
    }

    /// <summary>A lease on the version that answers for a user.</summary>
    /// <exception cref="ApiException">There is no model yet.</exception>
    public static ServedModel LeaseFor(this HttpContext context, string? user) =>
        context.RequestServices.GetRequiredService<ModelRegistry>().LeaseFor(user) ?? context.Lease();

    /// <summary>What a request may take.</summary>
    /// <exception cref="ApiException">A header is wrong.</exception>
    public static CallLimits Limits(this HttpContext context) => context.Limits(context.RequestServices.GetRequiredService<ScoringOptions>());

    /// <summary>What a request may take: by <c>X-Request-Timeout-Ms</c> and <c>X-Priority</c> (high, normal, low), within the service's own limits.</summary>
    /// <exception cref="ApiException">A header is wrong.</exception>
    public static CallLimits Limits(this HttpContext context, ScoringOptions options)
    {
        var timeout = options.Limits.Timeout;
        if (context.Request.Headers[TimeoutHeader] is [{ } text])
        {
            timeout = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds > 0
                ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, timeout.TotalMilliseconds))
                : throw new ApiException(StatusCodes.Status400BadRequest, $"{TimeoutHeader} must be a positive number of milliseconds");
        }

        var priority = context.Request.Headers[PriorityHeader] switch
        {
            [] => Priority.Normal,
            ["high"] => Priority.High,
            ["normal"] => Priority.Normal,
            ["low"] => Priority.Low,
            _ => throw new ApiException(StatusCodes.Status400BadRequest, $"{PriorityHeader} must be high, normal or low"),
        };
        return new CallLimits(Stopwatch.GetTimestamp() + (long)(timeout.TotalSeconds * Stopwatch.Frequency), priority, context.RequestAborted);
    }
}
