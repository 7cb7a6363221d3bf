using System.Text.Json.Nodes;
using Reco.Engine.Events;
using Reco.Engine.Values;

namespace Reco.Engine.Display;

/// <summary>Writes events as JSON, one object a line, in the shape of the official event log.</summary>
internal sealed class EventLog : IEventDisplay
{
    private const string StreamScheme = "tcp://";
    private readonly Action<string> write;
    private readonly Func<ValueTask> close;
    private readonly TimeProvider time;
    private readonly EventJson json;
    private long sequence;
    private IOException? problem;

    private EventLog(Action<string> write, Func<ValueTask> close, TimeProvider time, bool showSecrets)
    {
        (this.write, this.close, this.time) = (write, close, time);
        json = new EventJson(showSecrets);
    }

    /// <summary>A log in a file, replaced if it is there, or, of the form <c>tcp://HOST:PORT</c>, one that is streamed to whoever started
    /// the engine.</summary>
    /// <param name="target">File or address.</param>
    /// <param name="folder">Folder that a relative path begins at.</param>
    /// <param name="time">Clock.</param>
    /// <param name="showSecrets">Writes secrets in plain text.</param>
    /// <param name="cancellation">Cancels connecting.</param>
    /// <exception cref="EngineException">The file cannot be written, or nobody listens.</exception>
    public static async Task<EventLog> OpenAsync(string target, string folder, TimeProvider time, bool showSecrets, CancellationToken cancellation)
    {
        if (target.StartsWith(StreamScheme, StringComparison.Ordinal))
        {
            var stream = await EventStream.OpenAsync(target[StreamScheme.Length..], cancellation);
            return new EventLog(stream.Write, stream.DisposeAsync, time, showSecrets);
        }

        try
        {
            var writer = new StreamWriter(Path.GetFullPath(target, folder)) { AutoFlush = true };
            return new EventLog(writer.WriteLine, writer.DisposeAsync, time, showSecrets);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new EngineException($"--event-log: '{target}' cannot be written: {error.Message} Give a file in a folder that is there and may be written.", 2);
        }
    }

    /// <summary>A log on a writer that is somebody else's.</summary>
    public static EventLog ToWriter(TextWriter writer, TimeProvider time, bool showSecrets) => new(
        line =>
        {
            writer.WriteLine(line);
            writer.Flush();
        },
        () => ValueTask.CompletedTask, time, showSecrets);

    /// <inheritdoc/>
    public void Handle(EngineEvent @event)
    {
        // The mark of the end, whatever the end is, stands once and last.
        if (@event is not EngineEvent.Cancelled)
        {
            Write(@event);
        }
    }

    /// <summary>Why the log does not have everything, or null: a run is not its log's to fail.</summary>
    public string? Problem => problem?.Message;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Write(new EngineEvent.Cancelled());
        try
        {
            await close();
        }
        catch (IOException error)
        {
            problem ??= error;
        }
    }

    private void Write(EngineEvent @event)
    {
        if (json.Encode(@event) is not { } body)
        {
            return;
        }

        var line = new JsonObject { ["sequence"] = sequence++, ["timestamp"] = time.GetUtcNow().ToUnixTimeSeconds() };
        foreach (var (name, value) in body)
        {
            line[name] = value?.DeepClone();
        }

        try
        {
            if (problem is null)
            {
                write(line.ToJsonString(DeepJson.Line));
            }
        }
        catch (IOException error)
        {
            problem = error;
        }
    }
}
