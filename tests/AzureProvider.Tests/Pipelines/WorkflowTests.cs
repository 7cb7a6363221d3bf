using System.Text.RegularExpressions;

namespace Reco.Providers.AzureNative.Tests.Pipelines;

/// <summary>What the workflow files promise: actions by commit, the least permissions, no secret.</summary>
public sealed partial class WorkflowTests
{
    private static readonly string[] All = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, ".github", "workflows"), "*.yml").Select(file => Path.GetFileName(file)!)];
    private static readonly string[] OfPullRequests = [.. All.Where(file => Read(file).Contains("\n  pull_request:", StringComparison.Ordinal))];

    public static TheoryData<string> Files { get; } = [.. All];

    /// <summary>Those that pull requests run, forks' among them.</summary>
    public static TheoryData<string> FilesOfPullRequests { get; } = [.. OfPullRequests];

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
    [InlineData("images.yml")]
    public void Workflow_ThatLogsIn_DoesSoByOidcInAnEnvironment(string file)
    {
        var text = Read(file);
        Assert.Contains("id-token: write", text, StringComparison.Ordinal);
        Assert.Contains("    environment: ", text, StringComparison.Ordinal);
        Assert.Contains("uses: azure/login@", text, StringComparison.Ordinal);
        Assert.DoesNotContain("creds:", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(FilesOfPullRequests))]
    public void Workflow_OfPullRequests_LogsInNowhereAndMayWriteNothing(string file)
    {
        var text = Read(file);
        foreach (var forbidden in new[] { "id-token", "environment:", "azure/login", "vars.", "github.token", ": write" })
        {
            Assert.DoesNotContain(forbidden, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void PullRequests_AreTestedAndPreviewed()
    {
        Assert.Contains("ci.yml", OfPullRequests);
        Assert.Contains("run: ./test", Read("ci.yml"), StringComparison.Ordinal);
        Assert.Contains("preview.yml", OfPullRequests);
        Assert.Contains("--markdown", Read("preview.yml"), StringComparison.Ordinal);
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

    [Fact]
    public void Deploy_TakesByDigestWhatImagesPushes()
    {
        var outputs = Output().Matches(Read("images.yml")).Select(output => output.Groups[1].Value).Distinct().Order().ToList();
        Assert.Equal(["scoring-cpu", "scoring-gpu", "training-cpu", "training-gpu"], outputs);
        foreach (var output in outputs)
        {
            // For each of the two environments: to be signed there, and to be deployed there.
            Assert.Equal(4, Read("deploy.yml").Split($"needs.images.outputs.{output} ").Length - 1);
            Assert.Contains($"${{{{ inputs.{output} }}}}", Read("deploy-stack.yml"), StringComparison.Ordinal);
        }
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, ".github", "workflows", file));

    [GeneratedRegex(@"uses: \S+@[0-9a-f]{40}.*")]
    private static partial Regex PinnedLine();

    [GeneratedRegex(@"# v[0-9]+\.[0-9]+\.[0-9]+$")]
    private static partial Regex Versioned();

    [GeneratedRegex(@"jobs\.push\.outputs\.([a-z-]+)")]
    private static partial Regex Output();

    [GeneratedRegex(@"run: \|[\s\S]*?(?=\n      - )")]
    private static partial Regex Script();

    [GeneratedRegex(@"uses: (\S+)")]
    private static partial Regex Uses();

    [GeneratedRegex("@[0-9a-f]{40}$")]
    private static partial Regex Pinned();
}
