using System.Globalization;
using Reco.Engine.Events;
using Reco.Engine.Values;
using Spectre.Console;

namespace Reco.Engine.Display;

/// <summary>What stands at the end of a run: messages by resource, policy violations, outputs, counts, duration.</summary>
internal sealed class Summary(DisplayOptions options)
{
    private readonly List<EngineEvent.Diagnostic> messages = [];
    private readonly List<EngineEvent.PolicyViolation> violations = [];
    private readonly List<EngineEvent.PolicyRemediation> remediations = [];

    /// <summary>Notes what is shown at the end.</summary>
    public void Note(EngineEvent @event)
    {
        switch (@event)
        {
            case EngineEvent.Diagnostic { Ephemeral: false, Severity: not "debug" } message when message.Message.Trim().Length > 0:
                messages.Add(message);
                break;
            case EngineEvent.PolicyViolation violation:
                violations.Add(violation);
                break;
            case EngineEvent.PolicyRemediation remediation:
                remediations.Add(remediation);
                break;
        }
    }

    /// <summary>Writes it.</summary>
    public void Write(EngineEvent.Summary summary)
    {
        WriteMessages();
        WriteViolations();
        if (!options.SuppressOutputs && summary.Outputs is { Count: > 0 } outputs)
        {
            WriteOutputs(outputs, summary.OldOutputs ?? PropertyMap.Empty);
        }

        WriteCounts(summary);
    }

    /// <summary>A duration as people say it.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, Math.Round(time.TotalSeconds)):0}s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes}m{time.Seconds}s");

    private void WriteMessages()
    {
        if (messages.Count == 0)
        {
            return;
        }

        Line("Diagnostics:");
        foreach (var group in messages.GroupBy(message => message.Urn))
        {
            Line(group.Key.Length == 0 ? $"  {options.Stack}:" : $"  {Planning.Urn.Type(group.Key)} ({Planning.Urn.Name(group.Key)}):");
            foreach (var message in group)
            {
                var (prefix, colour) = message.Severity switch { "error" => ("error: ", "red"), "warning" => ("warning: ", "yellow"), _ => ("", "") };
                foreach (var (line, index) in message.Message.TrimEnd().Split('\n').Select((line, index) => (line, index)))
                {
                    Line($"    {(index == 0 ? prefix : "")}{line.TrimEnd()}", colour);
                }
            }

            Line("");
        }
    }

    private void WriteViolations()
    {
        if (violations.Count == 0 && remediations.Count == 0)
        {
            return;
        }

        Line("Policies:");
        foreach (var remediation in remediations)
        {
            var changed = remediation.After.Keys.Union(remediation.Before.Keys)
                .Where(key => !Equals(remediation.Before.GetValueOrDefault(key), remediation.After.GetValueOrDefault(key)));
            Line($"  [remediate] {remediation.Pack} v{remediation.PackVersion} {remediation.Policy} ({Planning.Urn.Name(remediation.Urn)}): {string.Join(", ", changed)}", "yellow");
        }

        foreach (var violation in violations)
        {
            Line($"  [{violation.Enforcement}] {violation.Pack} v{violation.PackVersion} {violation.Policy} ({Planning.Urn.Name(violation.Urn)})", violation.Enforcement == "mandatory" ? "red" : "yellow");
            foreach (var line in violation.Message.Trim().Split('\n'))
            {
                Line($"    {line.TrimEnd()}");
            }
        }

        Line("");
    }

    private void WriteOutputs(PropertyMap outputs, PropertyMap old)
    {
        var tree = new PropertyTree(new PropertyText(options.ShowSecrets));
        Line("Outputs:");
        foreach (var (name, value) in outputs)
        {
            var lines = old.TryGetValue(name, out var before)
                ? before.Equals(value) ? tree.All(new PropertyMap([KeyValuePair.Create(name, value)]), ' ', 2) : tree.Differences(new PropertyMap([KeyValuePair.Create(name, before)]), new PropertyMap([KeyValuePair.Create(name, value)]), 2)
                : tree.All(new PropertyMap([KeyValuePair.Create(name, value)]), old.Count > 0 || options.Planning ? '+' : ' ', 2);
            foreach (var line in lines)
            {
                Line(line.ToString(), Colour(line.Mark));
            }
        }

        foreach (var name in old.Keys.Where(name => !outputs.ContainsKey(name)))
        {
            Line($"  - {name}", "red");
        }

        Line("");
    }

    private void WriteCounts(EngineEvent.Summary summary)
    {
        var changes = summary.Changes.Where(change => change.Key != "same" && change.Value > 0).ToArray();
        var same = summary.Changes.GetValueOrDefault("same");
        Line("Resources:");
        foreach (var (op, count) in changes)
        {
            Line($"    {StepText.Mark(op)} {StepText.Count(op, count, options.Planning)}", StepText.Colour(op));
        }

        if (same > 0 || changes.Length == 0)
        {
            Line($"    {same} unchanged");
        }

        if (!options.Planning)
        {
            Line("");
            Line($"Duration: {Duration(summary.Duration)}");
        }

        if (summary.MaybeCorrupt)
        {
            Line("warning: the state may not hold everything that happened; run 'reco refresh'", "yellow");
        }
    }

    private static string Colour(char mark) => mark switch { '+' => "green", '-' => "red", '~' => "yellow", _ => "" };

    private void Line(string text, string colour = "") => ConsoleText.Line(options.Console, text, colour);
}
