using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Admission;
using Reco.LocalCluster.Kubelet;
using Reco.LocalCluster.Security;
using Reco.LocalCluster.Storage;
using YamlDotNet.Core;

namespace Reco.LocalCluster.Api;

/// <summary>The Kubernetes REST API on HTTP.</summary>
internal sealed class ApiRoutes(ObjectStore store, ObjectApi objects, WatchApi watches, Subresources subresources, Tokens tokens, Authorizer authorizer, PodLogs logs, Func<bool, ShutdownAnswer> shutdown, Action<string> log)
{
    private readonly Discovery discovery = new(store.Kinds);

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
            await WriteAsync(context, error.StatusCode, new ApiException(error.StatusCode, error.StatusCode == 413 ? "RequestEntityTooLarge" : "BadRequest", error.Message).ToStatus()).ConfigureAwait(false);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone.
        }
        catch (Exception error)
        {
            // One request's trouble is not the cluster's.
            log($"{context.Request.Method} {context.Request.Path}: {error}");
            await WriteAsync(context, 500, new ApiException(500, "InternalError", $"an error in the local cluster: {error.Message}").ToStatus()).ConfigureAwait(false);
        }
    }

    private async Task RouteAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.Trim('/').Split('/');
        if (path is ["healthz" or "livez" or "readyz", ..])
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
            case ["openapi", "v3", ..]:
                await WriteAsync(context, 200, OpenApi.Answer(store.Kinds, path[2..])).ConfigureAwait(false);
                return;
            case ["api"] or ["apis"] or ["api", "v1"] or ["apis", _] or ["apis", _, _]:
                await WriteAsync(context, 200, discovery.Answer(path)).ConfigureAwait(false);
                return;
            case ["apis", "authorization.k8s.io", "v1", "selfsubjectaccessreviews"] when context.Request.Method == "POST":
                await WriteAsync(context, 201, authorizer.Review(caller, await BodyAsync(context).ConfigureAwait(false))).ConfigureAwait(false);
                return;
            case ["reco", "v1", "shutdown"] when context.Request.Method == "POST":
                var answer = caller.IsAdmin ? shutdown(context.Request.Query["ifEmpty"] == "true") : throw ApiException.Forbidden("only the administrator stops the cluster");
                await WriteAsync(context, 200, new JsonObject { ["stopping"] = answer.Stopping, ["emptying"] = answer.Emptying }).ConfigureAwait(false);
                return;
        }

        var target = ResourcePath.Parse(store.Kinds, path) ?? throw ApiException.UnknownPath();
        await ServeAsync(context, caller, target).ConfigureAwait(false);
    }

    private Caller Authenticate(HttpContext context)
    {
        const string Scheme = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.Ordinal) && tokens.Verify(header[Scheme.Length..].Trim()) is { } caller
            && (caller.ServiceAccount is not { } account || store.Get(new ObjectKey(ResourceKinds.ServiceAccount, account.Space, account.Name)) is not null)
            ? caller
            : throw new ApiException(401, "Unauthorized", "Unauthorized");
    }

    private async Task ServeAsync(HttpContext context, Caller caller, ResourcePath target)
    {
        var (request, query) = (context.Request, context.Request.Query);
        var watch = query["watch"] is var asked && (asked == "true" || asked == "1");
        var verb = (request.Method, target.Name.Length > 0) switch
        {
            ("GET" or "HEAD", true) => watch ? "watch" : "get",
            ("GET" or "HEAD", false) => watch ? "watch" : "list",
            ("POST", false) => "create",
            ("POST", true) when target.Subresource.Length > 0 => "create",
            ("PUT", true) => "update",
            ("PATCH", true) => "patch",
            ("DELETE", true) when target.Subresource.Length == 0 => "delete",
            ("DELETE", false) => "deletecollection",
            _ => throw new ApiException(405, "MethodNotAllowed", "the server does not allow this method on the requested resource"),
        };
        if (!authorizer.Allows(caller, new Access(verb, target.Kind, target.Space, target.Name, target.Subresource)))
        {
            var resource = target.Subresource.Length > 0 ? $"{target.Kind.Plural}/{target.Subresource}" : target.Kind.Plural;
            throw ApiException.Forbidden($"{target.Kind.FullName}{(target.Name.Length > 0 ? $" \"{target.Name}\"" : "")} is forbidden: User \"{caller.Name}\" cannot {verb} resource \"{resource}\" in API group \"{target.Kind.Group}\" "
                + (target.Space.Length > 0 ? $"in the namespace \"{target.Space}\"" : "at the cluster scope"));
        }

        if (target.Subresource is not ("" or "status"))
        {
            await ServeSubresourceAsync(context, target, verb).ConfigureAwait(false);
            return;
        }

        if (target.Subresource == "status" && (!target.Served.Subresources.Contains("status") || verb is not ("get" or "update" or "patch")))
        {
            throw ApiException.UnknownPath();
        }

        switch (verb)
        {
            case "get":
                await WriteAsync(context, 200, WatchApi.View(target, objects.Require(target))).ConfigureAwait(false);
                break;
            case "list":
                await WriteAsync(context, 200, watches.List(target, query)).ConfigureAwait(false);
                break;
            case "watch":
                await watches.WatchAsync(context, target).ConfigureAwait(false);
                break;
            case "create":
                var fresh = await BodyAsync(context).ConfigureAwait(false);
                authorizer.RefuseEscalation(caller, target, fresh);
                await WriteAsync(context, 201, WatchApi.View(target, objects.Create(target, fresh, OptionsOf(context)))).ConfigureAwait(false);
                break;
            case "update":
                var replacement = await BodyAsync(context).ConfigureAwait(false);
                authorizer.RefuseEscalation(caller, target, replacement);
                await WriteAsync(context, 200, WatchApi.View(target, objects.Replace(target, replacement, OptionsOf(context)))).ConfigureAwait(false);
                break;
            case "patch":
                await PatchAsync(context, caller, target).ConfigureAwait(false);
                break;
            case "delete":
                var dryRun = query["dryRun"] == "All";
                var before = objects.Require(target);
                var left = objects.Delete(target, await DeleteOptionsAsync(context).ConfigureAwait(false), dryRun);
                await WriteAsync(context, 200, left is not null ? WatchApi.View(target, left) : Deleted(target, before)).ConfigureAwait(false);
                break;
            default:
                var options = await DeleteOptionsAsync(context).ConfigureAwait(false);
                foreach (var value in watches.Select(target, query))
                {
                    objects.Delete(target with { Space = target.Kind.Namespaced ? value.Space() : "", Name = value.Name() }, options, query["dryRun"] == "All");
                }

                await WriteAsync(context, 200, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Success" }).ConfigureAwait(false);
                break;
        }
    }

    private async Task ServeSubresourceAsync(HttpContext context, ResourcePath target, string verb)
    {
        if (!target.Served.Subresources.Contains(target.Subresource))
        {
            throw target.Subresource is "exec" or "attach" or "portforward" or "proxy"
                ? new ApiException(501, "NotImplemented", $"the local cluster has no {target.Subresource}: its containers are processes of this machine, and their ports are loopback ports")
                : ApiException.UnknownPath();
        }

        switch (target.Subresource, verb)
        {
            case ("log", "get"):
                await logs.ServeAsync(context, target.Key).ConfigureAwait(false);
                break;
            case ("scale", "get"):
                await WriteAsync(context, 200, Subresources.ScaleOf(target, objects.Require(target))).ConfigureAwait(false);
                break;
            case ("scale", "update"):
                await WriteAsync(context, 200, subresources.SetScale(target, await BodyAsync(context).ConfigureAwait(false), OptionsOf(context))).ConfigureAwait(false);
                break;
            case ("scale", "patch"):
                var patch = await ParseAsync(context).ConfigureAwait(false) ?? throw ApiException.BadRequest("the patch is empty");
                var scale = ObjectApi.Patched(target, Subresources.ScaleOf(target, objects.Require(target)), patch, FormatOf(context));
                await WriteAsync(context, 200, subresources.SetScale(target, scale, OptionsOf(context))).ConfigureAwait(false);
                break;
            case ("eviction", "create"):
                objects.Delete(target, (await BodyAsync(context).ConfigureAwait(false))["deleteOptions"] as JsonObject, context.Request.Query["dryRun"] == "All");
                await WriteAsync(context, 201, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Success" }).ConfigureAwait(false);
                break;
            case ("token", "create"):
                objects.Require(target);
                await WriteAsync(context, 201, subresources.Token(target, await BodyAsync(context).ConfigureAwait(false))).ConfigureAwait(false);
                break;
            default:
                throw new ApiException(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }
    }

    private async Task PatchAsync(HttpContext context, Caller caller, ResourcePath target)
    {
        var format = FormatOf(context);
        var body = await ParseAsync(context).ConfigureAwait(false) ?? throw ApiException.BadRequest("the patch is empty");
        if (format == "application/apply-patch+yaml")
        {
            var existed = store.Get(target.Key) is not null;
            var value = body as JsonObject ?? throw ApiException.BadRequest("an apply patch is an object");
            authorizer.RefuseEscalation(caller, target, value);
            await WriteAsync(context, existed ? 200 : 201, WatchApi.View(target, objects.Merge(target, value, OptionsOf(context)))).ConfigureAwait(false);
            return;
        }

        if (!caller.IsAdmin && Authorizer.Grants(target.Kind))
        {
            authorizer.RefuseEscalation(caller, target, ObjectApi.Patched(target, objects.Require(target), body, format));
        }

        await WriteAsync(context, 200, WatchApi.View(target, objects.Patch(target, body, format, OptionsOf(context)))).ConfigureAwait(false);
    }

    private static JsonObject Deleted(ResourcePath target, JsonObject before) => target.Kind.Kind is "Pod" or "Service" or "ServiceAccount" or "PersistentVolumeClaim" or "PersistentVolume" or "ResourceQuota" or "StorageClass"
        ? WatchApi.View(target, before)
        : new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = new JsonObject { ["name"] = target.Name, ["group"] = target.Kind.Group, ["kind"] = target.Kind.Plural, ["uid"] = before.Uid() },
        };

    private static WriteOptions OptionsOf(HttpContext context)
    {
        var query = context.Request.Query;
        var agent = context.Request.Headers.UserAgent.ToString();
        var format = FormatOf(context);
        return new WriteOptions
        {
            Manager = query["fieldManager"].ToString() is { Length: > 0 } named ? named
                : format == "application/apply-patch+yaml" ? ""
                : agent.Split('/', ' ')[0] is { Length: > 0 } program ? program : "unknown",
            DryRun = query["dryRun"].ToString() switch { "" => false, "All" => true, var other => throw ApiException.BadRequest($"dryRun: Unsupported value: \"{other}\": supported values: \"All\"") },
            Force = query["force"] == "true",
            Unknown = query["fieldValidation"].ToString() switch { "Strict" => FieldValidation.Strict, "Ignore" => FieldValidation.Ignore, _ => FieldValidation.Warn },
            Warn = text => Warn(context, text),
        };
    }

    private static void Warn(HttpContext context, string text)
    {
        // Header values are ASCII without control characters.
        var safe = new string([.. text.Select(letter => letter is >= ' ' and < '\u007f' ? letter : '?')]);
        context.Response.Headers.Append("Warning", $"299 - \"{safe.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
    }

    private static string FormatOf(HttpContext context) => context.Request.ContentType?.Split(';')[0].Trim() ?? "";

    private static async Task<JsonObject> DeleteOptionsAsync(HttpContext context)
    {
        var options = await ParseAsync(context).ConfigureAwait(false) as JsonObject ?? [];
        var query = context.Request.Query;
        if (query["propagationPolicy"].ToString() is { Length: > 0 } policy)
        {
            options["propagationPolicy"] ??= policy;
        }

        if (long.TryParse(query["gracePeriodSeconds"], System.Globalization.CultureInfo.InvariantCulture, out var grace))
        {
            options["gracePeriodSeconds"] ??= grace;
        }

        return options;
    }

    private static async Task<JsonObject> BodyAsync(HttpContext context) =>
        await ParseAsync(context).ConfigureAwait(false) as JsonObject ?? throw ApiException.BadRequest("the body must be an object");

    private static async Task<JsonNode?> ParseAsync(HttpContext context)
    {
        if (FormatOf(context).EndsWith("protobuf", StringComparison.Ordinal))
        {
            throw new ApiException(415, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml");
        }

        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync(context.RequestAborted).ConfigureAwait(false);
        if (text.AsSpan().Trim().Length == 0)
        {
            return null;
        }

        return text.AsSpan().TrimStart()[0] is '{' or '[' ? Normal(JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false })) : Yaml.ToJson(text);
    }

    /// <summary>Nodes that read from text compare slowly and by spelling; those made of values compare as numbers.</summary>
    private static JsonNode? Normal(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Normal(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Normal)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => value.TryGetValue<long>(out var whole) ? JsonValue.Create(whole)
            : value.GetValue<double>() is var real && Math.Floor(real) == real && Math.Abs(real) < 1L << 53 ? JsonValue.Create((long)real) : JsonValue.Create(real),
        _ => node?.DeepClone(),
    };

    private static async Task WriteAsync(HttpContext context, int status, JsonObject body)
    {
        if (context.Response.HasStarted)
        {
            // A watch or a log that broke off: the end of the connection says so.
            context.Abort();
            return;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted).ConfigureAwait(false);
    }
}
