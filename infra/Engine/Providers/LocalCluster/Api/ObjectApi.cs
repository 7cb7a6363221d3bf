using System.Text.Json.Nodes;
using Reco.LocalCluster.Controllers;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>The verbs on objects, as the HTTP routes and nobody else call them.</summary>
internal sealed class ObjectApi(ObjectStore store, TimeProvider time)
{
    /// <summary>Creates an object.</summary>
    public JsonObject Create(ResourceKind kind, string space, JsonObject value, bool dryRun)
    {
        Identify(kind, space, "", value);
        Admission.Create(kind, value, store);
        return dryRun ? Planned(kind, value) : store.Create(kind, value);
    }

    /// <summary>Replaces an object.</summary>
    public JsonObject Replace(ObjectKey key, string subresource, JsonObject value, bool dryRun)
    {
        var old = store.Get(key) ?? throw ApiException.NotFound(key.Kind, key.Name);
        Identify(key.Kind, key.Space, key.Name, value);
        if (value.Text("metadata", "resourceVersion") is { } version && version != old.Text("metadata", "resourceVersion"))
        {
            throw ApiException.Conflict(key.Kind, key.Name, "the object has been modified; please apply your changes to the latest version and try again");
        }

        return Change(key, subresource, _ => value.Copy(), dryRun);
    }

    /// <summary>Changes an object by a merge, strategic merge or JSON patch.</summary>
    public JsonObject Patch(ObjectKey key, string subresource, JsonNode patch, string format, bool dryRun)
    {
        return Change(key, subresource, old => format switch
        {
            "application/merge-patch+json" => (JsonObject)Patches.Merge(old, patch)!,
            "application/strategic-merge-patch+json" => (JsonObject)Patches.StrategicMerge(old, patch)!,
            "application/json-patch+json" => JsonPatch.Apply(old, patch as JsonArray ?? throw ApiException.BadRequest("a JSON patch is a list of operations")),
            _ => throw new ApiException(415, "UnsupportedMediaType", $"the patch format {format} is not supported"),
        }, dryRun);
    }

