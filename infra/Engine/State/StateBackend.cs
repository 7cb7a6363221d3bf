using System.Text.Json;
using System.Text.Json.Nodes;
using Reco.Engine.Values;

namespace Reco.Engine.State;

/// <summary>Checkpoints, history and backups of stacks in a folder (<c>file://</c>), in the official layout.</summary>
internal sealed class StateBackend(StateFolder folder, TimeProvider time, IStateFiles? storage = null)
{
    private readonly IStateFiles files = storage ?? StateFiles.Disk;

    /// <summary>Where the state is.</summary>
    public StateFolder Folder => folder;

    /// <summary>How it is written.</summary>
    public IStateFiles Files => files;

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
    public IReadOnlyList<StackName> List() => folder.List();

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
            DurableFile.Write(folder.Meta, "version: 1\n", files);
        }

        Save(name, Snapshot.Empty, secrets);
    }

    /// <summary>The deployment of a stack, still encrypted, without what the journal of an interrupted update adds to it.</summary>
    /// <exception cref="EngineException">There is no such stack, or its checkpoint is damaged or of a newer version.</exception>
    public JsonObject Load(StackName name) => LoadWithFingerprint(name).Deployment;

    /// <summary>The state of a stack, with what the journal of an interrupted update adds to it.</summary>
    /// <param name="name">Stack.</param>
    /// <param name="secretsOf">The secrets provider of a deployment or journal.</param>
    /// <exception cref="EngineException">It cannot be read.</exception>
    public LoadedState Open(StackName name, Func<JsonObject, ISecretsManager?> secretsOf)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (deployment, fingerprint) = LoadWithFingerprint(name);
            try
            {
                var snapshot = DeploymentCodec.Decode(deployment, secretsOf(deployment));
                var records = ReadJournal(name);
                if (records.Count == 0 || records.Exists(record => record["complete"]?.GetValue<string>() == fingerprint))
                {
                    return new LoadedState(deployment, snapshot, JournalState.None);
                }

                if (records[0]["base"]?.GetValue<string>() == fingerprint)
                {
                    return new LoadedState(deployment, JournalReplay.Apply(snapshot, records, secretsOf(records[0])), JournalState.Replayed);
                }

                // An update that ends right now has replaced the checkpoint meanwhile: look again.
                if (attempt == 2)
                {
                    return new LoadedState(deployment, snapshot, JournalState.Foreign);
                }
            }
            catch (Exception error) when (error is JsonException or CheckpointFormatException or InvalidOperationException or FormatException)
            {
                throw Damaged(name, error);
            }
        }
    }

    /// <summary>Writes a checkpoint, durably and at once; the one before stays as <c>.bak</c>.</summary>
    public void Save(StackName name, Snapshot snapshot, ISecretsManager secrets) => Save(name, Encode(name, snapshot, secrets));

    /// <summary>The journal of an update that is about to begin. Any journal that there is has to be dealt with before.</summary>
    public IStateJournal StartJournal(StackName name, Snapshot start, ISecretsManager secrets) => new UpdateJournal(start, new JournalStore(this, name, secrets), secrets);

    /// <summary>Makes the state that a journal adds up to the checkpoint, and removes the journal.</summary>
    public void TakeInJournal(StackName name, Snapshot replayed, ISecretsManager secrets)
    {
        // Should this be interrupted, too, the next one has to see that the new checkpoint has it all.
        var path = folder.Journal(name);
        var content = Encode(name, replayed, secrets);
        var journal = File.ReadAllBytes(path);
        var whole = journal.AsSpan(0, journal.AsSpan().LastIndexOf((byte)'\n') + 1);
        DurableFile.Write(path, [.. whole, .. JournalRecord.Complete(JournalRecord.Fingerprint(CheckpointFile.OnDisk(folder.Checkpoint(name), content)))], files);
        Save(name, content);
        DropJournal(name);
    }

    /// <summary>Removes the journal of an update that has come to its end.</summary>
    public void DropJournal(StackName name) => files.Delete(folder.Journal(name));

    /// <summary>Puts aside the journal of another state than the present one.</summary>
    /// <returns>Where it is now; null where there is none.</returns>
    public string? SetJournalAside(StackName name)
    {
        var path = folder.Journal(name);
        if (!File.Exists(path))
        {
            return null;
        }

        var aside = $"{path}.{StateFolder.Stamp(time.GetUtcNow())}";
        files.Move(path, aside);
        return aside;
    }

    /// <summary>Keeps the checkpoint as it is now among the backups.</summary>
    public void Backup(StackName name)
    {
        var path = folder.Checkpoint(name);
        if (File.Exists(path))
        {
            DurableFile.Write(Path.Combine(folder.Backups(name), $"{name.Stack}.{StateFolder.Stamp(time.GetUtcNow())}{CheckpointFile.Ending(path)}"), File.ReadAllBytes(path), files);
        }
    }

    /// <summary>Adds an update to the history.</summary>
    public void AddHistory(StackName name, JsonObject update)
    {
        var stem = Path.Combine(folder.History(name), $"{name.Stack}-{StateFolder.Stamp(time.GetUtcNow())}");
        DurableFile.Write($"{stem}.history.json", update.ToJsonString(DeepJson.Line), files);
        var checkpoint = folder.Checkpoint(name);
        if (File.Exists(checkpoint))
        {
            DurableFile.Write($"{stem}.checkpoint{CheckpointFile.Ending(checkpoint)}", File.ReadAllBytes(checkpoint), files);
        }
    }

    /// <summary>Updates of a stack, the newest first.</summary>
    public IReadOnlyList<JsonObject> History(StackName name) => !Directory.Exists(folder.History(name)) ? [] :
    [
        .. Directory.GetFiles(folder.History(name))
            .Where(file => file.EndsWith(".history.json", StringComparison.Ordinal) || file.EndsWith(".history.json" + StateFolder.Gzip, StringComparison.Ordinal))
            .OrderDescending(StringComparer.Ordinal)
            .Select(file => DeepJson.Parse(CheckpointFile.Plain(File.ReadAllBytes(file)))!.AsObject()),
    ];

    /// <summary>Gives the history and the tags of a stack to another one.</summary>
    public void MoveRecords(StackName old, StackName fresh)
    {
        if (Directory.Exists(folder.History(old)))
        {
            Directory.CreateDirectory(folder.History(fresh));
            foreach (var file in Directory.GetFiles(folder.History(old)))
            {
                var name = Path.GetFileName(file);
                var renamed = name.StartsWith(old.Stack + "-", StringComparison.Ordinal) ? fresh.Stack + name[old.Stack.Length..] : name;
                files.Move(file, Path.Combine(folder.History(fresh), renamed));
            }
        }

        if (File.Exists(folder.Tags(old)))
        {
            files.Move(folder.Tags(old), folder.Tags(fresh));
        }
    }

    /// <summary>Removes a stack and its history; the checkpoint stays as <c>.bak</c>, and its backups stay.</summary>
    public void Remove(StackName name, bool withBackups = false)
    {
        var path = folder.Checkpoint(name);
        if (withBackups)
        {
            File.Delete(path);
            File.Delete(folder.Previous(name));
            if (Directory.Exists(folder.Backups(name)))
            {
                Directory.Delete(folder.Backups(name), recursive: true);
            }
        }
        else if (File.Exists(path))
        {
            files.Move(path, folder.Previous(name));
        }

        DropJournal(name);
        File.Delete(folder.Tags(name));
        if (Directory.Exists(folder.History(name)))
        {
            Directory.Delete(folder.History(name), recursive: true);
        }
    }

    private (JsonObject Deployment, string Fingerprint) LoadWithFingerprint(StackName name)
    {
        var path = folder.Checkpoint(name);
        if (!File.Exists(path))
        {
            throw new EngineException($"no stack named '{name.Stack}' found; 'reco stack ls' lists them, 'reco stack init {name.Stack}' makes it", 6);
        }

        try
        {
            var content = File.ReadAllBytes(path);
            var file = DeepJson.Parse(CheckpointFile.Plain(content)) as JsonObject ?? throw new CheckpointFormatException("it is not a JSON object");
            DeploymentCodec.RequireReadable(file, $"the checkpoint '{path}'");
            var checkpoint = file["checkpoint"] as JsonObject ?? throw new CheckpointFormatException("it has no 'checkpoint'");
            return (checkpoint["latest"] as JsonObject ?? [], JournalRecord.Fingerprint(content));
        }
        catch (Exception error) when (error is JsonException or CheckpointFormatException or InvalidOperationException or FormatException or InvalidDataException)
        {
            throw Damaged(name, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"the checkpoint '{path}' cannot be read: {error.Message}", 1, error);
        }
    }

    private List<JsonObject> ReadJournal(StackName name)
    {
        var path = folder.Journal(name);
        try
        {
            return File.Exists(path) ? JournalRecord.Parse(File.ReadAllBytes(path)) : [];
        }
        catch (FileNotFoundException)
        {
            // It was removed just now, by the update that has come to its end.
            return [];
        }
        catch (CheckpointFormatException error)
        {
            throw new EngineException($"the journal '{path}' of an interrupted update is damaged: {error.Message}. It tells what that update did. "
                + $"Move it away to go on from the last checkpoint, then run 'reco refresh --stack {name.Stack}'.", 1, error);
        }
    }

    /// <summary>A checkpoint as JSON text.</summary>
    public byte[] Encode(StackName name, Snapshot snapshot, ISecretsManager secrets)
    {
        var deployment = DeploymentCodec.Encode(snapshot, secrets, showSecrets: false, time.GetLocalNow());
        return JsonSerializer.SerializeToUtf8Bytes(DeploymentCodec.Envelope(snapshot, "checkpoint", new JsonObject { ["stack"] = name.Qualified, ["latest"] = deployment }), DeepJson.Line);
    }

    /// <summary>Writes a checkpoint that was encoded already.</summary>
    public void Save(StackName name, byte[] content)
    {
        var path = folder.Checkpoint(name);
        if (File.Exists(path))
        {
            DurableFile.Write(folder.Previous(name), File.ReadAllBytes(path), files);
        }

        DurableFile.Write(path, CheckpointFile.OnDisk(path, content), files);
    }

    private EngineException Damaged(StackName name, Exception error)
    {
        var backups = Directory.Exists(folder.Backups(name)) ? Directory.GetFiles(folder.Backups(name)).Order(StringComparer.Ordinal).LastOrDefault() : null;
        var good = File.Exists(folder.Previous(name)) ? folder.Previous(name) : backups;
        return new EngineException(
            $"the checkpoint '{folder.Checkpoint(name)}' is damaged and is not used: {error.Message.TrimEnd('.')}. "
            + (good is null ? "There is no backup of it." : $"The state before is in '{good}': copy it over the damaged file to go on from there."), 1, error);
    }

    private static string Home() => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
}

/// <summary>A stack's state as it was read.</summary>
/// <param name="Deployment">The checkpoint's deployment, still encrypted.</param>
/// <param name="Snapshot">The state, with what a journal adds to it.</param>
/// <param name="Journal">What about a journal.</param>
internal sealed record LoadedState(JsonObject Deployment, Snapshot Snapshot, JournalState Journal);

/// <summary>What a stack's journal has to do with its checkpoint.</summary>
internal enum JournalState
{
    /// <summary>There is none, or its update has come to its end.</summary>
    None,

    /// <summary>It adds to the checkpoint, and the state has it all.</summary>
    Replayed,

    /// <summary>It belongs to another checkpoint: something else has written the state since.</summary>
    Foreign,
}
