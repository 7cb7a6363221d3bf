namespace Reco.Conformance;

/// <summary>Providers as resources, and providers that others wrote.</summary>
public sealed class ProviderTests
{
    [NodeFact]
    public async Task Providers_ExplicitInheritedAndDefault_ServeTheirResources()
    {
        await using var project = await NodeProject.StartAsync("providers");
        await project.SucceedAsync("config", "set", "testing:region", "configured", "--stack", project.Stack);
        await project.UpAsync(0);
        var created = (await project.TakeRequestsAsync()).Of("create").ToDictionary(entry => NodeProject.NameOf((string)entry["urn"]!), entry => (string)entry["region"]!);
        Assert.Equal(
            new Dictionary<string, string> { ["direct"] = "north", ["inherited"] = "south", ["ofParent"] = "north", ["default"] = "configured", ["moved"] = "configured" },
            created);

        // A refresh uses the configuration that the state has; with the program, the one that the program has now.
        await project.TryAsync("refresh", 1);
        Assert.Equal("0", await TagsAsync());
        var refresh = await project.TryAsync("refresh", 1, "--run-program");
        Assert.True(refresh.ExitCode == 0, refresh.Text);
        Assert.Empty(refresh.Steps);
        Assert.Equal("1", await TagsAsync());

        // A changed configuration that still reaches the resources is an update of the provider alone.
        Assert.Equal(["update north"], (await project.UpAsync(1)).Steps);

        // Another region is another provider, and with it other resources.
        var run = await project.UpAsync(2);
        Assert.Contains("replace north", run.Steps);
        Assert.Contains("replace direct", run.Steps);
        Assert.Contains("replace ofParent", run.Steps);
        Assert.True(run.At("delete-replaced direct") < run.At("delete-replaced north"));
        run = await project.UpAsync(3);
        Assert.Equal(["replace moved"], run.Steps.Where(step => step.StartsWith("replace ", StringComparison.Ordinal)));

        // By which configuration "direct" was read.
        async Task<string> TagsAsync()
        {
            var requests = await project.TakeRequestsAsync();
            var process = (int)Assert.Single(requests.Of("read", "direct"))["process"]!;
            return (string)requests.Of("configure").Single(request => (int)request["process"]! == process)["args"]!["tags"]!;
        }
    }

    [NodeFact]
    public async Task Provider_WithUnknownConfiguration_IsSparedInPreviewsAndUsedInUpdates()
    {
        await using var project = await NodeProject.StartAsync("unknownProvider");
        var preview = await project.PreviewAsync();
        Assert.Contains("create thing", preview.Steps);
        Assert.DoesNotContain((await project.TakeRequestsAsync()).Of("create"), entry => NodeProject.NameOf((string)entry["urn"]!) == "thing");
        await project.UpAsync();
        Assert.StartsWith("computed-source-", (string)(await project.OutputsAsync())["looked"]!);
    }

    [NodeFact]
    public async Task VersionAndDownloadAddress_OfAResource_MakeDefaultProvidersOfTheirOwn()
    {
        await using var project = await NodeProject.StartAsync("versions");
        await project.UpAsync();
        var state = await project.StateAsync();
        Assert.Contains("default", state.Names);
        Assert.Contains("default_1_0_0", state.Names);
        Assert.Contains("default_1_0_0_https___plugins_example_com_", state.Names);
        Assert.Equal("1.0.0", (string)state["default_1_0_0"]["inputs"]!["version"]!);
    }

    [NodeFact]
    public async Task Provider_OnTheOfficialHost_IsSpokenToFromCheckToConstruct()
    {
        await using var project = await NodeProject.StartAsync("hosted");
        var preview = await project.PreviewAsync(0);
        Assert.Contains("create pair-left", preview.Steps);
        Assert.Contains("create pair", preview.Steps);
        await project.UpAsync(0);
        var outputs = await project.OutputsAsync();
        Assert.Equal(9, (int)outputs["area"]!);
        Assert.Equal(9, (int)outputs["total"]!);
        Assert.Equal(6, (int)outputs["doubled"]!);
        Assert.Equal("told-urn:pulumi:dev::conformance::hosted:index:Pair::pair", (string)outputs["told"]!);
        var state = await project.StateAsync();
        Assert.Equal("urn:pulumi:dev::conformance::hosted:index:Pair$hosted:index:Widget::pair-right", (string)state["pair-right"]["urn"]!);
        Assert.Equal(9, (int)state["pair"]["outputs"]!["total"]!);

        Assert.Equal(["update pair", "update pair-left", "update pair-right", "update widget"], (await project.UpAsync(1)).Steps.Order(StringComparer.Ordinal));
        Assert.Contains("replace widget", (await project.UpAsync(2)).Steps);
        Assert.Contains("13 brings bad luck", (await project.FailAsync(3)).Text);
        Assert.Contains("the widget wobbles", (await project.FailAsync(4)).Text);
        Assert.NotNull((await project.StateAsync())["widget"]["initErrors"]);
        Assert.Contains("must not be negative", (await project.FailAsync(5)).Text);
        Assert.Equal(0, (await project.TryAsync("destroy")).ExitCode);
    }

    [NodeFact]
    public async Task DynamicProvider_OfTheProgramItself_LivesItsWholeLife()
    {
        await using var project = await NodeProject.StartAsync("dynamicProvider");
        await project.SucceedAsync("config", "set", "greeting", "welcome", "--stack", project.Stack);
        Assert.Contains("create first", (await project.PreviewAsync(0)).Steps);
        var run = await project.UpAsync(0);
        Assert.DoesNotContain("dynamic-secret", run.Text);
        var outputs = await project.OutputsAsync();
        Assert.Equal("a", (string)outputs["letter"]!);
        Assert.Equal("welcome", (string)outputs["greeting"]!);
        Assert.Empty((await project.UpAsync(0)).Steps);
        Assert.Equal(["update first", "update second"], (await project.UpAsync(1)).Steps.Order(StringComparer.Ordinal));
        run = await project.UpAsync(2);
        Assert.True(run.At("delete-replaced second") < run.At("create-replacement second"));
        Assert.Contains("there are 26 letters", (await project.FailAsync(3)).Text);
        Assert.Equal(0, (await project.TryAsync("refresh", 2)).ExitCode);
        Assert.Equal(0, (await project.TryAsync("destroy")).ExitCode);
        Assert.Empty((await project.StateAsync()).Entries);
    }

    [NodeFact]
    public async Task ParameterizedPackage_OfAPlugin_HasAProviderOfItsOwn()
    {
        await using var project = await NodeProject.StartAsync("parameterized");
        await project.UpAsync();
        var parameterize = (await project.TakeRequestsAsync()).Of("parameterize")[0];
        Assert.Equal("shapes", (string)parameterize["name"]!);
        Assert.Equal("three corners", (string)parameterize["value"]!);
        Assert.Equal("shapes", (string)(await project.OutputsAsync())["invoked"]!);
        var provider = (await project.StateAsync())["default_2_3_4"];
        Assert.Equal("pulumi:providers:shapes", (string)provider["type"]!);

        // A run that does not execute the program finds the parameter in the state.
        Assert.Equal(0, (await project.TryAsync("destroy")).ExitCode);
        Assert.NotEmpty((await project.TakeRequestsAsync()).Of("parameterize"));
    }
}
