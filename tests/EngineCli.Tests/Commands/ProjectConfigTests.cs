using Reco.Engine.Cli.Tests.Support;

namespace Reco.Engine.Cli.Tests.Commands;

/// <summary>What Pulumi.yaml says of the configuration of its stacks.</summary>
public sealed class ProjectConfigTests
{
    private const string Section = """

        config:
          needed: { type: string, description: has to be given }
          also: { description: has to be given, of any type }
          count: { type: integer, default: 3 }
          names: { type: array, items: { type: string }, default: [a, b] }
          key: { type: string, secret: true }
          flag: true
          aws:region: { value: us-east-1 }
        """;

    [Fact]
    public async Task Stack_ThatLacksValuesOrHasOthers_IsRefusedByName()
    {
        await using var project = await StartAsync(Section);
        await RefusedAsync(project, "Stack 'dev' is missing configuration values 'also', 'key' and 'needed'");
        (await project.RunAsync("preview", "--skip-config-validation")).Ok();
        (await project.RunAsync("destroy", "--preview-only")).Ok();
        (await project.RunAsync("config", "set", "needed", "x")).Ok();
        (await project.RunAsync("config", "set", "also", "y")).Ok();
        await RefusedAsync(project, "is missing configuration value 'key'");
        (await project.RunAsync("config", "set", "key", "open")).Ok();
        await RefusedAsync(project, "'key' must be encrypted");
        (await project.RunAsync("config", "set", "key", "hush", "--secret")).Ok();
        (await project.RunAsync("config", "set", "count", "many")).Ok();
        await RefusedAsync(project, "'count' must be of type 'integer'");
        (await project.RunAsync("config", "set", "count", "7")).Ok();
        (await project.RunAsync("config", "set", "names", "c")).Ok();
        await RefusedAsync(project, "'names' must be of type 'array<string>'");
        (await project.RunAsync("config", "set", "--path", "names[0]", "c")).Ok();
        (await project.RunAsync("preview")).Ok();
    }

    [Fact]
    public async Task Defaults_AreListedAndGivenToTheProgram()
    {
        await using var project = await StartAsync(Section);
        (await project.RunAsync("config", "set", "flag", "false")).Ok();
        var listed = (await project.RunAsync("config", "--json")).Ok().Parse();
        Assert.Equal("us-east-1", (string)listed["aws:region"]!["value"]!);
        Assert.Equal("""["a","b"]""", listed["shop:names"]!["objectValue"]!.ToJsonString());
        Assert.Equal("false", (string)listed["shop:flag"]!["value"]!);
        Assert.Equal("3", (await project.RunAsync("config", "get", "count")).Ok().Output.Trim());
        var shown = (await project.RunAsync("preview", "--skip-config-validation", "--show-config")).Ok().Output;
        Assert.Contains("shop:count: 3", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("region", await File.ReadAllTextAsync(Path.Combine(project.Root, "Pulumi.dev.yaml")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config: { bad: { type: strin } }", "'bad' has the type 'strin'")]
    [InlineData("config: { bad: { type: integer, default: x } }", "not of its type 'integer'")]
    [InlineData("config: { bad: { type: array } }", "type of its 'items'")]
    [InlineData("config: { bad: { value: 1, default: 2 } }", "both")]
    [InlineData("config: { 'aws:region': { type: string, value: x } }", "should not define a type")]
    [InlineData("config: { 'aws:region': { default: x } }", "should not define a default")]
    [InlineData("config: { 'aws:region': { description: x } }", "must have a 'value'")]
    [InlineData("requiredPulumiVersion: '>=4.0.0'", "requires Pulumi >=4.0.0")]
    public async Task Project_ThatContradictsItself_IsRefused(string yaml, string message)
    {
        await using var project = new CliProject();
        await File.AppendAllTextAsync(Path.Combine(project.Root, "Pulumi.yaml"), "\n" + yaml + "\n");
        var result = await project.RunAsync("stack", "ls");
        Assert.Equal(2, result.Code);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Contains("Pulumi.yaml", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name: my shop")]
    [InlineData("name: ../shop")]
    public async Task Project_WithANameThatNoneMayHave_IsRefused(string name)
    {
        await using var project = new CliProject();
        await File.WriteAllTextAsync(Path.Combine(project.Root, "Pulumi.yaml"), name + "\nruntime: nodejs\n");
        var result = await project.RunAsync("stack", "init", "dev");
        Assert.Equal(1, result.Code);
        Assert.Contains("a project cannot be named", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MainOfANodeProject_ThatDoesNotExist_IsNamed()
    {
        await using var project = new CliProject();
        await File.WriteAllTextAsync(Path.Combine(project.Root, "Pulumi.yaml"), "name: shop\nruntime: nodejs\nmain: nowhere\n");
        (await project.RunAsync("stack", "init", "dev")).Ok();
        Assert.Contains("'main' of Pulumi.yaml names 'nowhere'", (await project.RunAsync("preview")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfigFile_GivenByName_IsReadAndWrittenInPlaceOfTheStacksOwn()
    {
        await using var project = await StartAsync("\nconfig: settings\n");
        (await project.RunAsync("config", "set", "region", "north")).Ok();
        Assert.True(File.Exists(Path.Combine(project.Root, "settings", "Pulumi.dev.yaml")));
        (await project.RunAsync("config", "set", "region", "south", "--config-file", "other.yaml")).Ok();
        Assert.Contains("south", await File.ReadAllTextAsync(Path.Combine(project.Root, "other.yaml")), StringComparison.Ordinal);
        Assert.Equal("north", (await project.RunAsync("config", "get", "region")).Ok().Output.Trim());
        Assert.Contains("shop:region: south", (await project.RunAsync("up", "--yes", "--skip-preview", "--show-config", "--config-file", "other.yaml")).Ok().Output, StringComparison.Ordinal);

        // It may be that of other stacks, too.
        (await project.RunAsync("destroy", "--yes", "--remove", "--config-file", "other.yaml")).Ok();
        Assert.True(File.Exists(Path.Combine(project.Root, "other.yaml")));
    }

    private static async Task<CliProject> StartAsync(string yaml)
    {
        var project = await CliProject.InitAsync();
        await File.AppendAllTextAsync(Path.Combine(project.Root, "Pulumi.yaml"), yaml);
        return project;
    }

    private static async Task RefusedAsync(CliProject project, string message)
    {
        var result = await project.RunAsync("preview");
        Assert.Equal(2, result.Code);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }
}
