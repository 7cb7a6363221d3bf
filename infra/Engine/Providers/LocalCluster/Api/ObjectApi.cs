using System.Text.Json.Nodes;
using Reco.LocalCluster.Admission;
using Reco.LocalCluster.Controllers;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>How a write is to be done.</summary>
internal sealed record WriteOptions
{
    /// <summary>Who writes.</summary>
    public required string Manager { get; init; }

    /// <summary>Only answer what the result would be.</summary>
    public bool DryRun { get; init; }

    /// <summary>Apply: take over fields of others.</summary>
    public bool Force { get; init; }

    /// <summary>What becomes of unknown fields.</summary>
    public FieldValidation Unknown { get; init; } = FieldValidation.Warn;

    /// <summary>Takes warnings for the client.</summary>
    public Action<string> Warn { get; init; } = static _ => { };
}

/// <summary>The verbs on objects.</summary>
internal sealed class ObjectApi(ObjectStore store, AdmissionChain admission, TimeProvider time)
{
    private const string Apply = "Apply";
    private const string Update = "Update";

    /// <summary>Creates an object.</summary>
    public JsonObject Create(ResourcePath at, JsonObject value, WriteOptions options)
    {
        Identify(at, value);
        if (value.Text("metadata", "resourceVersion") is { Length: > 0 })
        {
            throw ApiException.BadRequest("resourceVersion should not be set on objects to be created");
        }

        value.Remove("status");
        admission.Create(at.Served, value, options.Unknown, options.Warn);
        ManagedFields.Read(null, Rules(at)).Update(null, value, new Manager(options.Manager, Update, ""), Now);
        return options.DryRun ? Planned(at, value) : store.Create(at.Kind, value);
    }

    /// <summary>Replaces an object.</summary>
    public JsonObject Replace(ResourcePath at, JsonObject value, WriteOptions options)
    {
        Identify(at, value);
        RequireVersion(at, Require(at), value.Text("metadata", "resourceVersion"));
        return Change(at, _ => value.Copy(), options, Update);
    }

    /// <summary>Changes an object by a merge, strategic merge or JSON patch.</summary>
    public JsonObject Patch(ResourcePath at, JsonNode patch, string format, WriteOptions options)
    {
        if (patch is JsonObject changes)
        {
            RequireVersion(at, Require(at), changes.Text("metadata", "resourceVersion"));
        }

        return Change(at, old => Patched(at, old, patch, format), options, Update);
    }