    /// <summary>Server-side apply.</summary>
    public JsonObject Apply(ObjectKey key, string manager, JsonObject applied, bool force, bool dryRun)
    {
        if (manager.Length == 0)
        {
            throw ApiException.BadRequest("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        }

        Identify(key.Kind, key.Space, key.Name, applied);
        var intent = applied.Copy();
        intent.Member("metadata").Remove("managedFields");
        intent.Remove("status");
        if (key.Kind == ResourceKinds.Secret)
        {
            intent = WithEncodedStrings(intent);
        }

        var old = store.Get(key);
        var managers = ManagedFields.Read(old);
        if (!force)
        {
            ManagedFields.RefuseConflicts(key, old, managers, manager, intent);
        }

        var others = managers.Where(entry => entry.Key != manager).Select(entry => entry.Value).ToArray();
        JsonObject Merge(JsonObject? live)
        {
            var result = Patches.Apply(live, managers.GetValueOrDefault(manager), intent, others);
            ManagedFields.Write(result, managers, manager, intent, key.Kind.ApiVersion, time);
            return result;
        }

        if (old is null)
        {
            var fresh = Merge(null);
            Admission.Create(key.Kind, fresh, store);
            return dryRun ? Planned(key.Kind, fresh) : store.Create(key.Kind, fresh);
        }

        return Change(key, "", Merge, dryRun);
    }

    /// <summary>Deletes an object.</summary>
    public JsonObject Delete(ObjectKey key, JsonObject? options, bool dryRun)
    {
        var value = store.Get(key) ?? throw ApiException.NotFound(key.Kind, key.Name);
        if (options.Text("preconditions", "uid") is { } uid && uid != value.Uid())
        {
            throw ApiException.Conflict(key.Kind, key.Name, "the UID in the precondition does not match");
        }

        if (!dryRun)
        {
            if (options.Text("propagationPolicy") == "Orphan")
            {
                Orphan(value);
            }

            if (options.Text("propagationPolicy") == "Foreground" && key.Kind != ResourceKinds.Pod && key.Kind != ResourceKinds.Namespace && !value.IsDeleting())
            {
                store.Update(key, owner => AddFinalizer(owner, GarbageCollector.Foreground));
            }

            store.Delete(key, options.Number("gracePeriodSeconds"));
        }

        return value;
    }

    private JsonObject Change(ObjectKey key, string subresource, Func<JsonObject, JsonObject> change, bool dryRun)
    {
        JsonObject Changed(JsonObject old)
        {
            var result = change(old);
            if (subresource == "status")
            {
                var kept = old.Copy();
                kept["status"] = result["status"]?.DeepClone();
                return kept;
            }

            result["apiVersion"] = key.Kind.ApiVersion;
            result["kind"] = key.Kind.Kind;
            if (old["status"] is { } status)
            {
                result["status"] = status.DeepClone();
            }

            Admission.Update(key.Kind, old, result);
            result.Member("metadata")["resourceVersion"] = old.Text("metadata", "resourceVersion");
            return result;
        }

        var current = store.Get(key) ?? throw ApiException.NotFound(key.Kind, key.Name);
        if (dryRun)
        {
            return Changed(current);
        }

        var updated = store.Update(key, value =>
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
        }) ?? throw ApiException.NotFound(key.Kind, key.Name);

        // The last finalizer of a deleted object is gone: so is the object.
        if (updated.IsDeleting() && updated.At("metadata", "finalizers") is not JsonArray { Count: > 0 } && key.Kind != ResourceKinds.Pod && key.Kind != ResourceKinds.Namespace)
        {
            store.Remove(key);
        }

        return updated;
    }

    private static void AddFinalizer(JsonObject value, string finalizer)
    {
        var metadata = value.Member("metadata");
        if (metadata["finalizers"] is not JsonArray finalizers)
        {
            metadata["finalizers"] = finalizers = [];
        }

        finalizers.Add(finalizer);
    }

    private void Orphan(JsonObject owner)
    {
        foreach (var (key, value) in store.Everything().Where(entry => entry.Value.Items("metadata", "ownerReferences").Any(reference => reference.Text("uid") == owner.Uid())))
        {
            store.Update(key, child => child.Member("metadata").Remove("ownerReferences"));
        }
    }

    private JsonObject Planned(ResourceKind kind, JsonObject value)
    {
        var planned = value.Copy();
        planned["apiVersion"] = kind.ApiVersion;
        planned["kind"] = kind.Kind;
        planned.Member("metadata")["uid"] = Guid.NewGuid().ToString();
        planned.Member("metadata")["creationTimestamp"] = time.GetUtcNow().Stamp();
        return planned;
    }

    private static JsonObject WithEncodedStrings(JsonObject secret)
    {
        if (secret["stringData"] is JsonObject text)
        {
            var data = secret.Member("data");
            foreach (var (name, entry) in text)
            {
                data[name] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(entry.Text() ?? ""));
            }

            secret.Remove("stringData");
        }

        return secret;
    }

    private static void Identify(ResourceKind kind, string space, string name, JsonObject value)
    {
        if (value.Text("kind") is { } named && named != kind.Kind)
        {
            throw ApiException.BadRequest($"the object is a {named}, but the URL is that of a {kind.Kind}");
        }

        var metadata = value.Member("metadata");
        if (kind.Namespaced)
        {
            if (metadata.Text("namespace") is { } other && other != space)
            {
                throw ApiException.BadRequest($"the namespace of the object ({other}) does not match the namespace of the URL ({space})");
            }

            metadata["namespace"] = space;
        }

        if (name.Length > 0)
        {
            if (metadata.Text("name") is { } other && other != name)
            {
                throw ApiException.BadRequest($"the name of the object ({other}) does not match the name of the URL ({name})");
            }

            metadata["name"] = name;
        }
    }
}
