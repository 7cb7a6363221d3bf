using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Kubelet;

/// <summary>Where things of pods are, under the state folder of the cluster.</summary>
internal sealed class PodFolders(string state)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Folder of all pods.</summary>
    public string Pods => Path.Combine(state, "pods");

    /// <summary>Folder of all claims' volumes.</summary>
    public string Volumes => Path.Combine(state, "volumes");

    /// <summary>Folder of one pod: its ephemeral volumes and the records of its processes.</summary>
    public string Pod(string uid) => Path.Combine(Pods, uid);

    /// <summary>An ephemeral volume of a pod.</summary>
    public string Ephemeral(string uid, string volume) => Path.Combine(Pod(uid), "volumes", volume);

    /// <summary>Record of a container's process.</summary>
    public string Record(string uid, string container) => Path.Combine(Pod(uid), "containers", $"{container}.json");

    /// <summary>Volume of a claim.</summary>
    public string Claim(string space, string claim) => Path.Combine(Volumes, space, claim);

    /// <summary>Logs of a pod.</summary>
    public string Logs(string space, string pod) => Path.Combine(state, "logs", space, pod);

    /// <summary>Log of a container's present run.</summary>
    public string Log(string space, string pod, string container) => Path.Combine(Logs(space, pod), $"{container}.log");

    /// <summary>Log of a container's run before.</summary>
    public string PreviousLog(string space, string pod, string container) => Path.Combine(Logs(space, pod), $"{container}.previous.log");

    /// <summary>Makes a folder that only the owner sees.</summary>
    public static string Make(string folder)
    {
        Directory.CreateDirectory(folder, Private);
        return folder;
    }

    /// <summary>Removes everything of a pod.</summary>
    public void Remove(JsonObjectIdentity pod)
    {
        Delete(Pod(pod.Uid));
        Delete(Logs(pod.Space, pod.Name));
    }

    /// <summary>Removes a folder if it is there.</summary>
    public static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

/// <summary>What names an object for good.</summary>
internal readonly record struct JsonObjectIdentity(string Space, string Name, string Uid)
{
    /// <summary>Identity of an object.</summary>
    public static JsonObjectIdentity Of(System.Text.Json.Nodes.JsonObject value) => new(value.Space(), value.Name(), value.Uid());
}
