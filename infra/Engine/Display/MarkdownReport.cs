using System.Text;
using Reco.Engine.Events;
using Reco.Engine.Review;
using Reco.Policies.Costs;

namespace Reco.Engine.Display;

/// <summary>Collects a preview into the comment of a pull request (<c>preview --markdown</c>): counts, every changed resource
/// with its diff folded away, violations, messages, costs. Secrets are always masked.</summary>
/// <param name="stack">Name of the stack.</param>
internal sealed class MarkdownReport(string stack) : IEventDisplay
{
    /// <summary>GitHub takes 65,536 characters a comment; the rest is for what follows the diffs.</summary>
    private const int MostDiffCharacters = 48_000;

    private readonly List<StepInfo> steps = [];
    private readonly List<EngineEvent.PolicyViolation> violations = [];
    private readonly List<EngineEvent.Diagnostic> messages = [];
    private EngineEvent.Summary? summary;

    /// <inheritdoc/>
    public void Handle(EngineEvent @event)
    {
        switch (@event)
        {
            case EngineEvent.ResourcePre { Step.Op: not "same" } before:
                steps.Add(before.Step);
                break;
            case EngineEvent.PolicyViolation violation:
                violations.Add(violation);
                break;
            case EngineEvent.Diagnostic { Ephemeral: false, Severity: "warning" or "error" } message:
                messages.Add(message);
                break;
            case EngineEvent.Summary end:
                summary = end;
                break;
        }
    }

    /// <summary>The comment.</summary>
    /// <param name="costs">Costs as they are and as they are planned; null where there are none.</param>
    public string ToMarkdown((CostEstimate Before, CostEstimate After)? costs)
    {
        var text = new StringBuilder();
        text.Append("### Preview of stack `").Append(stack).Append("`\n\n");
        WriteCounts(text);
        WriteMessages(text);
        WriteViolations(text);
        WriteSteps(text);
        if (costs is { } both)
        {
            text.Append('\n').AppendJoin('\n', CostText.Markdown(both.Before, both.After)).Append('\n');
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void WriteCounts(StringBuilder text)
    {
        var counts = summary?.Changes.Where(change => change.Value > 0).ToArray() ?? [];
        if (counts.All(change => change.Key == "same"))
        {
            text.Append("No changes");
            text.Append(counts.Length > 0 ? $": {counts[0].Value} resources stay as they are.\n" : ".\n");
            return;
        }

        text.Append('|').AppendJoin('|', counts.Select(change => $" {change.Key} ")).Append("|\n|").AppendJoin('|', counts.Select(_ => "--:")).Append("|\n|")
            .AppendJoin('|', counts.Select(change => $" {change.Value} ")).Append("|\n");
    }

    private void WriteMessages(StringBuilder text)
    {
        foreach (var message in messages)
        {
            var name = message.Urn.Length > 0 ? $"`{Planning.Urn.Name(message.Urn)}`: " : "";
            text.Append($"\n> **{message.Severity}** {name}{Inert(message.Message.Trim()).ReplaceLineEndings(" ")}\n");
        }
    }

    private void WriteViolations(StringBuilder text)
    {
        if (violations.Count == 0)
        {
            return;
        }

        text.Append("\n#### Policies\n\n");
        foreach (var violation in violations.OrderBy(violation => violation.Enforcement == "mandatory" ? 0 : 1))
        {
            text.Append($"- **{violation.Enforcement}** `{violation.Policy}` on `{Planning.Urn.Name(violation.Urn)}`: {Inert(violation.Message.Trim()).ReplaceLineEndings(" ")}\n");
        }
    }

    private void WriteSteps(StringBuilder text)
    {
        if (steps.Count == 0)
        {
            return;
        }

        text.Append("\n#### Resources\n\n");
        var titled = steps.Select(step => (Step: step, Title: $"<code>{StepText.Mark(step.Op).Trim()}</code> {step.Op} <b>{Inert(Planning.Urn.Name(step.Urn))}</b> <code>{Inert(step.Type)}</code>")).ToList();
        // Every resource is named, whatever becomes of its diff.
        var left = MostDiffCharacters - titled.Sum(entry => entry.Title.Length);
        var folded = new List<string>();
        foreach (var (step, title) in titled)
        {
            var body = string.Join('\n', StepDiff.Lines(step, showSecrets: false).Select(line => Line(line)));
            if (body.Length > left)
            {
                folded.Add(title);
                continue;
            }

            left -= body.Length;
            // A fence longer than any in the text cannot be closed by it.
            var fence = new string('`', Math.Max(3, LongestRun(body) + 1));
            text.Append($"<details><summary>{title}</summary>\n\n{fence}diff\n{body}\n{fence}\n\n</details>\n");
        }

        if (folded.Count > 0)
        {
            text.Append($"\n{folded.Count} more resources change; their diffs do not fit here. Run `reco preview --diff -s {stack}` to see them.\n\n");
            text.AppendJoin("", folded.Select(title => $"- {title}\n"));
        }
    }

    /// <summary>A line of a diff, its mark first, which is what colours it; updates have none of their own.</summary>
    private static string Line(DiffLine line) => $"{(line.Mark == '~' ? '!' : line.Mark)} {new string(' ', Math.Max(0, line.Indent - 4))}{line.Text}".TrimEnd();

    private static int LongestRun(string text)
    {
        var (longest, run) = (0, 0);
        foreach (var character in text)
        {
            run = character == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }

    /// <summary>Text that can neither open a tag nor mention somebody.</summary>
    private static string Inert(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("@", "&#64;", StringComparison.Ordinal);
}
