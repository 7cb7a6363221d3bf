using System.Text.Json.Nodes;

namespace Reco.LocalCluster.Storage;

/// <summary>A refusal, as the API answers it.</summary>
internal sealed class ApiException(int code, string reason, string message, JsonArray? causes = null) : Exception(message)
{
    /// <summary>HTTP status code.</summary>
    public int Code { get; } = code;

    /// <summary>Kubernetes' reason, for example <c>NotFound</c>.</summary>
    public string Reason { get; } = reason;

    /// <summary>No such object.</summary>
    public static ApiException NotFound(ResourceKind kind, string name) => new(404, "NotFound", $"{kind.FullName} \"{name}\" not found");

    /// <summary>The name is taken.</summary>
    public static ApiException AlreadyExists(ResourceKind kind, string name) => new(409, "AlreadyExists", $"{kind.FullName} \"{name}\" already exists");

    /// <summary>Somebody else changed it in between.</summary>
    public static ApiException Conflict(ResourceKind kind, string name, string why) => new(409, "Conflict", $"Operation cannot be fulfilled on {kind.FullName} \"{name}\": {why}");

    /// <summary>The watch's start is too long ago.</summary>
    public static ApiException Gone(long version) => new(410, "Expired", $"too old resource version: {version}");

    /// <summary>A value is not allowed.</summary>
    public static ApiException Invalid(string kind, string name, string field, string problem) => Invalid(kind, name, [(field, problem)]);

    /// <summary>Values are not allowed.</summary>
    public static ApiException Invalid(string kind, string name, (string Field, string Problem)[] problems) => new(422, "Invalid",
        $"{kind} \"{name}\" is invalid: {(problems.Length == 1 ? Line(problems[0]) : $"[{string.Join(", ", problems.Select(Line))}]")}",
        new JsonArray([.. problems.Select(problem => new JsonObject { ["reason"] = "FieldValueInvalid", ["message"] = problem.Problem, ["field"] = problem.Field })]));

    /// <summary>The request makes no sense.</summary>
    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>The caller may not.</summary>
    public static ApiException Forbidden(string message) => new(403, "Forbidden", message);

    /// <summary>Not served.</summary>
    public static ApiException UnknownPath() => new(404, "NotFound", "the server could not find the requested resource");

    private static string Line((string Field, string Problem) problem) => problem.Field.Length == 0 ? problem.Problem : $"{problem.Field}: {problem.Problem}";

    /// <summary>The <c>Status</c> object.</summary>
    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = Reason,
            ["code"] = Code,
        };
        if (causes is not null)
        {
            status["details"] = new JsonObject { ["causes"] = causes.DeepClone() };
        }

        return status;
    }
}
