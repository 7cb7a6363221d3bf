using System.Text.Json.Nodes;

namespace Reco.Conformance;

/// <summary>Secrets are masked wherever anybody can read.</summary>
public sealed class SecretTests
{
    private static readonly string[] Secrets =
        ["configured-hush", "given-4711", "listed-0-secret", "listed-2-secret", "made-secret-"];

    [NodeFact]
    public async Task Secrets_OfEveryOrigin_ShowNowhere()
    {
        await using var project = await NodeProject.StartAsync("secrets");
        await project.SucceedAsync("config", "set", "--secret", "password", "configured-hush", "--stack", project.Stack);
        var texts = new List<string>
        {
            (await project.SucceedAsync("preview", "--diff", "--stack", project.Stack)).Text,
            (await project.RunAsync("preview", "--json", "--stack", project.Stack)).Text,
            (await project.UpAsync(0)).Text,
            (await project.SucceedAsync("up", "--yes", "--diff", "--show-sames", "--stack", project.Stack, "--config", "step=1")).Text,
            (await project.FailAsync(2)).Text,
            (await project.SucceedAsync("stack", "output", "--json", "--stack", project.Stack)).Text,
            (await project.SucceedAsync("stack", "export", "--stack", project.Stack)).Text,
            await File.ReadAllTextAsync(Path.Combine(project.Folder, ".pulumi", "stacks", "conformance", "dev.json")),
            await File.ReadAllTextAsync(Path.Combine(project.Folder, "Pulumi.dev.yaml")),
        };
        foreach (var text in texts)
        {
            Assert.All(Secrets, secret => Assert.DoesNotContain(secret, text));
        }

        Assert.Contains("logged: [secret]", texts[2]);
        Assert.Contains("warned: [secret]", texts[2]);
        Assert.Contains("thrown [secret]", texts[4]);
        Assert.Contains("visible", texts[0]);

        // Whoever asks for them gets them.
        var outputs = await project.OutputsAsync("--show-secrets");
        Assert.Equal("configured-hush", (string)outputs["password"]!);
        Assert.StartsWith("made-secret-", (string)outputs["made"]!);

        // Marked as the official engine marks them in a state.
        var second = (await project.StateAsync())["second"]["outputs"]!;
        Assert.Equal("1b47061264138c4ac30d75fd1eb44270", (string)second["value"]!["4dabf18193072939515e22adb298388d"]!);
        Assert.NotNull(second["computed"]!["ciphertext"]);
    }

    [NodeFact]
    public async Task StackReference_ToAStackHereOrElsewhere_KeepsSecrets()
    {
        await using var project = await NodeProject.StartAsync("producer");
        await project.UpAsync();
        await project.SucceedAsync("stack", "init", "user");
        project.Use("consumer.js");
        string[] user = ["--stack", "user", "--config", "other=organization/conformance/dev"];
        var up = await project.SucceedAsync(["up", "--yes", "--skip-preview", .. user]);
        Assert.DoesNotContain("between-stacks", up.Text);
        var outputs = JsonNode.Parse((await project.SucceedAsync("stack", "output", "--json", "--stack", "user")).Output)!;
        Assert.Equal("shop.example.com", (string)outputs["address"]!);
        Assert.Equal("[secret]", (string)outputs["hidden"]!);
        Assert.True((bool)outputs["none"]!);
        Assert.Equal("[80,443]", outputs["details"]!.ToJsonString());
        Assert.DoesNotContain("between-stacks", await File.ReadAllTextAsync(Path.Combine(project.Folder, ".pulumi", "stacks", "conformance", "user.json")));

        var missing = await project.RunAsync(["up", "--yes", "--skip-preview", .. user, "--config", "step=1"]);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("none", missing.Text);
        var nobody = await project.RunAsync(["up", "--yes", "--skip-preview", .. user, "--config", "step=2"]);
        Assert.Equal(1, nobody.ExitCode);
        Assert.Contains("nobody", nobody.Text);
    }

    [NodeFact]
    public async Task Outputs_OfAnAsynchronousEntryPoint_AreResolved()
    {
        await using var project = await NodeProject.StartAsync("asyncEntry.js");
        await project.SucceedAsync("config", "set", "--path", "settings.deep[0]", "7", "--stack", project.Stack);
        var run = await project.UpAsync();
        Assert.DoesNotContain("promised-secret", run.Text);
        var outputs = await project.OutputsAsync();
        Assert.Equal("plain", (string)outputs["text"]!);
        Assert.False(outputs.ContainsKey("nothing"));
        Assert.Equal("[1,[2,{\"three\":3}]]", outputs["list"]!.ToJsonString());
        Assert.Equal("[secret]", (string)outputs["promised"]!["inner"]!);
        Assert.Equal(7, (int)outputs["settings"]!["deep"]![0]!);
        Assert.Equal("organization/conformance/dev", (string)outputs["project"]!);
        Assert.False((bool)outputs["dryRun"]!);
    }

    [NodeFact]
    public async Task Assets_OfEveryKind_AreComparedByContent()
    {
        await using var project = await NodeProject.StartAsync("assets");
        var run = await project.UpAsync(0);
        Assert.DoesNotContain("secret text of an asset", run.Text);
        var state = await project.StateAsync();
        Assert.Equal("b94f6f125c79e3a5ffaa826f584c10d52ada669e6762051b826b55776d05aed2", (string)state["text"]["inputs"]!["source"]!["hash"]!);
        Assert.Empty((await project.UpAsync(0)).Steps);
        Assert.Equal(["update file", "update mixed"], (await project.UpAsync(1)).Steps.Order(StringComparer.Ordinal));
        Assert.Equal(["update folder", "update mixed"], (await project.UpAsync(2)).Steps.Order(StringComparer.Ordinal));
        Assert.Contains("no-such-file.txt", (await project.FailAsync(3)).Text);
    }
}
