using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Reco.LocalCluster.Storage;

/// <summary>Identity of an object.</summary>
internal readonly record struct ObjectKey(ResourceKind Kind, string Space, string Name);

/// <summary>A change of an object.</summary>
/// <param name="Type">ADDED, MODIFIED or DELETED, as watches name it.</param>
/// <param name="Key">Which object.</param>
/// <param name="Value">The object after the change, or as it last was. Not to be modified.</param>
/// <param name="Version">Resource version of the change.</param>
internal sealed record ObjectChange(string Type, ObjectKey Key, JsonObject Value, long Version);

/// <summary>Every object of the cluster, in memory and on disk. One writer at a time; objects that were handed out are never
/// changed in place. Each write is an atomic rename, so a crash leaves the object as it was or as it became.</summary>
internal sealed class ObjectStore
{
    private const int KeptChanges = 2_000;
    private readonly Lock gate = new();
    private readonly Dictionary<ObjectKey, JsonObject> objects = [];
    private readonly List<Channel<ObjectChange>> watchers = [];
    private readonly LinkedList<ObjectChange> recent = new();
    private readonly string folder;
    private readonly TimeProvider time;
    private long version;

    /// <summary>Loads what is on disk.</summary>
    public ObjectStore(string folder, TimeProvider time)
    {
        this.folder = folder;
        this.time = time;
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var kind in ResourceKinds.All)
        {
            var place = FolderOf(kind);
            foreach (var file in Directory.Exists(place) ? Directory.EnumerateFiles(place, "*.json") : [])
            {
                var value = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
                objects[new ObjectKey(kind, value.Space(), value.Name())] = value;
                version = Math.Max(version, long.Parse(value.Text("metadata", "resourceVersion") ?? "0", System.Globalization.CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Version of the latest change.</summary>
    public long Version
    {
        get
        {
            lock (gate)
            {
                return version;
            }
        }
    }

    /// <summary>An object, or null. Not to be modified.</summary>
    public JsonObject? Get(ObjectKey key)
    {
        lock (gate)
        {
            return objects.GetValueOrDefault(key);
        }
    }

    /// <summary>Objects of a kind, in one namespace or in all. Not to be modified.</summary>
    public IReadOnlyList<JsonObject> List(ResourceKind kind, string? space = null)
    {
        lock (gate)
        {
            return [.. objects.Where(entry => entry.Key.Kind == kind && (space is null || entry.Key.Space == space)).Select(entry => entry.Value)
                .OrderBy(value => value.Space(), StringComparer.Ordinal).ThenBy(value => value.Name(), StringComparer.Ordinal)];
        }
    }

    /// <summary>Every object.</summary>
    public IReadOnlyList<(ObjectKey Key, JsonObject Value)> Everything()
    {
        lock (gate)
        {
            return [.. objects.Select(entry => (entry.Key, entry.Value))];
        }
    }

    /// <summary>Adds an object with fresh metadata.</summary>
    /// <exception cref="ApiException">One of that name is there.</exception>
    public JsonObject Create(ResourceKind kind, JsonObject value)
    {
        lock (gate)
        {
            var key = new ObjectKey(kind, kind.Namespaced ? value.Space() : "", value.Name());
            if (objects.ContainsKey(key))
            {
                throw ApiException.AlreadyExists(kind, key.Name);
            }

            var stored = value.Copy();
            stored["apiVersion"] = kind.ApiVersion;
            stored["kind"] = kind.Kind;
            var metadata = stored.Member("metadata");
            metadata["uid"] = Guid.NewGuid().ToString();
            metadata["creationTimestamp"] = time.GetUtcNow().Stamp();
            metadata["generation"] = 1;
            return Commit("ADDED", key, stored);
        }
    }

    /// <summary>Replaces an object by what <paramref name="change"/> makes of a copy of it; nothing is written where that
    /// changes nothing. A changed spec is a new generation.</summary>
    /// <returns>The object after the change; null where there is none.</returns>
    public JsonObject? Update(ObjectKey key, Action<JsonObject> change)
    {
        lock (gate)
        {
            if (objects.GetValueOrDefault(key) is not { } old)
            {
                return null;
            }

            var updated = old.Copy();
            change(updated);
            if (JsonNode.DeepEquals(old, updated))
            {
                return old;
            }

            if (!JsonNode.DeepEquals(old["spec"], updated["spec"]))
            {
                updated.Member("metadata")["generation"] = (old.Number("metadata", "generation") ?? 0) + 1;
            }

            return Commit("MODIFIED", key, updated);
        }
    }

    /// <summary>Changes the status of an object.</summary>
    public JsonObject? UpdateStatus(ObjectKey key, Action<JsonObject> change) => Update(key, value => change(value.Member("status")));

    /// <summary>Asks for an object's deletion: it goes at once, or is marked where finalizers hold it or, a pod, where its
    /// processes must end first.</summary>
    public void Delete(ObjectKey key, long? graceSeconds = null)
    {
        lock (gate)
        {
            if (objects.GetValueOrDefault(key) is not { } value)
            {
                return;
            }

            var held = value.At("metadata", "finalizers") is JsonArray { Count: > 0 };
            if (!held && key.Kind != ResourceKinds.Pod && key.Kind != ResourceKinds.Namespace)
            {
                Remove(key);
                return;
            }

            if (!value.IsDeleting())
            {
                Update(key, marked =>
                {
                    marked.Member("metadata")["deletionTimestamp"] = time.GetUtcNow().Stamp();
                    marked.Member("metadata")["deletionGracePeriodSeconds"] = graceSeconds ?? value.Number("spec", "terminationGracePeriodSeconds") ?? 30;
                });
            }
        }
    }

    /// <summary>Removes an object for good.</summary>
    public void Remove(ObjectKey key)
    {
        lock (gate)
        {
            if (objects.Remove(key, out var value))
            {
                File.Delete(FileOf(key));
                Publish(new ObjectChange("DELETED", key, value, ++version));
            }
        }
    }

    /// <summary>Changes from now on, or from a version on where those are still known.</summary>
    /// <exception cref="ApiException">The version is too old: 410, and the client lists again.</exception>
    public (ChannelReader<ObjectChange> Changes, Action Stop) Watch(long? since = null)
    {
        var channel = Channel.CreateUnbounded<ObjectChange>(new UnboundedChannelOptions { SingleReader = true });
        lock (gate)
        {
            if (since is { } start && start < version)
            {
                if (recent.First is null || recent.First.Value.Version > start + 1)
                {
                    throw ApiException.Gone(start);
                }

                foreach (var change in recent.Where(change => change.Version > start))
                {
                    channel.Writer.TryWrite(change);
                }
            }

            watchers.Add(channel);
        }

        return (channel.Reader, () =>
        {
            lock (gate)
            {
                watchers.Remove(channel);
            }

            channel.Writer.TryComplete();
        });
    }

    private JsonObject Commit(string type, ObjectKey key, JsonObject value)
    {
        value.Member("metadata")["resourceVersion"] = (++version).ToString(System.Globalization.CultureInfo.InvariantCulture);
        Save(key, value);
        objects[key] = value;
        Publish(new ObjectChange(type, key, value, version));
        return value;
    }

    private void Publish(ObjectChange change)
    {
        recent.AddLast(change);
        if (recent.Count > KeptChanges)
        {
            recent.RemoveFirst();
        }

        foreach (var watcher in watchers)
        {
            watcher.Writer.TryWrite(change);
        }
    }

    private void Save(ObjectKey key, JsonObject value)
    {
        var file = FileOf(key);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using (var stream = new FileStream(file + ".new", new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(value.ToJsonString()));
        }

        File.Move(file + ".new", file, overwrite: true);
    }

    private string FolderOf(ResourceKind kind) => Path.Combine(folder, $"{kind.Plural}{(kind.Group.Length == 0 ? "" : $".{kind.Group}")}");

    private string FileOf(ObjectKey key) => Path.Combine(FolderOf(key.Kind), $"{(key.Space.Length == 0 ? "_" : key.Space)}__{key.Name}.json");
}
