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

    [Theory]
    [MemberData(nameof(Files))]
    public void Workflow_RunsOfOneThing_DoNotOvertakeEachOther(string file) => Assert.Contains("concurrency:", Read(file), StringComparison.Ordinal);

    [Theory]
    [InlineData("deploy-stack.yml")]
    [InlineData("ttl.yml")]
    [InlineData("sign-images.yml")]
    public void Workflow_ThatLogsIn_DoesSoByOidcInAnEnvironment(string file)
    {
        var text = Read(file);
        Assert.Contains("id-token: write", text, StringComparison.Ordinal);
        Assert.Contains("    environment: ", text, StringComparison.Ordinal);
        Assert.Contains("uses: azure/login@", text, StringComparison.Ordinal);
        Assert.DoesNotContain("creds:", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Preview_OfAPullRequest_LogsInNowhere()
    {
        var text = Read("preview.yml");
        Assert.DoesNotContain("id-token", text, StringComparison.Ordinal);
        Assert.DoesNotContain("environment:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("azure/login", text, StringComparison.Ordinal);
        Assert.DoesNotContain("vars.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Preview_OfAPullRequest_MayWriteNothing()
    {
        var text = Read("preview.yml");
        Assert.DoesNotContain(": write", text, StringComparison.Ordinal);
        Assert.Contains("--markdown", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Workflow_PinnedActions_SayTheirVersion(string file) =>
        Assert.All(PinnedLine().Matches(Read(file)), use => Assert.True(Versioned().IsMatch(use.Value), $"{use.Value.Trim()} does not say its version"));

    [Fact]
    public void SignImages_LogsInByOidcAndTakesDigestsOnly()
    {
        var text = Read("sign-images.yml");
        Assert.Contains("id-token: write", text, StringComparison.Ordinal);
        Assert.Contains("environment: ${{ inputs.stack }}", text, StringComparison.Ordinal);
        Assert.Contains("@sha256:[0-9a-f]{64}$", text, StringComparison.Ordinal);
        Assert.Contains("credential_type=azurecli", text, StringComparison.Ordinal);
        // What a caller gives reaches the shell as a variable, never as text of the script.
        Assert.DoesNotContain("${{ inputs.images }}", Script().Match(text).Value, StringComparison.Ordinal);
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, ".github", "workflows", file));

    [GeneratedRegex(@"uses: \S+@[0-9a-f]{40}.*")]
    private static partial Regex PinnedLine();

    [GeneratedRegex(@"# v[0-9]+\.[0-9]+\.[0-9]+$")]
    private static partial Regex Versioned();

    [GeneratedRegex(@"run: \|[\s\S]*?(?=\n      - )")]
    private static partial Regex Script();

    [GeneratedRegex(@"uses: (\S+)")]
    private static partial Regex Uses();

    [GeneratedRegex("@[0-9a-f]{40}$")]
    private static partial Regex Pinned();
}
