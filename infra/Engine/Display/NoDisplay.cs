using Reco.Engine.Events;

namespace Reco.Engine.Display;

/// <summary>Shows nothing.</summary>
internal sealed class NoDisplay : IEventDisplay
{
    /// <inheritdoc/>
    public void Handle(EngineEvent @event)
    {
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
