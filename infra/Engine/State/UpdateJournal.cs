namespace Reco.Engine.State;

/// <summary>Records each step of an update: before it starts and after it ends, a line is added to the stack's journal, so
/// that a step costs what it changes and not what the stack holds. Steps that come while a write is under way share the
/// next one. At the end the checkpoint is written and the journal removed.</summary>
/// <param name="start">State before the update.</param>
/// <param name="store">Where lines and the checkpoint go.</param>
/// <param name="secrets">Encrypts secrets.</param>
internal sealed class UpdateJournal(Snapshot start, IJournalStore store, ISecretsManager secrets) : IStateJournal
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim writing = new(1);
    private readonly StateValueCodec values = new(secrets.Encrypt, secrets.Decrypt);
    private readonly Dictionary<ResourceState, int> numbers = Number(start);
    private readonly List<byte[]> waiting = [];
    private int entries = start.Resources.Length;
    private long tokens;
    private long added;
    private long written;
    private bool begun;

    /// <inheritdoc/>
    public async Task<long> BeginAsync(PendingOperation operation, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var token = Interlocked.Increment(ref tokens);
        var line = JournalRecord.Begin(token, operation, values);
        long mine;
        lock (gate)
        {
            mine = Add(line);
        }

        try
        {
            await WriteAsync(mine);
        }
        catch (EngineException)
        {
            // The operation does not start. Its line may still get to the disk with later ones.
            lock (gate)
            {
                Add(JournalRecord.End(token, null, null));
            }

            throw;
        }

        return token;
    }

    /// <inheritdoc/>
    public async Task EndAsync(long? token, StateChange? change)
    {
        var put = change?.Put is { } entry ? ResourceCodec.Encode(entry, values) : null;
        long mine;
        lock (gate)
        {
            int? remove = change?.Remove is { } gone && numbers.Remove(gone, out var number) ? number : null;
            if (change?.Put is { } come)
            {
                numbers[come] = entries++;
            }

            mine = Add(JournalRecord.End(token, remove, put));
        }

        await WriteAsync(mine);
    }

    /// <inheritdoc/>
    public async Task CompleteAsync(Snapshot final)
    {
        await writing.WaitAsync();
        try
        {
            store.Complete(final with { Unrecognised = start.Unrecognised }, begun);
        }
        catch (EngineException) when (begun && waiting.Count > 0)
        {
            // A line needs less room than a checkpoint.
            store.Append(Concatenate(waiting));
            throw;
        }
        finally
        {
            writing.Release();
        }
    }

    private static Dictionary<ResourceState, int> Number(Snapshot start)
    {
        var numbers = new Dictionary<ResourceState, int>(start.Resources.Length, ReferenceEqualityComparer.Instance);
        for (var at = 0; at < start.Resources.Length; at++)
        {
            numbers[start.Resources[at]] = at;
        }

        return numbers;
    }

    private static byte[] Concatenate(List<byte[]> lines)
    {
        var result = new byte[lines.Sum(line => line.Length)];
        var at = 0;
        foreach (var line in lines)
        {
            line.CopyTo(result, at);
            at += line.Length;
        }

        return result;
    }

    private long Add(byte[] line)
    {
        waiting.Add(line);
        return ++added;
    }

    private async Task WriteAsync(long mine)
    {
        await writing.WaitAsync();
        try
        {
            if (written >= mine)
            {
                return;
            }

            byte[] lines;
            int count;
            lock (gate)
            {
                count = waiting.Count;
                lines = Concatenate(waiting);
            }

            if (!begun)
            {
                store.Begin(lines);
                begun = true;
            }
            else
            {
                store.Append(lines);
            }

            // Lines that could not be written stay, in order, for the next attempt.
            lock (gate)
            {
                waiting.RemoveRange(0, count);
            }

            written += count;
        }
        finally
        {
            writing.Release();
        }
    }
}

/// <summary>Where the journal of one update is kept.</summary>
internal interface IJournalStore
{
    /// <summary>Makes the journal with its first lines.</summary>
    /// <exception cref="EngineException">It cannot be written.</exception>
    void Begin(ReadOnlySpan<byte> lines);

    /// <summary>Adds lines.</summary>
    /// <exception cref="EngineException">They cannot be written.</exception>
    void Append(ReadOnlySpan<byte> lines);

    /// <summary>Makes the state the stack's checkpoint and removes the journal.</summary>
    /// <param name="final">The state.</param>
    /// <param name="begun">Whether there is a journal.</param>
    /// <exception cref="EngineException">The checkpoint cannot be written; the journal stands.</exception>
    void Complete(Snapshot final, bool begun);
}