    /// <summary>What a patch makes of a value.</summary>
    public static JsonObject Patched(ResourcePath at, JsonObject old, JsonNode patch, string format) => format switch
    {
        "application/merge-patch+json" => Patches.Merge(old, patch) as JsonObject ?? throw ApiException.BadRequest("a merge patch is an object"),
        "application/strategic-merge-patch+json" when !at.Served.IsCustom => Patches.StrategicMerge(old, patch as JsonObject ?? throw ApiException.BadRequest("a strategic merge patch is an object"), Rules(at)) as JsonObject ?? [],
        "application/json-patch+json" => JsonPatch.Apply(old, patch as JsonArray ?? throw ApiException.BadRequest("a JSON patch is a list of operations")),
        _ => throw new ApiException(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, {(at.Served.IsCustom ? "" : "application/strategic-merge-patch+json, ")}application/apply-patch+yaml"),
    };

    /// <summary>Server-side apply.</summary>
    public JsonObject Merge(ResourcePath at, JsonObject applied, WriteOptions options)
    {
        if (options.Manager.Length == 0)
        {
            throw ApiException.BadRequest("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        }

        if (applied.At("metadata", "managedFields") is JsonArray { Count: > 0 })
        {
            throw ApiException.BadRequest("metadata.managedFields must be nil");
        }

        Identify(at, applied);
        applied["apiVersion"] = at.Served.ApiVersion;
        applied["kind"] = at.Kind.Kind;
        var intent = Intent(at, applied, options);
        JsonObject Result(JsonObject? live) =>
            ManagedFields.Read(live, Rules(at)).Apply(live, intent, new Manager(options.Manager, Apply, at.Subresource), options.Force, Now);

        var old = store.Get(at.Key);
        RequireVersion(at, old, applied.Text("metadata", "resourceVersion"));
        if (old is not null)
        {
            return Change(at, Result, options, Apply);
        }

        if (at.Subresource.Length > 0)
        {
            throw ApiException.NotFound(at.Kind, at.Name);
        }

        var fresh = Result(null);
        admission.Create(at.Served, fresh, FieldValidation.Ignore, options.Warn);
        return options.DryRun ? Planned(at, fresh) : store.Create(at.Kind, fresh);
    }

    /// <summary>Deletes an object.</summary>
    /// <returns>It as it is on its way out; null where it is gone.</returns>
    public JsonObject? Delete(ResourcePath at, JsonObject? options, bool dryRun)
    {
        var value = Require(at);
        if (options.Text("preconditions", "uid") is { } uid && uid != value.Uid())
        {
            throw ApiException.Conflict(at.Kind, at.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {value.Uid()}");
        }

        if (options.Text("preconditions", "resourceVersion") is { } version)
        {
            RequireVersion(at, value, version);
        }

        if (dryRun)
        {
            return value;
        }

        switch (options.Text("propagationPolicy") ?? (options.Flag("orphanDependents") ? "Orphan" : ""))
        {
            case "Orphan":
                store.Update(at.Key, owner => Finalizers.Add(owner, GarbageCollector.Orphan));
                store.Delete(at.Key, options.Number("gracePeriodSeconds"));
                GarbageCollector.Release(store, at.Key, value);
                return store.Get(at.Key);
            case "Foreground" when at.Kind != ResourceKinds.Pod && at.Kind != ResourceKinds.Namespace && !value.IsDeleting():
                store.Update(at.Key, owner => Finalizers.Add(owner, GarbageCollector.Foreground));
                break;
            case "Background" or "" or "Foreground":
                break;
            case var other:
                throw ApiException.BadRequest($"propagationPolicy: Unsupported value: \"{other}\": supported values: \"Foreground\", \"Background\", \"Orphan\"");
        }

        store.Delete(at.Key, options.Number("gracePeriodSeconds"));
        return store.Get(at.Key);
    }

    /// <summary>An object that must be there.</summary>
    /// <exception cref="ApiException">It is not.</exception>
    public JsonObject Require(ResourcePath at) => store.Get(at.Key) ?? throw ApiException.NotFound(at.Kind, at.Name);

    /// <summary>How lists and maps of a kind merge.</summary>
    public static MergeRules Rules(ResourcePath at) => new(at.Kind.Kind, at.Served.IsCustom);

    private string Now => time.GetUtcNow().Stamp();

    private static void RequireVersion(ResourcePath at, JsonObject? old, string? version)
    {
        if (version is { Length: > 0 } && version != old.Text("metadata", "resourceVersion"))
        {
            throw ApiException.Conflict(at.Kind, at.Name, "the object has been modified; please apply your changes to the latest version and try again");
        }
    }

    private static JsonObject Intent(ResourcePath at, JsonObject applied, WriteOptions options)
    {
        var intent = applied.Copy();
        if (at.Subresource == "status")
        {
            return new JsonObject { ["apiVersion"] = at.Served.ApiVersion, ["kind"] = at.Kind.Kind, ["metadata"] = new JsonObject { ["name"] = at.Name, ["namespace"] = intent.Text("metadata", "namespace") }, ["status"] = intent["status"]?.DeepClone() };
        }

        intent.Remove("status");
        foreach (var field in (string[])["managedFields", "resourceVersion", "uid", "creationTimestamp", "generation"])
        {
            (intent["metadata"] as JsonObject)?.Remove(field);
        }

        DropNulls(intent);
        Structure.DropUnknown(at.Served, intent, options.Unknown, options.Warn);
        if (at.Kind == ResourceKinds.Secret)
        {
            Defaults.Encode(intent);
        }

        return intent;
    }

    private static void DropNulls(JsonNode? node)
    {
        foreach (var (name, member) in node is JsonObject members ? members.ToArray() : [])
        {
            if (member is null)
            {
                node!.AsObject().Remove(name);
            }
            else
            {
                DropNulls(member);
            }
        }

        foreach (var item in node is JsonArray items ? items.ToArray() : [])
        {
            DropNulls(item);
        }
    }

    private JsonObject Change(ResourcePath at, Func<JsonObject, JsonObject> change, WriteOptions options, string operation)
    {
        JsonObject Changed(JsonObject old)
        {
            var result = change(old);
            result["apiVersion"] = at.Kind.ApiVersion;
            result["kind"] = at.Kind.Kind;
            if (at.Subresource == "status")
            {
                var kept = old.Copy();
                kept["status"] = result["status"]?.DeepClone();
                kept.Member("metadata")["managedFields"] = result.At("metadata", "managedFields")?.DeepClone();
                result = kept;
            }
            else
            {
                SetOrRemove(result, "status", old["status"]);
                admission.Update(at.Served, old, result, operation == Apply ? FieldValidation.Ignore : options.Unknown, options.Warn);
            }

            Own(at, old, result, options, operation);
            result.Member("metadata")["resourceVersion"] = old.Text("metadata", "resourceVersion");
            return result;
        }

        var current = Require(at);
        if (options.DryRun)
        {
            return Changed(current);
        }

        var updated = store.Update(at.Key, value =>
        {
            var result = Changed(value);
            foreach (var name in value.Select(entry => entry.Key).ToArray())
            {
                value.Remove(name);
            }

            foreach (var (name, member) in result)
            {
                value[name] = member?.DeepClone();
            }
        }) ?? throw ApiException.NotFound(at.Kind, at.Name);

        // The last finalizer of a deleted object is gone: so is the object.
        if (updated.IsDeleting() && !Finalizers.Any(updated) && at.Kind != ResourceKinds.Pod && at.Kind != ResourceKinds.Namespace)
        {
            store.Remove(at.Key);
        }

        return updated;
    }

    private void Own(ResourcePath at, JsonObject old, JsonObject result, WriteOptions options, string operation)
    {
        // Apply has set the owners itself, and a client may set them itself, to hand fields over.
        var (before, given) = (old.At("metadata", "managedFields"), result.At("metadata", "managedFields"));
        if (operation == Apply)
        {
            return;
        }

        if (given is not null && !JsonNode.DeepEquals(before, given))
        {
            if (given is JsonArray { Count: 0 } or JsonArray { Count: 1 } && given.AsArray().All(entry => entry is JsonObject { Count: 0 }))
            {
                result.Member("metadata").Remove("managedFields");
            }

            return;
        }

        SetOrRemove(result.Member("metadata"), "managedFields", before);
        ManagedFields.Read(old, Rules(at)).Update(old, result, new Manager(options.Manager, operation, at.Subresource), Now);
    }

    private static void SetOrRemove(JsonObject value, string name, JsonNode? member)
    {
        if (member is null)
        {
            value.Remove(name);
        }
        else
        {
            value[name] = member.DeepClone();
        }
    }

    private JsonObject Planned(ResourcePath at, JsonObject value)
    {
        if (store.Get(at.Key with { Name = value.Name() }) is not null)
        {
            throw ApiException.AlreadyExists(at.Kind, value.Name());
        }

        var planned = value.Copy();
        planned["apiVersion"] = at.Kind.ApiVersion;
        planned["kind"] = at.Kind.Kind;
        planned.Member("metadata")["uid"] = Guid.NewGuid().ToString();
        planned.Member("metadata")["creationTimestamp"] = Now;
        return planned;
    }

    private static void Identify(ResourcePath at, JsonObject value)
    {
        if (value.Text("kind") is { } named && named != at.Kind.Kind)
        {
            throw ApiException.BadRequest($"the object is a {named}, but the URL is that of a {at.Kind.Kind}");
        }

        if (value.Text("apiVersion") is { } version && version != at.Served.ApiVersion)
        {
            throw ApiException.BadRequest($"the API version in the data ({version}) does not match the expected API version ({at.Served.ApiVersion})");
        }

        if (value["metadata"] is not (null or JsonObject))
        {
            throw ApiException.BadRequest("metadata must be an object");
        }

        var metadata = value.Member("metadata");
        if (at.Kind.Namespaced)
        {
            if (metadata.Text("namespace") is { Length: > 0 } other && other != at.Space)
            {
                throw ApiException.BadRequest($"the namespace of the provided object does not match the namespace sent on the request ({other}, {at.Space})");
            }

            metadata["namespace"] = at.Space;
        }
        else
        {
            metadata.Remove("namespace");
        }

        if (at.Name.Length > 0)
        {
            if (metadata.Text("name") is { Length: > 0 } other && other != at.Name)
            {
                throw ApiException.BadRequest($"the name of the object ({other}) does not match the name on the URL ({at.Name})");
            }

            metadata["name"] = at.Name;
        }
    }
}
