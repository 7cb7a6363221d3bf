using System.Text.Json.Nodes;
using Reco.Engine.Events;

namespace Reco.Engine.Display;

/// <summary>Writes events as JSON, one object a line, in the shape of the official event log.</summary>
internal sealed class EventLog : IEventDisplay
{
    private readonly TextWriter writer;
    private readonly bool owned;
    private readonly TimeProvider time;
    private readonly EventJson json;
    private long sequence;

    private EventLog(TextWriter writer, bool owned, TimeProvider time, bool showSecrets)
    {
        (this.writer, this.owned, this.time) = (writer, owned, time);
        json = new EventJson(showSecrets);
    }

    /// <summary>A log in a file, replaced if it is there.</summary>
    /// <exception cref="EngineException">The file cannot be written.</exception>
    public static EventLog ToFile(string path, TimeProvider time, bool showSecrets)
    {
        try
        {
            return new EventLog(new StreamWriter(path), owned: true, time, showSecrets);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EngineException($"the event log '{path}' cannot be written: {error.Message}", 1);
        }
    }

    /// <summary>A log on a writer that is somebody else's.</summary>
    public static EventLog ToWriter(TextWriter writer, TimeProvider time, bool showSecrets) => new(writer, owned: false, time, showSecrets);

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
    public async ValueTask DisposeAsync()
    {
        Write(new EngineEvent.Cancelled());
        if (owned)
        {
            await writer.DisposeAsync();
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

        writer.WriteLine(line.ToJsonString());
        writer.Flush();
    }
}
