namespace Reco.Conformance;

/// <summary>Official policy packs and resource hooks: code that looks at resources on their way.</summary>
public sealed class PolicyTests
{
    private static readonly string Pack = Path.Combine(Repository.Root, "tests", "Conformance", "Policies", "rules");

    [NodeFact]
    public async Task PolicyPack_OfTheOfficialSdk_RemediatesWarnsAndForbids()
    {
        await using var project = await NodeProject.StartAsync("policies");
        string[] pack = ["--policy-pack", Pack];
        var run = await project.UpAsync(0, pack);
        var made = (await project.StateAsync())["fixed"];
        Assert.Equal("green", (string)made["inputs"]!["colour"]!);

        // The remediation has returned a copy of what it saw, with the secret as a plain value.
        Assert.DoesNotContain("policy-secret", made.ToJsonString());
        Assert.Contains("colours (fixed): colour", run.Text);
        var remediation = run.Of("policyRemediationEvent").Single();
        Assert.Equal("red", (string)remediation["before"]!["colour"]!);
        Assert.Equal("green", (string)remediation["after"]!["colour"]!);
        Assert.Equal("""{"rules":"v1.3.0"}""", run.Of("summaryEvent").Single()["PolicyPacks"]!.ToJsonString());

        run = await project.UpAsync(0, [.. pack, "--config", "doubtful=true"]);
        var violation = run.Of("policyEvent").Single();
        Assert.Equal("advisory", (string)violation["enforcementLevel"]!);
        Assert.Equal("no-doubtful-values", (string)violation["policyName"]!);
        Assert.Equal(project.Urn("doubtful"), (string)violation["resourceUrn"]!);

        run = await project.FailAsync(0, 5, [.. pack, "--config", "bad=true"]);
        Assert.DoesNotContain("policy-secret", run.Text);
        Assert.Equal("mandatory", (string)run.Of("policyEvent").Single(body => (string)body["policyName"]! == "no-bad-values")["enforcementLevel"]!);
        Assert.DoesNotContain("bad", project.CloudNames());
        var preview = await project.RunAsync(["preview", "--stack", project.Stack, .. pack]);
        Assert.Equal(5, preview.ExitCode);
        Assert.Contains("Values must not be bad.", preview.Output);

        await project.SucceedAsync("stack", "tag", "set", "team", "search");
        run = await project.FailAsync(0, 5, [.. pack, "--config", "bad=false", "--config", "many=4"]);
        Assert.Contains("at most 4 are allowed in a stack of search", run.Text);

        // Configuration changes levels and properties.
        var file = Path.Combine(project.Folder, "policy.json");
        await File.WriteAllTextAsync(file, """{ "not-too-many": { "enforcementLevel": "mandatory", "most": 100 }, "no-doubtful-values": "disabled", "no-bad-values": "advisory" }""");
        run = await project.UpAsync(0, [.. pack, "--policy-pack-config", file, "--config", "bad=true"]);
        Assert.Equal(["no-bad-values"], run.Of("policyEvent").Select(body => (string)body["policyName"]!));

        var none = await project.RunAsync("preview", "--stack", project.Stack, "--policy-pack", project.Folder);
        Assert.Equal(2, none.ExitCode);
        Assert.Contains("PulumiPolicy.yaml", none.Text);
    }

    [NodeFact]
    public async Task Hooks_OfResources_RunBeforeAndAfterEachStep()
    {
        await using var project = await NodeProject.StartAsync("hooks");
        var notes = Path.Combine(project.Folder, "hooks.txt");
        await project.UpAsync(0);
        await project.UpAsync(1);
        await project.UpAsync(2);
        Assert.Equal(
            [
                "beforeCreate hooked hooked id=no in=0 was=undefined out=no",
                "afterCreate hooked hooked id=yes in=0 was=undefined out=yes",
                "beforeUpdate hooked hooked id=yes in=1 was=0 out=yes",
                "afterUpdate hooked hooked id=yes in=1 was=0 out=yes",
                "beforeDelete hooked hooked id=yes in=undefined was=1 out=yes",
                "afterDelete hooked hooked id=yes in=undefined was=1 out=yes",
            ],
            await File.ReadAllLinesAsync(notes));

        // One that refuses before stops the step; one that fails after cannot undo it.
        var run = await project.FailAsync(0, 1, "--config", "how=beforeCreate");
        Assert.Contains("beforeCreate refuses", run.Text);
        Assert.DoesNotContain("hooked", project.CloudNames());
        await project.FailAsync(0, 1, "--config", "how=afterCreate");
        Assert.Contains("hooked", project.CloudNames());
        Assert.DoesNotContain("later", project.CloudNames());
        Assert.True((await project.StateAsync()).Has("hooked"));

        // Hooks are code of the program, so destroying needs it.
        Assert.Contains("--run-program", (await project.TryAsync("destroy")).Text);
        Assert.Contains("hooked", project.CloudNames());
        File.Delete(notes);
        Assert.Equal(0, (await project.TryAsync("destroy", 0, "--run-program", "--config", "how=none")).ExitCode);
        Assert.Equal(["beforeDelete", "afterDelete"], (await File.ReadAllLinesAsync(notes)).Select(line => line.Split(' ')[0]));
        Assert.Empty((await project.StateAsync()).Entries);
    }
}
