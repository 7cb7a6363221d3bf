using Reco.Scoring.Models;

namespace Reco.Scoring.Hosting;

/// <summary>Takes the model that a request is answered by.</summary>
internal static class ModelLease
{
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
}
