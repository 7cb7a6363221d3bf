using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Cluster;

/// <summary>The API server refused a request; the message is the server's own.</summary>
internal sealed class KubeApiException : Exception
{
    private KubeApiException(HttpStatusCode code, string reason, string message)
        : base(message)
    {
        Code = code;
        Reason = reason;
    }

    /// <summary>HTTP status.</summary>
    public HttpStatusCode Code { get; }

    /// <summary>The <c>reason</c> of the server's Status object, for example <c>AlreadyExists</c>; empty where it gave none.</summary>
    public string Reason { get; }

    /// <summary>Reads the server's answer: a Status object, or whatever text a proxy put in its place.</summary>
    public static KubeApiException From(HttpStatusCode code, string body)
    {
        try
        {
            if (JsonNode.Parse(body) is JsonObject status && status.Text("message") is { Length: > 0 } message)
            {
                return new KubeApiException(code, status.Text("reason") ?? "", message);
            }
        }
        catch (JsonException)
        {
            // Not a Status object.
        }

        var text = body.Length > 300 ? body[..300] : body;
        return new KubeApiException(code, "", $"the API server answered {(int)code} {code}{(text.Length > 0 ? $": {text}" : "")}");
    }
}
