namespace Reco.Engine.State;

/// <summary>The journal of one update in its file.</summary>
internal sealed class JournalStore(StateBackend backend, StackName name, ISecretsManager secrets) : IJournalStore
{
    private readonly string path = backend.Folder.Journal(name);

    /// <inheritdoc/>
    public void Begin(ReadOnlySpan<byte> lines)
    {
        var header = JournalRecord.Header(JournalRecord.Fingerprint(File.ReadAllBytes(backend.Folder.Checkpoint(name))), secrets);
        byte[] content = [.. header, .. lines];
        Try(() =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            backend.Files.Write(path, content);
        });
    }

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> lines)
    {
        var content = lines.ToArray();
        Try(() => backend.Files.Append(path, content));
    }

    /// <inheritdoc/>
    public void Complete(Snapshot final, bool begun)
    {
        var content = backend.Encode(name, final, secrets);
        if (begun)
        {
            Append(JournalRecord.Complete(JournalRecord.Fingerprint(CheckpointFile.OnDisk(backend.Folder.Checkpoint(name), content))));
        }

        backend.Save(name, content);
        if (begun)
        {
            backend.DropJournal(name);
        }
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"the journal '{path}' cannot be written: {error.Message}. Nothing new is started; what is on record stays.", 1, error);
        }
    }
}
