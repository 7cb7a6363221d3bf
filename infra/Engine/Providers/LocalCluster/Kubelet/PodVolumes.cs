using System.Text;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Security;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Kubelet;

/// <summary>Folders that stand for the volumes of pods. Nothing can be mounted by an ordinary process, so containers get
/// host paths where their specification names mount paths (see <see cref="Expansion.Paths"/>).</summary>
internal sealed class PodVolumes(ObjectStore store, PodFolders folders, Tokens tokens)
{
    private const long DefaultTokenSeconds = 3600;

    /// <summary>Makes the volumes of a pod, or brings those that show objects and tokens up to date.</summary>
    /// <returns>Folder (or file) by volume name.</returns>
    /// <exception cref="PodFailure">A volume cannot be made.</exception>
    public IReadOnlyDictionary<string, string> Prepare(JsonObject pod)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var volume in pod.Items("spec", "volumes"))
        {
            var name = volume.Text("name") ?? "";
            result[name] = Place(pod, volume, name);
        }

        return result;
    }

    /// <summary>Mount paths of a container and the host paths that they stand for.</summary>
    public static IReadOnlyList<(string MountPath, string HostPath)> Mounts(JsonObject container, IReadOnlyDictionary<string, string> volumes, Func<string, string> expand)
    {
        var mounts = new List<(string, string)>();
        foreach (var mount in container.Items("volumeMounts"))
        {
            var host = volumes[mount.Text("name") ?? ""];
            var sub = mount.Text("subPathExpr") is { } expression ? expand(expression) : mount.Text("subPath") ?? "";
            if (sub.Split('/').Contains("..") || Path.IsPathRooted(sub))
            {
                throw new PodFailure("CreateContainerConfigError", $"subPath {sub} leaves its volume");
            }

            if (sub.Length > 0)
            {
                host = Path.Combine(host, sub);
                if (!Path.Exists(host))
                {
                    Directory.CreateDirectory(host);
                }
            }

            mounts.Add(((mount.Text("mountPath") ?? "").TrimEnd('/'), host));
        }

        return mounts;
    }

    private string Place(JsonObject pod, JsonObject volume, string name)
    {
        var uid = pod.Uid();
        switch (volume.FirstOrDefault(entry => entry.Key != "name"))
        {
            case { Key: "emptyDir" }:
                return PodFolders.Make(folders.Ephemeral(uid, name));
            case { Key: "persistentVolumeClaim", Value: var source }:
                var claim = source.Text("claimName") ?? "";
                var found = store.Get(new ObjectKey(ResourceKinds.Claim, pod.Space(), claim));
                return found?.Text("status", "phase") == "Bound"
                    ? Bound(pod, found, claim)
                    : throw new PodFailure("ContainerCreating", $"persistentvolumeclaim \"{claim}\" {(found is null ? "not found" : "is not bound yet")}");
            case { Key: "hostPath", Value: var source }:
                return HostPath(source.Text("path") ?? "", source.Text("type") ?? "");
            case { Key: "configMap", Value: var source }:
                return Write(folders.Ephemeral(uid, name), FromObject(pod, ResourceKinds.ConfigMap, source.Text("name") ?? "", source), source);
            case { Key: "secret", Value: var source }:
                return Write(folders.Ephemeral(uid, name), FromObject(pod, ResourceKinds.Secret, source.Text("secretName") ?? "", source), source);
            case { Key: "downwardAPI", Value: var source }:
                return Write(folders.Ephemeral(uid, name), Fields(pod, source), source);
            case { Key: "projected", Value: var source }:
                return Write(folders.Ephemeral(uid, name), [.. source.Items("sources").SelectMany(part => Projection(pod, part))], source);
            case var other:
                throw new PodFailure("CreateContainerConfigError", $"volume {name}: the local cluster has no volumes of type {other.Key}");
        }
    }

    private string Bound(JsonObject pod, JsonObject claim, string name)
    {
        var volume = store.Get(new ObjectKey(ResourceKinds.Volume, "", claim.Text("spec", "volumeName") ?? ""));
        return volume is null ? PodFolders.Make(folders.Claim(pod.Space(), name))
            : volume.At("spec", "hostPath") is { } host ? HostPath(host.Text("path") ?? "", host.Text("type") ?? "")
            : volume.At("spec", "local") is { } local ? HostPath(local.Text("path") ?? "", "")
            : throw new PodFailure("CreateContainerConfigError", $"volume {volume.Name()}: the local cluster has only volumes of type hostPath and local");
    }

    private static string HostPath(string path, string type)
    {
        if (type == "DirectoryOrCreate")
        {
            return Directory.CreateDirectory(path).FullName;
        }

        var there = type switch { "Directory" => Directory.Exists(path), "File" => File.Exists(path), _ => Path.Exists(path) };
        return there ? path : throw new PodFailure("ContainerCreating", $"hostPath {path} is not there{(type.Length > 0 ? $" as a {type}" : "")}");
    }

    private IEnumerable<(string Path, byte[] Content)> Projection(JsonObject pod, JsonObject part)
    {
        if (part["serviceAccountToken"] is JsonObject token)
        {
            var lifetime = TimeSpan.FromSeconds(token.Number("expirationSeconds") ?? DefaultTokenSeconds);
            var text = tokens.Issue(pod.Space(), pod.Text("spec", "serviceAccountName") ?? "default", lifetime);
            return [(token.Text("path") ?? "token", Encoding.UTF8.GetBytes(text))];
        }

        return part.FirstOrDefault() switch
        {
            { Key: "configMap", Value: var source } => FromObject(pod, ResourceKinds.ConfigMap, source.Text("name") ?? "", source),
            { Key: "secret", Value: var source } => FromObject(pod, ResourceKinds.Secret, source.Text("name") ?? "", source),
            { Key: "downwardAPI", Value: var source } => Fields(pod, source),
            var other => throw new PodFailure("CreateContainerConfigError", $"the local cluster has no projection of type {other.Key}"),
        };
    }

    private static List<(string, byte[])> Fields(JsonObject pod, JsonNode? source) =>
        [.. source.Items("items").Select(item => (item.Text("path") ?? "", Encoding.UTF8.GetBytes(Expansion.Field(pod, item.Text("fieldRef", "fieldPath") ?? ""))))];

    private List<(string, byte[])> FromObject(JsonObject pod, ResourceKind kind, string name, JsonNode? source)
    {
        if (store.Get(new ObjectKey(kind, pod.Space(), name)) is not { } value)
        {
            return source.Flag("optional") ? [] : throw new PodFailure("ContainerCreating", $"{kind.Kind.ToLowerInvariant()} \"{name}\" not found");
        }

        var entries = ObjectData.Read(value);
        var items = source.Items("items").ToArray();
        if (items.Length == 0)
        {
            return [.. entries.Select(entry => (entry.Key, entry.Value))];
        }

        return [.. items.Where(item => entries.ContainsKey(item.Text("key") ?? "") || !source.Flag("optional")).Select(item => (
            item.Text("path") ?? "",
            entries.GetValueOrDefault(item.Text("key") ?? "") ?? throw new PodFailure("ContainerCreating", $"{kind.Kind.ToLowerInvariant()} \"{name}\" has no key {item.Text("key")}")))];
    }

    private static string Write(string folder, List<(string Path, byte[] Content)> files, JsonNode? source)
    {
        // Only the owner's part of the mode: nobody else on this machine has business with a pod's files.
        const int OwnerBits = 0x1C0;
        var mode = (UnixFileMode)((int)(source.Number("defaultMode") ?? 0) & OwnerBits) | UnixFileMode.UserRead | UnixFileMode.UserWrite;
        PodFolders.Make(folder);
        foreach (var (path, content) in files)
        {
            if (path.Length == 0 || Path.IsPathRooted(path) || path.Split('/').Contains(".."))
            {
                throw new PodFailure("CreateContainerConfigError", $"the path '{path}' leaves its volume");
            }

            var file = Path.Combine(folder, path);
            PodFolders.Make(Path.GetDirectoryName(file)!);

            // A reader sees the old or the new content, never half of it.
            var fresh = $"{file}.new";
            using (var stream = new FileStream(fresh, new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = mode,
            }))
            {
                stream.Write(content);
            }

            File.Move(fresh, file, overwrite: true);
        }

        // A key that left the object leaves the volume.
        var names = files.Select(file => Path.Combine(folder, file.Path)).ToHashSet(StringComparer.Ordinal);
        foreach (var stale in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => !names.Contains(file)).ToArray())
        {
            File.Delete(stale);
        }

        return folder;
    }
}
