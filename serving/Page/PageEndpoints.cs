namespace Reco.Scoring.Page;

/// <summary>The page on which a person tries the model, and the API's description. Both are part of the program: nothing is read
/// from disk or from another host.</summary>
internal static class PageEndpoints
{
    /// <summary>Only its own script, and styles in the page.</summary>
    private const string Policy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Maps the routes.</summary>
    public static void MapPage(this IEndpointRouteBuilder routes)
    {
        Map(routes, "/", "index.html", "text/html; charset=utf-8");
        Map(routes, "/page.js", "page.js", "text/javascript; charset=utf-8");
        Map(routes, "/openapi/v1.json", "openapi.json", "application/json");
    }

    private static void Map(IEndpointRouteBuilder routes, string path, string file, string type)
    {
        var content = Read(file);
        routes.MapGet(path, (RequestDelegate)(context =>
        {
            context.Response.ContentType = type;
            context.Response.Headers.ContentSecurityPolicy = Policy;
            return context.Response.Body.WriteAsync(content, context.RequestAborted).AsTask();
        }));
    }

    private static byte[] Read(string file)
    {
        using var stream = typeof(PageEndpoints).Assembly.GetManifestResourceStream($"Reco.Scoring.Page.{file}")
            ?? throw new InvalidOperationException($"{file} is not in the program");
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
