using Reco.Engine.Events;

namespace Reco.Engine.Display;

/// <summary>Shows of a run only what keeps it from succeeding.</summary>
/// <param name="writer">Where.</param>
internal sealed class ProblemDisplay(TextWriter writer) : IEventDisplay
{
    /// <inheritdoc/>
    public void Handle(EngineEvent @event)
    {
        if (@event is EngineEvent.Diagnostic { Severity: "error", Ephemeral: false } message && message.Message.Trim().Length > 0)
        {
            writer.WriteLine($"error: {(message.Urn.Length > 0 ? message.Urn + ": " : "")}{message.Message.Trim()}");
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
