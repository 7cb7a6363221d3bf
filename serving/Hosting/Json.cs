using System.Text.Json;

namespace Reco.Scoring.Hosting;

/// <summary>Writes JSON answers straight into the response's buffer.</summary>
internal static class Json
{
    /// <summary>Answers are JSON by their type and never HTML, so quotes and letters of all scripts stay readable.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private const string ContentType = "application/json";

    /// <summary>Answers with what a delegate writes.</summary>
    public static async Task WriteAsync<T>(HttpContext context, T state, Action<Utf8JsonWriter, T> write, int status = StatusCodes.Status200OK)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = ContentType;
        using (var writer = new Utf8JsonWriter(response.BodyWriter, Options))
        {
            write(writer, state);
        }

        await response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Answers <c>{"error": message}</c>.</summary>
    public static Task ErrorAsync(HttpContext context, int status, string message) => WriteAsync(context, message, static (writer, text) =>
    {
        writer.WriteStartObject();
        writer.WriteString("error"u8, text);
        writer.WriteEndObject();
    }, status);
}
