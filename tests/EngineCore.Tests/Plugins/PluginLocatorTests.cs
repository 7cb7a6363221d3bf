using Reco.Engine.Plugins;

namespace Reco.Engine.Tests.Plugins;

public sealed class PluginLocatorTests : IDisposable
{
    private readonly string home = Directory.CreateTempSubdirectory("reco-plugins-").FullName;

    public void Dispose() => Directory.Delete(home, recursive: true);

    [Fact]
    public void Find_WithVersion_TakesExactlyThatOne()
    {
        var wanted = Install("shapes", "1.2.0");
        Install("shapes", "1.10.0");
        var command = new PluginLocator(home, "").Find(new ProviderRequest { Plugin = "shapes", Version = "1.2.0" }, home);
        Assert.Equal([wanted], command.Arguments);
        Assert.Equal(Path.GetDirectoryName(wanted), command.Root);
        Assert.Throws<EngineException>(() => new PluginLocator(home, "").Find(new ProviderRequest { Plugin = "shapes", Version = "1.3.0" }, home));
    }

    [Fact]
    public void Find_WithoutVersion_TakesTheNewest()
    {
        Install("shapes", "1.9.0");
        var newest = Install("shapes", "1.10.0");
        Assert.Equal([newest], new PluginLocator(home, "").Find(new ProviderRequest { Plugin = "shapes" }, home).Arguments);
    }

    [Fact]
    public void Find_OfNothing_SaysWhatToInstall()
    {
        var error = Assert.Throws<EngineException>(() => new PluginLocator(home, "").Find(new ProviderRequest { Plugin = "shapes", Version = "2.0.0" }, home));
        Assert.Contains("pulumi plugin install resource shapes v2.0.0", error.Message);
    }

    [Fact]
    public void Find_OfSourceCode_RunsItByTheRunnerOfItsSdk()
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, "plugins", "resource-source-v1.0.0")).FullName;
        File.WriteAllText(Path.Combine(folder, "PulumiPlugin.yaml"), "runtime: nodejs\n");
        var request = new ProviderRequest { Plugin = "source", Version = "1.0.0" };
        var error = Assert.Throws<EngineException>(() => new PluginLocator(home, "").Find(request, home));
        Assert.Contains("npm install", error.Message);

        var runner = Directory.CreateDirectory(Path.Combine(folder, "node_modules", "@pulumi", "pulumi", "cmd", "run-plugin")).FullName;
        Assert.Equal(["node", runner, folder], new PluginLocator(home, "").Find(request, home).Arguments);
    }

    private string Install(string name, string version)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, "plugins", $"resource-{name}-v{version}")).FullName;
        var program = Path.Combine(folder, $"pulumi-resource-{name}");
        File.WriteAllText(program, "");
        return program;
    }
}
