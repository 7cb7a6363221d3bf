using System.Collections.Immutable;
using Reco.Engine.Planning;
using Reco.Engine.Values;

namespace Reco.Engine.Events;

/// <summary>Passes events on one at a time, with secrets masked in texts, and counts steps.</summary>
/// <param name="receiver">Who gets them.</param>
/// <param name="masker">Secrets of this run.</param>
/// <param name="planning">True in a preview.</param>
internal sealed class EventSink(Action<EngineEvent> receiver, SecretMasker masker, bool planning)
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, int> changes = new(StringComparer.Ordinal);

    /// <summary>True once an error has been told.</summary>
    public bool HasError { get; private set; }

    /// <summary>Steps by operation so far.</summary>
    public ImmutableSortedDictionary<string, int> Changes
    {
        get
        {
            lock (gate)
            {
                return changes.ToImmutableSortedDictionary(StringComparer.Ordinal);
            }
        }
    }

    /// <summary>A step is about to run.</summary>
    public void Before(StepInfo step)
    {
        if (IsShown(step))
        {
            Send(new EngineEvent.ResourcePre(step, planning));
        }
    }

    /// <summary>Counts a step that has run.</summary>
    public void Count(StepInfo step)
    {
        if (IsShown(step))
        {
            lock (gate)
            {
                changes[step.Op] = changes.GetValueOrDefault(step.Op) + 1;
            }
        }
    }

    /// <summary>A step has run, and its outputs are known.</summary>
    public void After(StepInfo step, TimeSpan duration)
    {
        if (IsShown(step))
        {
            Send(new EngineEvent.ResourceOutputs(step, planning, duration));
        }
    }

    /// <summary>A step has failed.</summary>
    public void Failed(StepInfo step, string message)
    {
        var masked = masker.Apply(message);
        Diagnose("error", masked, step.Urn);
        Send(new EngineEvent.ResourceFailed(step, masked));
    }

    /// <summary>A message.</summary>
    public void Diagnose(string severity, string message, string urn = "", bool ephemeral = false)
    {
        if (severity == "error")
        {
            HasError = true;
        }

        Send(new EngineEvent.Diagnostic(severity, masker.Apply(message), urn, ephemeral));
    }

    /// <summary>Any other event.</summary>
    public void Send(EngineEvent @event)
    {
        lock (gate)
        {
            receiver(@event);
        }
    }

    // The providers that the engine makes up are its own affair.
    private static bool IsShown(StepInfo step) => step.Op != "remove-pending-replace" && !Urn.IsDefaultProvider(step.Urn);
}
