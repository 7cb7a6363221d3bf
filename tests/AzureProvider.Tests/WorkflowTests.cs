using System.Text.RegularExpressions;

namespace Reco.Providers.AzureNative.Tests;

/// <summary>What the workflow files promise: actions by commit, the least permissions, no secret.</summary>
public sealed partial class WorkflowTests
{
    public static TheoryData<string> Files { get; } = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, ".github", "workflows"), "*.yml").Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Workflow_Actions_ArePinnedToCommits(string file) =>
        Assert.All(Uses().Matches(Read(file)), use => Assert.True(
            use.Groups[1].Value.StartsWith("./", StringComparison.Ordinal) || Pinned().IsMatch(use.Groups[1].Value), use.Value));

    [Theory]
    [MemberData(nameof(Files))]
    public void Workflow_Permissions_AreSaidAndNoSecretIsUsed(string file)
    {
        var text = Read(file);
        Assert.Contains("permissions:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secrets.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("pull_request_target", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Preview_OfAPullRequest_MayWriteNothing()
    {
        var text = Read("preview.yml");
        Assert.DoesNotContain(": write", text, StringComparison.Ordinal);
        Assert.Contains("--markdown", text, StringComparison.Ordinal);
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, ".github", "workflows", file));

    [GeneratedRegex(@"uses: (\S+)")]
    private static partial Regex Uses();

    [GeneratedRegex("@[0-9a-f]{40}$")]
    private static partial Regex Pinned();
}
