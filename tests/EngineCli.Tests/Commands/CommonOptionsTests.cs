using Reco.Engine.Cli.Tests.Support;
using Reco.EngineFixture;

namespace Reco.Engine.Cli.Tests.Commands;

public sealed class CommonOptionsTests
{
    [Fact]
    public async Task Version_Anywhere_NamesBothVersions()
    {
        await using var project = new CliProject();
        File.Delete(Path.Combine(project.Root, "Pulumi.yaml"));

        // A semantic version, for that is how the Automation API reads it.
        Assert.Matches(@"^v3\.\d+\.\d+\+reco\.\d+\.\d+\.\d+\n$", (await project.RunAsync("version")).Ok().Output);
    }

    [Fact]
    public async Task OptionsOfTheOfficialCli_WithoutMeaningHere_AreTaken()
    {
        await using var project = new CliProject();
        (await project.RunAsync("stack", "init", "dev", "--secrets-provider", "passphrase", "--logtostderr", "--logflow", "--verbose", "3", "--tracing", "file:trace")).Ok();
        (await project.RunAsync("--verbose", "stack", "ls")).Ok();
        (await project.RunAsync("preview", "--suppress-permalink", "--suppress-permalink=false", "--show-reads", "--show-full-output", "--skip-plugin-pre-install", "-Q", "--disable-integrity-checking")).Ok();
        Assert.NotEqual(0, (await project.RunAsync("stack", "init", "other", "--secrets-provider", "awskms://key")).Code);
        Assert.Contains("\"user\"", (await project.RunAsync("whoami", "--json")).Ok().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plugins_OfTheCache_AreListedAndBuiltInOnesCountAsInstalled()
    {
        await using var project = new CliProject();
        (await project.RunAsync("plugin", "install", "resource", "kubernetes", "v4.0.0")).Ok();
        var missing = await project.RunAsync("plugin", "install", "resource", "nowhere", "v1.2.3");
        Assert.Equal(1, missing.Code);
        Assert.Contains("'nowhere' v1.2.3", missing.Error, StringComparison.Ordinal);
        Assert.StartsWith("[", (await project.RunAsync("plugin", "ls", "--json")).Ok().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Project_IsFoundAboveAndByCwd()
    {
        await using var project = new CliProject();
        var inner = Directory.CreateDirectory(Path.Combine(project.Root, "infra", "deep")).FullName;
        (await project.RunAsync("--cwd", inner, "stack", "init", "dev")).Ok();
        Assert.True(File.Exists(project.Checkpoint));
        (await project.RunAsync("stack", "ls", "-C", inner)).Ok();
        var missing = await project.RunAsync("-C", Path.Combine(project.Root, "nowhere"), "stack", "ls");
        Assert.NotEqual(0, missing.Code);
        Assert.Contains("nowhere", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Project_Missing_SaysWhereItLooked()
    {
        await using var project = new CliProject();
        File.Delete(Path.Combine(project.Root, "Pulumi.yaml"));
        var result = await project.RunAsync("stack", "ls");
        Assert.NotEqual(0, result.Code);
        Assert.Contains("Pulumi.yaml", result.Error, StringComparison.Ordinal);
        Assert.Contains(project.Root, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name: shop\nruntime: [dotnet", "line")]
    [InlineData("runtime: dotnet", "name")]
    [InlineData("name: shop", "runtime")]
    [InlineData("- a\n- b", "mapping")]
    [InlineData("name: [a]\nruntime: dotnet", "name")]
    public async Task Project_Malformed_SaysWhatAndWhere(string yaml, string expected)
    {
        await using var project = new CliProject();
        File.WriteAllText(Path.Combine(project.Root, "Pulumi.yaml"), yaml);
        var result = await project.RunAsync("stack", "ls");
        Assert.InRange(result.Code, 1, 2);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Contains("Pulumi.yaml", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stack_Unknown_HasExitCode6()
    {
        await using var project = new CliProject();
        var result = await project.RunAsync("--stack", "nobody", "stack", "output");
        Assert.Equal(6, result.Code);
        Assert.Contains("nobody", result.Error, StringComparison.Ordinal);
        Assert.Contains("stack init", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stack_FromEnvironmentOrOption_IsUsed()
    {
        await using var project = new CliProject();
        await project.RunAsync("stack", "init", "dev");
        await project.RunAsync("stack", "init", "prod");
        project.Set("PULUMI_STACK", "dev");
        Assert.Equal("dev", (await project.RunAsync("stack", "--show-name")).Ok().Output.Trim());
        Assert.Equal("prod", (await project.RunAsync("stack", "--show-name", "-s", "organization/shop/prod")).Ok().Output.Trim());
    }

    [Fact]
    public async Task Backend_ByUrl_HasTheOfficialLayout()
    {
        await using var project = new CliProject();
        var elsewhere = Path.Combine(project.Root, "state");
        project.Set("PULUMI_BACKEND_URL", $"file://{elsewhere}");
        (await project.RunAsync("stack", "init", "dev")).Ok();
        Assert.True(File.Exists(Path.Combine(elsewhere, ".pulumi", "stacks", "shop", "dev.json")));
        Assert.Equal("version: 1", File.ReadAllText(Path.Combine(elsewhere, ".pulumi", "meta.yaml")).Trim());
        project.Set("PULUMI_BACKEND_URL", "s3://bucket");
        var other = await project.RunAsync("stack", "ls");
        Assert.NotEqual(0, other.Code);
        Assert.Contains("s3://bucket", other.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fly")]
    [InlineData("up", "--no-such-option")]
    [InlineData("stack", "select", "a", "b", "c")]
    [InlineData("up", "--parallel", "many")]
    [InlineData("config", "set")]
    public async Task BadArguments_AreRefusedWithHelp(params string[] arguments)
    {
        await using var project = new CliProject();
        var result = await project.RunAsync(arguments);
        Assert.Equal(2, result.Code);
        Assert.StartsWith("error:", result.Error, StringComparison.Ordinal);
        Assert.Contains("--help", result.Error, StringComparison.Ordinal);
        Assert.Equal("", result.Output);
    }

    [Fact]
    public async Task Help_ListsCommands()
    {
        await using var project = new CliProject();
        var help = (await project.RunAsync("--help")).Ok().Output;
        Assert.All(["up", "preview", "refresh", "destroy", "cancel", "stack", "config", "state", "version"], verb => Assert.Contains(verb, help, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Options_OfTheEnvironment_CountWhereTheCommandLineSaysNothing()
    {
        await using var project = await CliProject.InitAsync();
        project.Describe(new ProgramDescription { Resources = [new DescribedResource("web")] });
        Assert.Equal(2, (await project.RunAsync("up", "--skip-preview")).Code);
        project.Set("PULUMI_SKIP_CONFIRMATIONS", "true");
        (await project.RunAsync("up", "--skip-preview")).Ok();
        Assert.Equal(2, (await project.RunAsync("up", "--yes=false")).Code);
        project.Set("PULUMI_OPTION_EXPECT_NO_CHANGES", "1");
        project.Set("PULUMI_OPTION_TARGET", $"{CliProject.Urn("web")},{CliProject.Urn("gone")}");
        Assert.Contains("::gone' was not found", (await project.RunAsync("preview")).Output, StringComparison.Ordinal);
        project.Set("PULUMI_OPTION_TARGET", null);
        project.Describe(new ProgramDescription());
        Assert.Equal(7, (await project.RunAsync("preview")).Code);
        (await project.RunAsync("preview", "--expect-no-changes=false")).Ok();
        project.Set("PULUMI_PARALLEL", "many");
        Assert.Equal(2, (await project.RunAsync("preview")).Code);
        (await project.RunAsync("preview", "--parallel", "2", "--expect-no-changes=false")).Ok();
    }

    [Theory]
    [InlineData(0, "Commands:")]
    [InlineData(0, "select", "help", "stack")]
    [InlineData(2, "unknown command 'lanch'", "lanch")]
    [InlineData(2, "unknown command 'lst'", "stack", "lst")]
    [InlineData(2, "only one of --target and --exclude", "preview", "--target", "a", "--exclude", "b")]
    [InlineData(2, "as many of one as of the other", "preview", "--policy-pack-config", "a")]
    public async Task Words_ThatAreNoCommand_AreTold(int code, string message, params string[] arguments)
    {
        await using var project = new CliProject();
        var result = await project.RunAsync(arguments);
        Assert.Equal(code, result.Code);
        Assert.Contains(message, result.Output + result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Required command", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IgnoreProtect_LetsProtectedResourcesGo()
    {
        await using var project = await CliProject.InitAsync();
        project.Describe(new ProgramDescription { Resources = [new DescribedResource("web") { Protect = true }] });
        (await project.RunAsync("up", "--yes", "--skip-preview")).Ok();
        Assert.Equal(1, (await project.RunAsync("destroy", "--yes", "--skip-preview")).Code);
        (await project.RunAsync("destroy", "--yes", "--ignore-protect")).Ok();
        Assert.Empty(project.Objects);
    }
}
