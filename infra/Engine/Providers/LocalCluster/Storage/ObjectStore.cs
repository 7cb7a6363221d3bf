using System.Globalization;
using System.Text.Json;
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
/// <param name="Before">The object before the change; null of a new one.</param>
internal sealed record ObjectChange(string Type, ObjectKey Key, JsonObject Value, long Version, JsonObject? Before);

/// <summary>Every object of the cluster, in memory and on disk. One writer at a time; objects that were handed out are never
/// changed in place. Each write is an atomic rename, so a crash leaves the object as it was or as it became.</summary>
internal sealed class ObjectStore
{
    private const int KeptChanges = 2_000;
    private const int MostUnread = 10_000;
    private const long ReservedVersions = 10_000;
    private readonly Lock gate = new();
    private readonly Dictionary<ObjectKey, JsonObject> objects = [];
    private readonly List<Channel<ObjectChange>> watchers = [];
    private readonly LinkedList<ObjectChange> recent = new();
    private readonly string folder;
    private readonly TimeProvider time;
    private long version;
    private long reserved;
    private bool closed;

    /// <summary>Loads what is on disk.</summary>
    /// <param name="folder">Where the objects are.</param>
    /// <param name="time">Clock.</param>
    /// <param name="warn">Told about files that cannot be read; they are set aside.</param>
    public ObjectStore(string folder, TimeProvider time, Action<string>? warn = null)
    {
        this.folder = folder;
        this.time = time;
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        version = reserved = File.Exists(VersionFile) && long.TryParse(File.ReadAllText(VersionFile), CultureInfo.InvariantCulture, out var last) ? last : 0;
        var complain = warn ?? (static _ => { });
        foreach (var kind in ResourceKinds.All)
        {
            Load(kind, complain);
        }

        foreach (var definition in List(ResourceKinds.Definition))
        {
            if (Kinds.Define(definition) is { } kind)
            {
                Load(kind, complain);
            }
        }
    }

    /// <summary>Kinds that there are.</summary>
    public KindCatalog Kinds { get; } = new();

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

    /// <summary>Reads several things of one moment.</summary>
    public T Together<T>(Func<T> read)
    {
        lock (gate)
        {
            return read();
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
            RefuseIfClosed();
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
            metadata.Remove("deletionTimestamp");
            metadata.Remove("deletionGracePeriodSeconds");
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

            var grace = key.Kind == ResourceKinds.Pod ? graceSeconds ?? value.Number("spec", "terminationGracePeriodSeconds") ?? 30 : 0;
            if (!value.IsDeleting() || grace < value.Number("metadata", "deletionGracePeriodSeconds"))
            {
                Update(key, marked =>
                {
                    marked.Member("metadata")["deletionTimestamp"] ??= time.GetUtcNow().Stamp();
                    marked.Member("metadata")["deletionGracePeriodSeconds"] = grace;
                });
            }
        }
    }

    /// <summary>Removes an object for good.</summary>
    public void Remove(ObjectKey key)
    {
        lock (gate)
        {
            if (objects.TryGetValue(key, out var value))
            {
                // The file first: an object that comes back after a restart would start its processes again.
                File.Delete(FileOf(key));
                objects.Remove(key);
                NextVersion();
                var last = value.Copy();
                last.Member("metadata")["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
                Publish(new ObjectChange("DELETED", key, last, version, value));
            }
        }
    }

    /// <summary>Ends to take new objects, if what is there satisfies a condition.</summary>
    /// <returns>Whether it does.</returns>
    public bool TryClose(Func<IEnumerable<ObjectKey>, bool> condition)
    {
        lock (gate)
        {
            return closed = closed || condition(objects.Keys);
        }
    }

    /// <summary>Changes from now on, or from a version on where those are still known.</summary>
    /// <param name="since">Version to begin after; null for now.</param>
    /// <param name="limited">Whether a reader that does not keep up is dropped: the channel is then completed.</param>
    /// <exception cref="ApiException">The version is too old: 410, and the client lists again.</exception>
    public (ChannelReader<ObjectChange> Changes, Action Stop) Watch(long? since = null, bool limited = false)
    {
        var channel = limited
            ? Channel.CreateBounded<ObjectChange>(new BoundedChannelOptions(MostUnread) { SingleReader = true })
            : Channel.CreateUnbounded<ObjectChange>(new UnboundedChannelOptions { SingleReader = true });
        lock (gate)
        {
            if (since is { } start && start != version)
            {
                if (start > version || recent.First is null || recent.First.Value.Version > start + 1)
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

    private string VersionFile => Path.Combine(folder, "version");

    private void Load(ResourceKind kind, Action<string> warn)
    {
        var place = FolderOf(kind);
        foreach (var file in Directory.Exists(place) ? Directory.GetFiles(place) : [])
        {
            if (!file.EndsWith(".json", StringComparison.Ordinal))
            {
                // Half written when the daemon was killed; the object is as it was before.
                File.Delete(file);
                continue;
            }

            try
            {
                var value = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
                objects[new ObjectKey(kind, kind.Namespaced ? value.Space() : "", value.Name())] = value;
                version = Math.Max(version, long.Parse(value.Text("metadata", "resourceVersion") ?? "0", CultureInfo.InvariantCulture));
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or NullReferenceException or FormatException)
            {
                var aside = Path.Combine(folder, $"damaged-{Path.GetFileName(place)}-{Path.GetFileName(file)}");
                File.Move(file, aside, overwrite: true);
                warn($"the object in {file} cannot be read ({error.Message}); it is set aside as {aside}");
            }
        }
    }

    private void RefuseIfClosed()
    {
        if (closed)
        {
            throw new ApiException(503, "ServiceUnavailable", "the local cluster is stopping");
        }
    }

    private JsonObject Commit(string type, ObjectKey key, JsonObject value)
    {
        NextVersion();
        value.Member("metadata")["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
        Save(FileOf(key), value.ToJsonString());
        var before = objects.GetValueOrDefault(key);
        objects[key] = value;
        Publish(new ObjectChange(type, key, value, version, before));
        return value;
    }

    /// <summary>Versions are taken from the disk in lots, so that none is ever given twice, whatever was deleted since.</summary>
    private void NextVersion()
    {
        if (version + 1 > reserved)
        {
            Save(VersionFile, (version + ReservedVersions).ToString(CultureInfo.InvariantCulture));
            reserved = version + ReservedVersions;
        }

        version++;
    }

    private void Publish(ObjectChange change)
    {
        recent.AddLast(change);
        if (recent.Count > KeptChanges)
        {
            recent.RemoveFirst();
        }

        foreach (var watcher in watchers.Where(watcher => !watcher.Writer.TryWrite(change)).ToArray())
        {
            // It lists again, as after any broken watch.
            watchers.Remove(watcher);
            watcher.Writer.TryComplete();
        }
    }

    /// <exception cref="ApiException">The disk is full, or the file cannot be written for another reason.</exception>
    private static void Save(string file, string text)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            using (var stream = new FileStream(file + ".new", new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            }

            File.Move(file + ".new", file, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ApiException(500, "InternalError", $"the cluster's state cannot be written: {error.Message}");
        }
    }

    private string FolderOf(ResourceKind kind) => Path.Combine(folder, kind.FullName);

    private string FileOf(ObjectKey key)
    {
        const int LongestFileName = 200;
        var name = $"{(key.Space.Length == 0 ? "_" : key.Space)}__{key.Name}";
        return Path.Combine(FolderOf(key.Kind), name.Length <= LongestFileName ? $"{name}.json"
            : $"{name[..LongestFileName]}-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)))[..12]}.json");
    }
}
