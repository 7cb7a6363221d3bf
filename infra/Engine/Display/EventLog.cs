using System.Text.Json.Nodes;
using Reco.Engine.Events;

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

    private EventLog(Action<string> write, Func<ValueTask> close, TimeProvider time, bool showSecrets)
    {
        (this.write, this.close, this.time) = (write, close, time);
        json = new EventJson(showSecrets);
    }

    /// <summary>A log in a file, replaced if it is there, or, of the form <c>tcp://HOST:PORT</c>, one that is streamed to whoever started
    /// the engine.</summary>
    /// <exception cref="EngineException">The file cannot be written, or nobody listens.</exception>
    public static async Task<EventLog> OpenAsync(string target, TimeProvider time, bool showSecrets, CancellationToken cancellation)
    {
        if (target.StartsWith(StreamScheme, StringComparison.Ordinal))
        {
            var stream = await EventStream.OpenAsync(target[StreamScheme.Length..], cancellation);
            return new EventLog(stream.Write, stream.DisposeAsync, time, showSecrets);
        }

        try
        {
            var writer = new StreamWriter(target) { AutoFlush = true };
            return new EventLog(writer.WriteLine, writer.DisposeAsync, time, showSecrets);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"the event log '{target}' cannot be written: {error.Message}", 1);
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

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Write(new EngineEvent.Cancelled());
        return close();
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

        write(line.ToJsonString());
    }
}
