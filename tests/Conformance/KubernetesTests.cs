namespace Reco.Conformance;

public sealed class KubernetesTests
{
    [NodeFact]
    public async Task KubernetesProgram_OfOfficialSdk_LivesItsWholeLife()
    {
        await using var project = new NodeProject("kubernetes");

        // Preview of a stack that does not exist yet: everything is planned, nothing is made.
        await project.SucceedAsync("stack", "init", project.Stack);
        Assert.Contains("create greet", await project.PreviewAsync());
        Assert.Empty(await project.ResourcesAsync());

        var up = await project.UpAsync();
        Assert.DoesNotContain("hunter2", up.Output + up.Error);
        var outputs = await project.OutputsAsync();
        Assert.Equal("hello", (string)outputs["greeting"]!);
        Assert.Equal(1, (int)outputs["succeeded"]!);
        Assert.Equal("[secret]", (string)outputs["secretValue"]!);
        Assert.StartsWith("settings-", (string)outputs["settingsName"]!);
        var state = await File.ReadAllTextAsync(Path.Combine(project.Folder, ".pulumi", "stacks", "conformance", "dev.json"));
        Assert.DoesNotContain("hunter2", state);

        // Nothing changed: nothing is done.
        Assert.All(await project.PreviewAsync(), step => Assert.StartsWith("same ", step));

        // A changed ConfigMap is an update in place; the job that only refers to it by name is not touched.
        await project.SucceedAsync("config", "set", "greeting", "good morning", "--stack", project.Stack);
        var steps = await project.PreviewAsync();
        Assert.Contains("update settings", steps);
        Assert.Contains("same greet", steps);
        await project.UpAsync();
        Assert.Equal("good morning", (string)(await project.OutputsAsync())["greeting"]!);

        await project.SucceedAsync("destroy", "--yes", "--stack", project.Stack);
        Assert.Empty(await project.ResourcesAsync());
        Assert.False(Directory.Exists(Path.Combine(project.Folder, ".reco")), "the local cluster left files behind");
    }
}
