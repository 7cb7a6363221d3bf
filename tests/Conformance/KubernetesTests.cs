namespace Reco.Conformance;

public sealed class KubernetesTests
{
    [NodeFact]
    public async Task KubernetesProgram_OfOfficialSdk_LivesItsWholeLife()
    {
        await using var project = await NodeProject.StartAsync("kubernetes");

        // Preview of a stack that has nothing yet: everything is planned, nothing is made.
        Assert.Contains("create greet", (await project.PreviewAsync()).Steps);
        Assert.Empty((await project.StateAsync()).Entries);

        var up = await project.UpAsync();
        Assert.DoesNotContain("hunter2", up.Text);
        var outputs = await project.OutputsAsync();
        Assert.Equal("hello", (string)outputs["greeting"]!);
        Assert.Equal(1, (int)outputs["succeeded"]!);
        Assert.Equal("[secret]", (string)outputs["secretValue"]!);
        Assert.StartsWith("settings-", (string)outputs["settingsName"]!);
        var state = await File.ReadAllTextAsync(Path.Combine(project.Folder, ".pulumi", "stacks", "conformance", "dev.json"));
        Assert.DoesNotContain("hunter2", state);

        // Nothing changed: nothing is done.
        Assert.Empty((await project.PreviewAsync()).Steps);

        // ConfigMaps do not change in place unless the provider is told so: a new one, under a new name, and with it the
        // job that refers to it by name.
        var steps = (await project.PreviewAsync(1)).Steps;
        Assert.Contains("replace settings", steps);
        Assert.Contains("replace greet", steps);
        await project.UpAsync(1);
        outputs = await project.OutputsAsync();
        Assert.Equal("good morning", (string)outputs["greeting"]!);
        Assert.Equal(1, (int)outputs["succeeded"]!);

        await project.SucceedAsync("destroy", "--yes", "--stack", project.Stack);
        Assert.Empty((await project.StateAsync()).Entries);
        Assert.False(Directory.Exists(Path.Combine(project.Folder, ".reco")), "the local cluster left files behind");
    }
}
