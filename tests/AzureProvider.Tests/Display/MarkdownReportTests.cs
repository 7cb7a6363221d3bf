using System.Collections.Immutable;
using Reco.Engine.Display;
using Reco.Engine.Events;
using Reco.Engine.State;
using Reco.Engine.Values;

namespace Reco.Providers.AzureNative.Tests.Display;

public sealed class MarkdownReportTests
{
    private const string Urn = "urn:pulumi:prod::reco::kubernetes:core/v1:Secret::";

    [Fact]
    public void Report_Changes_FoldsADiffForEachAndMasksSecrets()
    {
        var report = new MarkdownReport("prod");
        report.Handle(Pre("update", "keys", Map(("plain", "old"), ("key", "hush-old")), Map(("plain", "new"), ("key", "hush-new"))));
        report.Handle(Pre("same", "other", Map(), Map()));
        report.Handle(Summary(("update", 1), ("same", 3)));
        var text = report.ToMarkdown(null);
        Assert.Contains("| same | update |", text, StringComparison.Ordinal);
        Assert.Contains("<details><summary><code>~</code> update <b>keys</b> <code>kubernetes:core/v1:Secret</code></summary>", text, StringComparison.Ordinal);
        Assert.Contains("""! """, text, StringComparison.Ordinal);
        Assert.Contains("\"old\" => \"new\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", text, StringComparison.Ordinal);
        Assert.DoesNotContain("other", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_NoChanges_SaysSo()
    {
        var report = new MarkdownReport("prod");
        report.Handle(Summary(("same", 12)));
        Assert.Contains("No changes: 12 resources stay as they are.", report.ToMarkdown(null), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_TextThatLooksLikeMarkup_CannotEscapeItsPlace()
    {
        var report = new MarkdownReport("prod");
        report.Handle(Pre("create", "a</summary><b>@everyone", Map(), Map(("plain", "x\n```\n# heading"))));
        report.Handle(new EngineEvent.Diagnostic("error", "see <script> @team", "", false));
        report.Handle(new EngineEvent.PolicyViolation(Urn + "a", "reco", "1", "tagged", "mandatory", "tags <lack> owner"));
        report.Handle(Summary(("create", 1)));
        var text = report.ToMarkdown(null);

        // In a fenced block nothing is markup and nobody is mentioned.
        var outside = System.Text.RegularExpressions.Regex.Replace(text, @"(?ms)^(`{3,}).*?^\1\s*$", "");
        Assert.DoesNotContain("<script>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("@everyone", outside, StringComparison.Ordinal);
        Assert.DoesNotContain("</summary><b>", outside, StringComparison.Ordinal);
        Assert.Contains("**mandatory** `tagged`", text, StringComparison.Ordinal);
        Assert.Contains("````", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_MoreThanACommentTakes_SaysHowManyDiffsAreLeftOut()
    {
        var report = new MarkdownReport("prod");
        for (var i = 0; i < 100; i++)
        {
            report.Handle(Pre("create", $"big{i}", Map(), Map(("plain", new string('x', 2_000)))));
        }

        report.Handle(Summary(("create", 100)));
        var text = report.ToMarkdown(null);
        Assert.True(text.Length < 65_536);
        Assert.Matches("[0-9]+ more resources change", text);
        Assert.All(Enumerable.Range(0, 100), number => Assert.Contains($"<b>big{number}</b>", text, StringComparison.Ordinal));
    }

    private static EngineEvent.ResourcePre Pre(string op, string name, PropertyMap before, PropertyMap after) => new(new StepInfo
    {
        Op = op,
        Urn = Urn + name,
        Type = "kubernetes:core/v1:Secret",
        Old = op == "create" ? null : State(name, before),
        New = State(name, after),
    }, Planning: true);

    private static ResourceState State(string name, PropertyMap inputs) => new() { Urn = Urn + name, Type = "kubernetes:core/v1:Secret", Custom = true, Inputs = inputs };

    private static PropertyMap Map(params (string Key, string Text)[] entries) => new(entries.Select(entry =>
        KeyValuePair.Create(entry.Key, entry.Key == "key" ? new PropertyValue.StringValue(entry.Text).AsSecret() : new PropertyValue.StringValue(entry.Text))));

    private static EngineEvent.Summary Summary(params (string Op, int Count)[] changes) =>
        new(changes.ToImmutableSortedDictionary(change => change.Op, change => change.Count), TimeSpan.FromSeconds(1), null, null, false);
}
