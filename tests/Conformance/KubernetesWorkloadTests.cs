namespace Reco.Conformance;

/// <summary>Programs on the official Kubernetes SDK that run workloads on the local cluster.</summary>
public sealed class KubernetesWorkloadTests
{
    [NodeFact]
    public async Task Rollout_ChangedConfigMap_IsReplacedAndServedByTheNextVersion()
    {
        await using var project = new NodeProject("kubernetes-rollout");
        await project.SucceedAsync("stack", "init", project.Stack);
        await project.UpAsync();
        var outputs = await project.OutputsAsync();
        using var http = new HttpClient();
        Assert.Equal("one", await http.GetStringAsync((string)outputs["url"]!));
        Assert.Equal(1, (int)outputs["ready"]!);

        // As Pulumi documents it: a ConfigMap's data is not changed but replaced, and the pods that name it roll over.
        await project.SucceedAsync("config", "set", "page", "two", "--stack", project.Stack);
        var steps = await project.PreviewAsync();
        Assert.Contains(steps, step => step.EndsWith(" page", StringComparison.Ordinal) && step.Contains("replace", StringComparison.Ordinal));
        Assert.Contains("update web", steps);
        await project.UpAsync();
        var after = await project.OutputsAsync();
        Assert.NotEqual((string)outputs["pageName"]!, (string)after["pageName"]!);
        Assert.Equal((string)outputs["url"]!, (string)after["url"]!);
        Assert.Equal("two", await http.GetStringAsync((string)after["url"]!));
        Assert.All(await project.PreviewAsync(), step => Assert.StartsWith("same ", step));
    }

    [NodeFact]
    public async Task Job_Failed_EndsTheUpdateWithItsLastLines_AndTheNextOneRecovers()
    {
        await using var project = new NodeProject("kubernetes-failure");
        await project.SucceedAsync("stack", "init", project.Stack);
        var failed = await project.RunAsync("up", "--yes", "--stack", project.Stack);
        Assert.NotEqual(0, failed.ExitCode);
        Assert.Contains("data set is empty", failed.Output + failed.Error);
        Assert.Contains("exit code 3", failed.Output + failed.Error);
        Assert.DoesNotContain("   at Reco", failed.Output + failed.Error);

        // What was made is in the state, the failed Job with it.
        Assert.Contains(await project.ResourcesAsync(), resource => NodeProject.NameOf((string)resource["urn"]!) == "train");
        await project.SucceedAsync("config", "set", "code", "0", "--stack", project.Stack);
        await project.UpAsync();
        Assert.Equal(1, (int)(await project.OutputsAsync())["succeeded"]!);
    }

    [NodeFact]
    public async Task Manifests_ArePlannedMadePatchedAndRemoved_AndHelmIsShownOnly()
    {
        await using var project = new NodeProject("kubernetes-manifests");
        await project.SucceedAsync("stack", "init", project.Stack);
        await project.UpAsync();
        var resources = await project.ResourcesAsync();
        var names = resources.Select(resource => NodeProject.NameOf((string)resource["urn"]!)).ToArray();
        Assert.Contains(names, name => name.Contains("from-first", StringComparison.Ordinal));
        Assert.Contains(names, name => name.Contains("from-second", StringComparison.Ordinal));
        Assert.Equal("2", (string)(await project.OutputsAsync())["patched"]!["b"]!);
        Assert.DoesNotContain("hunter2", string.Concat(resources.Select(resource => resource.ToJsonString())));

        await project.SucceedAsync("config", "set", "helm", "true", "--stack", project.Stack);
        Assert.Contains("create monitoring", await project.PreviewAsync());
        var refused = await project.RunAsync("up", "--yes", "--stack", project.Stack);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("official engine", refused.Output + refused.Error);
        await project.SucceedAsync("config", "set", "helm", "false", "--stack", project.Stack);
        await project.SucceedAsync("destroy", "--yes", "--stack", project.Stack);
        Assert.Empty(await project.ResourcesAsync());
    }
}
