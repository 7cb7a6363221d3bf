using Reco.Engine.Plugins;

namespace Reco.Engine.Tests.Plugins;

public sealed class ProjectPluginsTests : IDisposable
{
    private readonly string project = Directory.CreateTempSubdirectory("reco-project-").FullName;

    public void Dispose() => Directory.Delete(project, recursive: true);

    [Fact]
    public void Find_OfPluginsAndPackages_TakesLocalPathsOnly()
    {
        File.WriteAllText(
            Path.Combine(project, "Pulumi.yaml"),
            "name: p\nruntime: nodejs\nplugins:\n  providers:\n    - name: mine\n      path: bin\npackages:\n  local: ./local\n  sourced:\n    source: ../sourced\n  remote: terraform-provider\n");
        Assert.Equal(Path.Combine(project, "bin"), ProjectPlugins.Find(project, "mine"));
        Assert.Equal(Path.Combine(project, "local"), ProjectPlugins.Find(project, "local"));
        Assert.Equal(Path.GetFullPath("../sourced", project), ProjectPlugins.Find(project, "sourced"));
        Assert.Null(ProjectPlugins.Find(project, "remote"));
        Assert.Null(ProjectPlugins.Find(project, "other"));
    }

    [Fact]
    public void Locator_OfAProjectsOwnPlugin_PrefersItAndMissesItLoudly()
    {
        File.WriteAllText(Path.Combine(project, "Pulumi.yaml"), "name: p\nruntime: nodejs\nplugins:\n  providers:\n    - name: mine\n      path: bin\n");
        var locator = new PluginLocator(project, "");
        var request = new ProviderRequest { Plugin = "mine" };
        Assert.Contains("Pulumi.yaml", Assert.Throws<EngineException>(() => locator.Find(request, project)).Message);
        var program = Path.Combine(Directory.CreateDirectory(Path.Combine(project, "bin")).FullName, "pulumi-resource-mine");
        File.WriteAllText(program, "");
        Assert.Equal([program], locator.Find(request, project).Arguments);
    }
}
