using System.Diagnostics;
using System.Text.RegularExpressions;
using Reco.Engine.Cli;

namespace Reco.Providers.AzureNative.Tests.Pipelines;

/// <summary>What the pipelines of GitHub and Azure run: every command is one that there is.</summary>
public sealed partial class PipelineCommandTests
{
    private const string Digest = "@sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

    private static readonly string[] All =
    [
        "azure-pipelines.yml",
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, ".github", "workflows"), "*.yml").Select(file => Path.GetRelativePath(Repository.Root, file)),
    ];

    public static TheoryData<string> Files { get; } = [.. All];

    [Theory]
    [MemberData(nameof(Files))]
    public void Pipeline_CommandsOfReco_AreAcceptedByTheCommandLine(string file)
    {
        using var nowhere = new StringWriter();
        var root = RecoCommand.Root(new CliContext(nowhere, nowhere, _ => null, TimeProvider.System, CancellationToken.None), new CommonOptions());
        foreach (Match command in Command().Matches(Read(file)))
        {
            var line = Variable().Replace(command.Groups[1].Value, "some-name");
            Assert.True(root.Parse(line).Errors.Count == 0, $"{file}: ./reco {line}: {string.Join("; ", root.Parse(line).Errors)}");
        }
    }

    [Fact]
    public void Pipelines_UseReco() => Assert.True(All.Sum(file => Command().Count(Read(file))) >= 4);

    [Theory]
    [MemberData(nameof(Files))]
    public void Pipeline_PathsOfTheRepository_AreThere(string file)
    {
        foreach (Match path in Place().Matches(Read(file)))
        {
            var full = Path.Combine(Repository.Root, path.Groups[1].Value);
            Assert.True(File.Exists(full) || Directory.Exists(full), $"{file} names {path.Groups[1].Value}");
        }

        // What is run by its path must be a program.
        foreach (Match path in Run().Matches(Read(file)))
        {
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Path.Combine(Repository.Root, path.Groups[1].Value)).HasFlag(UnixFileMode.UserExecute), $"{file} runs {path.Groups[1].Value}");
        }
    }

    [Fact]
    public void AzurePipelines_StagesThatAreSkipped_DoNotKeepOthersFromRunning()
    {
        // A stage without dependsOn waits for the one before, and one that was skipped has not succeeded.
        var text = Read("azure-pipelines.yml");
        Assert.Equal(text.Split("- stage: ").Length, text.Split("dependsOn:").Length);
    }

    [Theory]
    [InlineData("staging", "reco:trainingImage x.io/training-gpu", "reco:scoringImage x.io/scoring-cpu")]
    [InlineData("prod", "reco:trainingImage x.io/training-gpu", "reco:scoringImage x.io/scoring-gpu")]
    [InlineData("dev", "reco:trainingImage x.io/training-cpu", "reco:scoringImage x.io/scoring-cpu")]
    public async Task StackImages_OfAStack_AreThoseForItsProcessorsOrGpus(string stack, params string[] expected) =>
        Assert.Equal((0, string.Concat(expected.Select(line => $"{line}{Digest}\n"))), await ChooseAsync(stack, name => $"x.io/{name}{Digest}"));

    [Fact]
    public async Task StackImages_WithoutAny_LeaveTheStackItsOwn() => Assert.Equal((0, ""), await ChooseAsync("prod", _ => ""));

    [Fact]
    public async Task StackImages_ByTag_AreRefused() => Assert.Equal((1, ""), await ChooseAsync("prod", name => $"x.io/{name}:latest"));

    private static async Task<(int Code, string Output)> ChooseAsync(string stack, Func<string, string> reference)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Repository.Root, "infra", "Launcher", "stack-images.sh"), stack]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in new[] { "training-cpu", "training-gpu", "scoring-cpu", "scoring-gpu" })
        {
            start.Environment[name.ToUpperInvariant().Replace('-', '_')] = reference(name);
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, file));

    [GeneratedRegex(@"\./reco ([^|>)\n]*)")]
    private static partial Regex Command();

    [GeneratedRegex(@"\$\{\{[^}]*\}\}|\$\([A-Za-z.]+\)|""?\$[A-Za-z]+""?")]
    private static partial Regex Variable();

    [GeneratedRegex(@"(?<![\w-])((?:infra|tests|\.github)/[\w./-]*[\w-])")]
    private static partial Regex Place();

    [GeneratedRegex(@"\./(test|reco|infra/[\w./-]+\.sh)\b")]
    private static partial Regex Run();
}
