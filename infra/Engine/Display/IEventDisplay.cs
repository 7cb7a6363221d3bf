using Reco.Engine.Events;

namespace Reco.Engine.Display;

/// <summary>Shows a run. Gets its events one at a time.</summary>
internal interface IEventDisplay : IAsyncDisposable
{
    /// <summary>Shows one event.</summary>
    void Handle(EngineEvent @event);
}
