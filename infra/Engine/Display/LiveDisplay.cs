using System.Globalization;
using Reco.Engine.Events;
using Spectre.Console;

namespace Reco.Engine.Display;

/// <summary>A live table on a terminal: a tree of resources with what happens to them and for how long, and the last line of
/// what takes long. When the run ends the table stays, and messages, outputs and counts follow.</summary>
internal sealed class LiveDisplay : IEventDisplay
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);
    private readonly DisplayOptions options;
    private readonly Summary summary;
    private readonly Lock gate = new();
    private readonly List<Row> rows = [];
    private readonly Dictionary<string, Row> byUrn = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task drawing;
    private IReadOnlyList<string> configuration = [];
    private EngineEvent.Summary? end;

    /// <summary>Begins to draw.</summary>
    public LiveDisplay(DisplayOptions options)
    {
        this.options = options;
        summary = new Summary(options);
        ConsoleText.Line(options.Console, RunTitle.Of(options), "bold");
        drawing = DrawAsync();
    }

    /// <inheritdoc/>
    public void Handle(EngineEvent @event)
    {
        lock (gate)
        {
            summary.Note(@event);
            switch (@event)
            {
                case EngineEvent.Prelude begun:
                    configuration = [.. RunTitle.Configuration(options, begun)];
                    break;
                case EngineEvent.ResourcePre before:
                    Find(before.Step).Begin(before.Step, options.Time.GetTimestamp());
                    break;
                case EngineEvent.ResourceOutputs after:
                    Find(after.Step).End(after.Step, StepText.Done(after.Step.Op, after.Planning), after.Planning ? null : after.Duration);
                    break;
                case EngineEvent.ResourceFailed failed:
                    Find(failed.Step).Fail(failed.Step);
                    break;
                case EngineEvent.Diagnostic message when byUrn.TryGetValue(message.Urn, out var row):
                    row.Info = message.Message.Trim().Split('\n')[0];
                    break;
                case EngineEvent.Summary summarised:
                    end = summarised;
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        ended.TrySetResult();
        await drawing;
        if (end is not null)
        {
            options.Console.WriteLine();
            foreach (var line in configuration)
            {
                ConsoleText.Line(options.Console, line);
            }

            summary.Write(end);
        }
    }

    private Row Find(StepInfo step)
    {
        if (!byUrn.TryGetValue(step.Urn, out var row))
        {
            byUrn[step.Urn] = row = new Row(step.Urn, step.New?.Parent ?? step.Old?.Parent ?? "");
            rows.Add(row);
        }

        return row;
    }

    private Task DrawAsync() => options.Console.Live(new Text("")).AutoClear(false).Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Top).StartAsync(async context =>
    {
        while (!ended.Task.IsCompleted)
        {
            context.UpdateTarget(Render(live: true));
            await Task.WhenAny(ended.Task, Task.Delay(Period));
        }

        context.UpdateTarget(Render(live: false));
    });

    private Table Render(bool live)
    {
        lock (gate)
        {
            var table = new Table().NoBorder().HideHeaders().AddColumns(new TableColumn("").NoWrap(), new TableColumn("").NoWrap(), new TableColumn("").NoWrap());
            foreach (var (row, depth) in Ordered(Shown(live)))
            {
                var colour = row.HasFailed ? "red" : StepText.Colour(row.Op);
                table.AddRow(
                    new Markup($"[{colour}]{Markup.Escape(StepText.Mark(row.Op))}[/] {new string(' ', depth * 2)}{Markup.Escape(Planning.Urn.Type(row.Urn))}"),
                    new Markup(Markup.Escape(options.ShowUrns ? row.Urn : Planning.Urn.Name(row.Urn))),
                    new Markup($"[{colour}]{Markup.Escape(row.Status(options.Time))}[/]{(live && row.Info.Length > 0 ? $" [grey]{Markup.Escape(row.Info)}[/]" : "")}"));
                if (options.Diff && !live && row.Step is { } step && row.Op != "same")
                {
                    foreach (var line in StepDiff.Lines(step, options.ShowSecrets))
                    {
                        table.AddRow(new Markup(Markup.Escape(line.ToString())), new Text(""), new Text(""));
                    }
                }
            }

            return table;
        }
    }

    /// <summary>Rows to show, and those above them.</summary>
    private HashSet<Row> Shown(bool live)
    {
        var shown = new HashSet<Row>();
        foreach (var row in rows.Where(row => row.IsShown(options.ShowSames, live)))
        {
            var at = row;
            while (shown.Add(at) && byUrn.TryGetValue(at.Parent, out var parent))
            {
                at = parent;
            }
        }

        return shown;
    }

    private IEnumerable<(Row Row, int Depth)> Ordered(HashSet<Row> shown)
    {
        var children = rows.Where(shown.Contains).ToLookup(row => row.Parent, StringComparer.Ordinal);
        var open = new Stack<(Row Row, int Depth)>(rows.Where(row => shown.Contains(row) && !byUrn.ContainsKey(row.Parent)).Reverse().Select(row => (row, 0)));
        while (open.TryPop(out var next))
        {
            yield return next;
            foreach (var child in children[next.Row.Urn].Reverse())
            {
                open.Push((child, next.Depth + 1));
            }
        }
    }

    private sealed class Row(string urn, string parent)
    {
        private string done = "";
        private long began;
        private TimeSpan? duration;

        public string Urn => urn;

        public string Parent => parent;

        public string Op { get; private set; } = "same";

        public StepInfo? Step { get; private set; }

        public bool HasFailed { get; private set; }

        public string Info { get; set; } = "";

        public bool IsShown(bool sames, bool live) => HasFailed || sames || Op != "same" || (live && Info.Length > 0);

        public void Begin(StepInfo step, long now)
        {
            // Of a replacement, the word "replace" says it all; its parts show while they run.
            (Op, Step, began, duration, done) = (step.Op == "same" && Step is not null ? Op : step.Op, step, now, null, "");
        }

        public void End(StepInfo step, string text, TimeSpan? time)
        {
            (Op, Step, done, duration) = (step.Op, step, text, time);
        }

        public void Fail(StepInfo step) => (Op, Step, HasFailed, done) = (step.Op, step, true, $"{StepText.Doing(step.Op)} failed");

        public string Status(TimeProvider time) => done.Length > 0
            ? done + (duration is { TotalSeconds: >= 0.05 } taken ? string.Create(CultureInfo.InvariantCulture, $" ({taken.TotalSeconds:0.0}s)") : "")
            : Op == "same" ? "" : $"{StepText.Doing(Op)} ({time.GetElapsedTime(began).TotalSeconds:0}s)";
    }
}
