using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reco.Engine.State;

/// <summary>Checkpoints, history and backups of stacks in a folder (<c>file://</c>), in the official layout.</summary>
internal sealed class StateBackend(StateFolder folder, TimeProvider time)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        IndentSize = 4,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Where the state is.</summary>
    public StateFolder Folder => folder;

    /// <summary>The state folder of a project: <c>PULUMI_BACKEND_URL</c>, the project's own <c>backend.url</c>, or <c>.pulumi</c>
    /// beside Pulumi.yaml.</summary>
    /// <exception cref="EngineException">The URL is not a <c>file://</c> one.</exception>
    public static StateFolder Locate(string projectDirectory, string? url)
    {
        if (string.IsNullOrEmpty(url))
        {
            return new StateFolder(Path.Combine(projectDirectory, ".pulumi"));
        }

        const string Scheme = "file://";
        if (!url.StartsWith(Scheme, StringComparison.Ordinal))
        {
            throw new EngineException($"the embedded engine keeps state in folders only (file://PATH), not at '{url}'; use the official CLI for that, or unset PULUMI_BACKEND_URL", 1);
        }

        var path = url[Scheme.Length..].Split('?')[0];
        path = path == "~" ? Home() : path.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(Home(), path[2..]) : path;
        return new StateFolder(Path.Combine(Path.GetFullPath(path, projectDirectory), ".pulumi"));
    }

    /// <summary>Stacks that have a checkpoint.</summary>
    public IReadOnlyList<StackName> List() => !Directory.Exists(folder.Stacks) ? [] :
    [
        .. Directory.GetDirectories(folder.Stacks)
            .SelectMany(project => Directory.GetFiles(project, "*.json").Select(file => new StackName(Path.GetFileName(project), Path.GetFileNameWithoutExtension(file))))
            .OrderBy(name => name.Project, StringComparer.Ordinal).ThenBy(name => name.Stack, StringComparer.Ordinal),
    ];

    /// <summary>Whether a stack exists.</summary>
    public bool Exists(StackName name) => File.Exists(folder.Checkpoint(name));

    /// <summary>When the stack was last written; null where it was never.</summary>
    public DateTimeOffset? LastUpdate(StackName name) => File.Exists(folder.Checkpoint(name)) ? File.GetLastWriteTimeUtc(folder.Checkpoint(name)) : null;

    /// <summary>Makes an empty stack.</summary>
    /// <exception cref="EngineException">It exists.</exception>
    public void Create(StackName name, ISecretsManager secrets)
    {
        if (Exists(name))
        {
            throw new EngineException($"stack '{name.Stack}' already exists", 1);
        }

        if (!File.Exists(folder.Meta))
        {
            DurableFile.Write(folder.Meta, "version: 1\n");
        }

        Save(name, Snapshot.Empty, secrets);
    }

    /// <summary>The deployment of a stack, still encrypted.</summary>
    /// <exception cref="EngineException">There is no such stack, or its checkpoint is damaged or of a newer version.</exception>
    public JsonObject Load(StackName name)
    {
        var path = folder.Checkpoint(name);
        if (!File.Exists(path))
        {
            throw new EngineException($"no stack named '{name.Stack}' found; 'reco stack ls' lists them, 'reco stack init {name.Stack}' makes it", 6);
        }

        try
        {
            var file = JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new CheckpointFormatException("it is not a JSON object");
            var version = file["version"]?.GetValue<int>() ?? throw new CheckpointFormatException("it has no version");
            if (version != DeploymentCodec.Version)
            {
                throw new EngineException($"the checkpoint '{path}' is of version {version}; this engine reads version {DeploymentCodec.Version}. "
                    + (version > DeploymentCodec.Version ? "It was written by a newer engine: use that one." : "Open it once with the official CLI, which upgrades it."), 1);
            }

            var checkpoint = file["checkpoint"] as JsonObject ?? throw new CheckpointFormatException("it has no 'checkpoint'");
            return checkpoint["latest"] as JsonObject ?? [];
        }
        catch (Exception error) when (error is JsonException or CheckpointFormatException or InvalidOperationException or FormatException)
        {
            throw Damaged(name, error);
        }
    }

    /// <summary>The state of a stack.</summary>
    /// <exception cref="EngineException">It cannot be read.</exception>
    public Snapshot Open(StackName name, JsonObject deployment, ISecretsManager? secrets)
    {
        try
        {
            return DeploymentCodec.Decode(deployment, secrets);
        }
        catch (Exception error) when (error is JsonException or CheckpointFormatException or InvalidOperationException or FormatException)
        {
            throw Damaged(name, error);
        }
    }

    /// <summary>Writes a checkpoint, durably and at once; the one before stays as <c>.bak</c>.</summary>
    public void Save(StackName name, Snapshot snapshot, ISecretsManager secrets, bool keepPrevious = true)
    {
        var deployment = DeploymentCodec.Encode(snapshot, secrets, showSecrets: false, time.GetLocalNow());
        var file = new JsonObject
        {
            ["version"] = DeploymentCodec.Version,
            ["checkpoint"] = new JsonObject { ["stack"] = name.Qualified, ["latest"] = deployment },
        };
        var path = folder.Checkpoint(name);
        if (keepPrevious && File.Exists(path))
        {
            File.Copy(path, folder.Previous(name), overwrite: true);
        }

        DurableFile.Write(path, file.ToJsonString(Indented));
    }

    /// <summary>Keeps the checkpoint as it is now among the backups.</summary>
    public void Backup(StackName name)
    {
        var path = folder.Checkpoint(name);
        if (File.Exists(path))
        {
            DurableFile.Write(Path.Combine(folder.Backups(name), $"{name.Stack}.{StateFolder.Stamp(time.GetUtcNow())}.json"), File.ReadAllText(path));
        }
    }

    /// <summary>Adds an update to the history.</summary>
    public void AddHistory(StackName name, JsonObject update)
    {
        var stem = Path.Combine(folder.History(name), $"{name.Stack}-{StateFolder.Stamp(time.GetUtcNow())}");
        DurableFile.Write($"{stem}.history.json", update.ToJsonString(Indented));
        if (File.Exists(folder.Checkpoint(name)))
        {
            DurableFile.Write($"{stem}.checkpoint.json", File.ReadAllText(folder.Checkpoint(name)));
        }
    }

    /// <summary>Updates of a stack, the newest first.</summary>
    public IReadOnlyList<JsonObject> History(StackName name) => !Directory.Exists(folder.History(name)) ? [] :
        [.. Directory.GetFiles(folder.History(name), "*.history.json").OrderDescending(StringComparer.Ordinal).Select(file => JsonNode.Parse(File.ReadAllText(file))!.AsObject())];

    /// <summary>Removes a stack; its history and backups stay.</summary>
    public void Remove(StackName name)
    {
        File.Delete(folder.Previous(name));
        if (Exists(name))
        {
            Backup(name);
        }

        File.Delete(folder.Checkpoint(name));
    }

    private EngineException Damaged(StackName name, Exception error)
    {
        var backups = Directory.Exists(folder.Backups(name)) ? Directory.GetFiles(folder.Backups(name)).Order(StringComparer.Ordinal).LastOrDefault() : null;
        var good = File.Exists(folder.Previous(name)) ? folder.Previous(name) : backups;
        return new EngineException(
            string.Create(CultureInfo.InvariantCulture, $"the checkpoint '{folder.Checkpoint(name)}' is damaged and is not used: {error.Message.TrimEnd('.')}. ")
            + (good is null ? "There is no backup of it." : $"The state before is in '{good}': copy it over the damaged file to go on from there."), 1, error);
    }

    private static string Home() => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
}
