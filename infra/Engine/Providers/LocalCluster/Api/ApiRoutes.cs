using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using Reco.LocalCluster.Kubelet;
using Reco.LocalCluster.Security;
using Reco.LocalCluster.Storage;
using YamlDotNet.Core;

namespace Reco.LocalCluster.Api;

/// <summary>The Kubernetes REST API on HTTP.</summary>
internal sealed class ApiRoutes(ObjectStore store, ObjectApi objects, Tokens tokens, Authorizer authorizer, PodLogs logs, Func<bool, bool> shutdown)
{
    private static readonly TimeSpan DefaultWatch = TimeSpan.FromMinutes(30);

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context).ConfigureAwait(false);
        }
        catch (ApiException refusal)
        {
            await WriteAsync(context, refusal.Code, refusal.ToStatus()).ConfigureAwait(false);
        }
        catch (Exception error) when (error is JsonException or YamlException or FormatException)
        {
            await WriteAsync(context, 400, ApiException.BadRequest($"the body cannot be read: {error.Message}").ToStatus()).ConfigureAwait(false);
        }
        catch (BadHttpRequestException error)
        {
            await WriteAsync(context, error.StatusCode, new ApiException(error.StatusCode, "BadRequest", error.Message).ToStatus()).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone.
        }
    }

    private async Task RouteAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.Trim('/').Split('/');
        if (path is ["healthz" or "livez" or "readyz"])
        {
            await context.Response.WriteAsync("ok", context.RequestAborted).ConfigureAwait(false);
            return;
        }

        var caller = Authenticate(context);
        switch (path)
        {
            case ["version"]:
                await WriteAsync(context, 200, Discovery.Version()).ConfigureAwait(false);
                return;
            case ["api"] or ["apis"] or ["api", "v1"] or ["apis", _] or ["apis", _, _]:
                await WriteAsync(context, 200, Discovery.Answer(path)).ConfigureAwait(false);
                return;
            case ["reco", "v1", "shutdown"] when context.Request.Method == "POST":
                var stopping = caller.IsAdmin ? shutdown(context.Request.Query["ifEmpty"] == "true") : throw ApiException.Forbidden("only the administrator stops the cluster");
                await WriteAsync(context, 200, new JsonObject { ["stopping"] = stopping }).ConfigureAwait(false);
                return;
        }

        var target = ResourcePath.Parse(path) ?? throw new ApiException(404, "NotFound", "the server could not find the requested resource");
        await ServeAsync(context, caller, target).ConfigureAwait(false);
    }

    private Caller Authenticate(HttpContext context)
    {
        const string Scheme = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.Ordinal) && tokens.Verify(header[Scheme.Length..].Trim()) is { } caller
            ? caller
            : throw new ApiException(401, "Unauthorized", "Unauthorized");
    }

    private async Task ServeAsync(HttpContext context, Caller caller, ResourcePath target)
    {
        var (request, query) = (context.Request, context.Request.Query);
        var watch = query["watch"] is var asked && (asked == "true" || asked == "1");
        var verb = (request.Method, target.Name.Length > 0) switch
        {
            ("GET", true) => watch ? "watch" : "get",
            ("GET", false) => watch ? "watch" : "list",
            ("POST", _) => "create",
            ("PUT", true) => "update",
            ("PATCH", true) => "patch",
            ("DELETE", true) => "delete",
            ("DELETE", false) => "deletecollection",
            _ => throw new ApiException(405, "MethodNotAllowed", "the server does not allow this method on the requested resource"),
        };
        if (!authorizer.Allows(caller, new Access(verb, target.Kind, target.Space, target.Name, target.Subresource)))
        {
            throw ApiException.Forbidden($"{target.Kind.Plural} \"{target.Name}\" is forbidden: User \"{caller.Name}\" cannot {verb} resource \"{target.Kind.Plural}\" in API group \"{target.Kind.Group}\" in the namespace \"{target.Space}\"");
        }

        var key = new ObjectKey(target.Kind, target.Space, target.Name);
        var dryRun = query["dryRun"] == "All";
        switch (verb)
        {
            case "get" when target.Subresource == "log":
                await logs.ServeAsync(context, key).ConfigureAwait(false);
                break;
            case "get":
                await WriteAsync(context, 200, store.Get(key) ?? throw ApiException.NotFound(key.Kind, key.Name)).ConfigureAwait(false);
                break;
            case "list":
                await ListAsync(context, target).ConfigureAwait(false);
                break;
            case "watch":
                await WatchAsync(context, target).ConfigureAwait(false);
                break;
            case "create":
                await WriteAsync(context, 201, objects.Create(target.Kind, target.Space, await BodyAsync(context).ConfigureAwait(false), dryRun)).ConfigureAwait(false);
                break;
            case "update":
                await WriteAsync(context, 200, objects.Replace(key, target.Subresource, await BodyAsync(context).ConfigureAwait(false), dryRun)).ConfigureAwait(false);
                break;
            case "patch":
                await PatchAsync(context, key, target.Subresource, dryRun).ConfigureAwait(false);
                break;
            case "delete":
                await WriteAsync(context, 200, objects.Delete(key, await OptionalBodyAsync(context).ConfigureAwait(false), dryRun)).ConfigureAwait(false);
                break;
            default:
                foreach (var value in Selected(target, query))
                {
                    objects.Delete(new ObjectKey(target.Kind, value.Space(), value.Name()), null, dryRun);
                }

                await WriteAsync(context, 200, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Success" }).ConfigureAwait(false);
                break;
        }
    }

    private async Task PatchAsync(HttpContext context, ObjectKey key, string subresource, bool dryRun)
    {
        var format = context.Request.ContentType?.Split(';')[0].Trim() ?? "";
        var body = await ParseAsync(context).ConfigureAwait(false) ?? throw ApiException.BadRequest("the patch is empty");
        if (format == "application/apply-patch+yaml")
        {
            var existed = store.Get(key) is not null;
            var query = context.Request.Query;
            var applied = objects.Apply(key, query["fieldManager"].ToString(), body as JsonObject ?? throw ApiException.BadRequest("an apply patch is an object"), query["force"] == "true", dryRun);
            await WriteAsync(context, existed ? 200 : 201, applied).ConfigureAwait(false);
            return;
        }

        await WriteAsync(context, 200, objects.Patch(key, subresource, body, format, dryRun)).ConfigureAwait(false);
    }

    private async Task ListAsync(HttpContext context, ResourcePath target)
    {
        var version = store.Version;
        var list = new JsonObject
        {
            ["kind"] = $"{target.Kind.Kind}List",
            ["apiVersion"] = target.Kind.ApiVersion,
            ["metadata"] = new JsonObject { ["resourceVersion"] = $"{version}" },
            ["items"] = new JsonArray([.. Selected(target, context.Request.Query).Select(value => value.DeepClone())]),
        };
        await WriteAsync(context, 200, list).ConfigureAwait(false);
    }

    private IEnumerable<JsonObject> Selected(ResourcePath target, IQueryCollection query)
    {
        var selector = Selector.Parse(query["labelSelector"], query["fieldSelector"]);
        return store.List(target.Kind, target.Space.Length == 0 ? null : target.Space).Where(selector.Matches);
    }

    private async Task WatchAsync(HttpContext context, ResourcePath target)
    {
        var query = context.Request.Query;
        var fields = target.Name.Length > 0 ? $"metadata.name={target.Name}" : query["fieldSelector"].ToString();
        var selector = Selector.Parse(query["labelSelector"], fields);
        long? since = long.TryParse(query["resourceVersion"], out var version) && version > 0 ? version : null;
        var (changes, stop) = store.Watch(since);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            limit.CancelAfter(int.TryParse(query["timeoutSeconds"], out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : DefaultWatch);
            context.Response.ContentType = "application/json";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await context.Response.StartAsync(limit.Token).ConfigureAwait(false);

            // Without a version a watch begins with what is there.
            if (since is null)
            {
                foreach (var value in Selected(target, query).Where(selector.Matches))
                {
                    await SendAsync(context, "ADDED", value, limit.Token).ConfigureAwait(false);
                }
            }

            await foreach (var change in changes.ReadAllAsync(limit.Token).ConfigureAwait(false))
            {
                if (change.Key.Kind == target.Kind && (target.Space.Length == 0 || change.Key.Space == target.Space) && selector.Matches(change.Value))
                {
                    await SendAsync(context, change.Type, change.Value, limit.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The client is gone, or the watch's time is over: it asks again.
        }
        finally
        {
            stop();
        }
    }

    private static async Task SendAsync(HttpContext context, string type, JsonObject value, CancellationToken cancellation)
    {
        var line = new JsonObject { ["type"] = type, ["object"] = value.DeepClone() }.ToJsonString() + "\n";
        await context.Response.WriteAsync(line, cancellation).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
    }

    private static async Task<JsonObject> BodyAsync(HttpContext context) =>
        await OptionalBodyAsync(context).ConfigureAwait(false) ?? throw ApiException.BadRequest("the body must be an object");

    private static async Task<JsonObject?> OptionalBodyAsync(HttpContext context) => await ParseAsync(context).ConfigureAwait(false) as JsonObject;

    private static async Task<JsonNode?> ParseAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync(context.RequestAborted).ConfigureAwait(false);
        if (text.AsSpan().Trim().Length == 0)
        {
            return null;
        }

        return text.AsSpan().TrimStart()[0] is '{' or '[' ? JsonNode.Parse(text) : Yaml.ToJson(text);
    }

    private static async Task WriteAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted).ConfigureAwait(false);
    }
}
