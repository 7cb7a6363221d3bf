using Reco.Engine.Events;
using Reco.Engine.Planning;

namespace Reco.Engine.Display;

/// <summary>Plain lines, for logs and where there is no terminal.</summary>
internal sealed class PlainDisplay(DisplayOptions options) : IEventDisplay
{
    private static readonly TimeSpan StatusPeriod = TimeSpan.FromSeconds(2);
    private readonly Summary summary = new(options);
    private readonly Dictionary<string, (string Text, long At)> status = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Handle(EngineEvent @event)
    {
        summary.Note(@event);
        switch (@event)
        {
            case EngineEvent.Prelude begun:
                Line(RunTitle.Of(options));
                foreach (var line in RunTitle.Configuration(options, begun))
                {
                    Line(line);
                }

                Line("");
                break;
            case EngineEvent.ResourcePre { Planning: false } before when before.Step.Op is not ("same" or "replace"):
                Step(before.Step, StepText.Doing(before.Step.Op));
                break;
            case EngineEvent.ResourceOutputs after when after.Step.Op != "same" || options.ShowSames:
                Done(after);
                break;
            case EngineEvent.ResourceFailed failed:
                Step(failed.Step, $"{StepText.Doing(failed.Step.Op)} failed");
                break;
            case EngineEvent.Diagnostic { Ephemeral: true } message:
                Status(message);
                break;
            case EngineEvent.Diagnostic { Severity: "error" or "warning" or "info" or "info#err" } message when message.Message.Trim().Length > 0:
                Line($"    {(message.Severity is "error" or "warning" ? $"{message.Severity}: " : "")}{message.Message.TrimEnd()}");
                break;
            case EngineEvent.Cancelled:
                Line("    cancelled");
                break;
            case EngineEvent.Summary end:
                Line("");
                summary.Write(end);
                break;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Done(EngineEvent.ResourceOutputs after)
    {
        var step = after.Step;
        var time = after.Planning || after.Duration < TimeSpan.FromSeconds(0.05) ? "" : $" ({after.Duration.TotalSeconds:0.0}s)";
        var diff = step.Diffs.Length > 0 && step.Op is "update" or "replace" ? $" [diff: {string.Join(",", step.Diffs.Select(name => $"~{name}"))}]" : "";
        Step(step, StepText.Done(step.Op, after.Planning) + time + diff);
        if (options.Diff)
        {
            foreach (var line in StepDiff.Lines(step, options.ShowSecrets))
            {
                Line(line.ToString());
            }
        }
    }

    private void Step(StepInfo step, string text) => Line($" {StepText.Mark(step.Op)} {step.Type} {(options.ShowUrns ? step.Urn : Urn.Name(step.Urn))} {text}");

    /// <summary>Progress of what takes long: a line when it changes, and not too often.</summary>
    private void Status(EngineEvent.Diagnostic message)
    {
        var now = options.Time.GetTimestamp();
        if (status.TryGetValue(message.Urn, out var last) && (last.Text == message.Message || options.Time.GetElapsedTime(last.At, now) < StatusPeriod))
        {
            return;
        }

        status[message.Urn] = (message.Message, now);
        Line($"    {(message.Urn.Length > 0 ? Urn.Name(message.Urn) + ": " : "")}{message.Message.Trim()}");
    }

    private void Line(string text) => ConsoleText.Line(options.Console, text);
}
