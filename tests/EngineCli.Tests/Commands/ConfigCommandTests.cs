using System.Text.Json.Nodes;
using Reco.Engine.Cli.Tests.Support;
using Reco.EngineFixture;

namespace Reco.Engine.Cli.Tests.Commands;

public sealed class ConfigCommandTests
{
    [Fact]
    public async Task SetGetRm_PlainAndSecret_RoundTrip()
    {
        await using var project = await CliProject.InitAsync();
        (await project.RunAsync("config", "set", "region", "north")).Ok();
        (await project.RunAsync("config", "set", "aws:profile", "me")).Ok();
        (await project.RunAsync("config", "set", "password", "hush-hush", "--secret")).Ok();
        Assert.Equal("north", (await project.RunAsync("config", "get", "region")).Ok().Output.TrimEnd('\n'));
        Assert.Equal("hush-hush", (await project.RunAsync("config", "get", "password")).Ok().Output.TrimEnd('\n'));
        var file = File.ReadAllText(Path.Combine(project.Root, "Pulumi.dev.yaml"));
        Assert.Contains("shop:region: north", file, StringComparison.Ordinal);
        Assert.Contains("aws:profile: me", file, StringComparison.Ordinal);
        Assert.Matches("(?m)^encryptionsalt: v1:[A-Za-z0-9+/=]+:v1:[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$", file);
        Assert.Matches("(?s)shop:password:\\s+secure: v1:", file);
        Assert.DoesNotContain("hush-hush", file, StringComparison.Ordinal);

        (await project.RunAsync("config", "rm", "region")).Ok();
        var missing = await project.RunAsync("config", "get", "region");
        Assert.Equal(1, missing.Code);
        Assert.Contains("shop:region", missing.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, (await project.RunAsync("config", "set", "a:b:c", "x")).Code);
    }

    [Fact]
    public async Task SetAllAndRmAll_SeveralValues_AreOneCommand()
    {
        await using var project = await CliProject.InitAsync();
        (await project.RunAsync("config", "set-all", "--plaintext", "region=north", "--secret", "password=hush=hush", "--plaintext", "aws:profile=me")).Ok();
        (await project.RunAsync("config", "set-all", "--path", "--plaintext", "net.ports[0]=80", "--plaintext", "net.name=inner")).Ok();
        var shown = (await project.RunAsync("config", "--json", "--show-secrets")).Ok().Output;
        Assert.DoesNotContain("hush", File.ReadAllText(Path.Combine(project.Root, "Pulumi.dev.yaml")), StringComparison.Ordinal);

        (await project.RunAsync("config", "rm-all", "region", "password", "aws:profile", "net")).Ok();
        Assert.Equal("{}", (await project.RunAsync("config", "--json")).Ok().Output.Trim());
        (await project.RunAsync("config", "set-all", "--json", shown)).Ok();
        var again = (await project.RunAsync("config", "--json", "--show-secrets")).Ok().Parse();
        Assert.Equal("""{"value":"hush=hush","secret":true}""", again["shop:password"]!.ToJsonString());
        Assert.Equal("""{"name":"inner","ports":[80]}""", Sorted(again["shop:net"]!["objectValue"]!));
        Assert.Equal("me", again["aws:profile"]!["value"]!.GetValue<string>());

        var wrong = await project.RunAsync("config", "set-all", "--secret", "hush-without-a-key");
        Assert.Equal(2, wrong.Code);
        Assert.NotEqual(0, (await project.RunAsync("config", "set-all", "--json", "[1]")).Code);
    }

    [Fact]
    public async Task Set_OfOneValue_KeepsCommentsAndEverythingElse()
    {
        await using var project = await CliProject.InitAsync();
        var file = Path.Combine(project.Root, "Pulumi.dev.yaml");
        await File.WriteAllTextAsync(file, """
            # of the stack
            config:
              # a map with a key of the same name as another value
              shop:net:
                region: inner # where it is
                # the ports
                ports:
                  - 80 # plain
                  - 443
                'quoted': "yes"
                deep:
                  # deeper
                  one: 1 # first
                  two: 2

              shop:region: north # of the sun
              size: 010
            """);
        (await project.RunAsync("config", "set", "region", "south")).Ok();
        (await project.RunAsync("config", "set", "--path", "net.deep.one", "11")).Ok();
        (await project.RunAsync("config", "set", "--path", "net.deep.three", "3")).Ok();
        (await project.RunAsync("config", "rm", "--path", "net.quoted")).Ok();
        (await project.RunAsync("config", "set", "other", "x")).Ok();
        Assert.Equal(
            """
            # of the stack
            config:
              # a map with a key of the same name as another value
              shop:net:
                region: inner # where it is
                # the ports
                ports:
                  - 80 # plain
                  - 443
                deep:
                  # deeper
                  one: 11 # first
                  two: 2
                  three: 3

              shop:region: south # of the sun
              size: 010
              shop:other: x

            """,
            await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Get_OfAMap_IsTheTextThatTheOfficialEngineHandsToPrograms()
    {
        await using var project = await CliProject.InitAsync();
        (await project.RunAsync("config", "set", "--path", "net.ports[0].to", "80")).Ok();
        (await project.RunAsync("config", "set", "--path", "net.ports[0].from", "8080")).Ok();
        (await project.RunAsync("config", "set", "--path", "net.name", "<é & \"b\">")).Ok();
        const string Text = """{"name":"\u003cé \u0026 \"b\"\u003e","ports":[{"from":8080,"to":80}]}""";
        Assert.Equal(Text, (await project.RunAsync("config", "get", "net")).Ok().Output.TrimEnd('\n'));
        Assert.Equal(Text, (string)(await project.RunAsync("config", "--json")).Ok().Parse()["shop:net"]!["value"]!);
        project.Describe(new ProgramDescription { Outputs = new JsonObject { ["net"] = new JsonObject { ["config"] = "shop:net" } } });
        (await project.RunAsync("up", "--yes", "--skip-preview")).Ok();
        Assert.Equal(Text, (await project.RunAsync("stack", "output", "net")).Ok().Output.TrimEnd('\n'));
    }

    [Fact]
    public async Task List_Json_HasTheOfficialShape()
    {
        await using var project = await CliProject.InitAsync();
        await project.RunAsync("config", "set", "region", "north");
        await project.RunAsync("config", "set", "password", "hush-hush", "--secret");
        await project.RunAsync("config", "set", "--path", "net.ports[0]", "80");
        await project.RunAsync("config", "set", "--path", "net.key", "inner-secret", "--secret");
        var masked = (await project.RunAsync("config", "--json")).Ok().Parse();
        Assert.Equal("""{"secret":true}""", masked["shop:password"]!.ToJsonString());
        Assert.Equal("""{"secret":true}""", masked["shop:net"]!.ToJsonString());
        Assert.Equal("""{"value":"north","secret":false}""", masked["shop:region"]!.ToJsonString());
        var shown = (await project.RunAsync("config", "--json", "--show-secrets")).Ok().Parse();
        Assert.Equal("hush-hush", shown["shop:password"]!["value"]!.GetValue<string>());
        Assert.Equal("""{"key":"inner-secret","ports":[80]}""", Sorted(shown["shop:net"]!["objectValue"]!));

        var text = (await project.RunAsync("config")).Ok().Output;
        Assert.Matches("region +north", text);
        Assert.Matches(@"password +\[secret\]", text);
        Assert.DoesNotContain("hush", text, StringComparison.Ordinal);
        Assert.DoesNotContain("inner-secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Path_ObjectsListsAndTypes_AreWhatTheyLookLike()
    {
        await using var project = await CliProject.InitAsync();
        foreach (var (path, value) in new[] { ("net.ports[0]", "80"), ("net.ports[1]", "443"), ("net.open", "true"), ("net.name", "front"), ("net[\"a.b\"]", "dotted"), ("net.zip", "007") })
        {
            (await project.RunAsync("config", "set", "--path", path, value)).Ok();
        }

        Assert.Equal("""{"a.b":"dotted","name":"front","open":true,"ports":[80,443],"zip":"007"}""", Sorted(JsonNode.Parse((await project.RunAsync("config", "get", "net")).Ok().Output)!));
        Assert.Equal("443", (await project.RunAsync("config", "get", "--path", "net.ports[1]")).Ok().Output.TrimEnd('\n'));
        (await project.RunAsync("config", "rm", "--path", "net.ports[0]")).Ok();
        Assert.Equal("443", (await project.RunAsync("config", "get", "--path", "net.ports[0]")).Ok().Output.TrimEnd('\n'));
        var gap = await project.RunAsync("config", "set", "--path", "net.ports[7]", "1");
        Assert.Equal(2, gap.Code);
        Assert.Contains("7", gap.Error, StringComparison.Ordinal);
        var through = await project.RunAsync("config", "set", "--path", "net.name.inner", "1");
        Assert.NotEqual(0, through.Code);
        (await project.RunAsync("config", "set", "--path", "whole", "text")).Ok();
        Assert.Equal("text", (await project.RunAsync("config", "get", "whole")).Ok().Output.TrimEnd('\n'));
        (await project.RunAsync("config", "set", "--path", "count", "5", "--type", "string")).Ok();
        Assert.Contains("shop:count: \"5\"", File.ReadAllText(Path.Combine(project.Root, "Pulumi.dev.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Set_FileWithComments_KeepsThem()
    {
        await using var project = await CliProject.InitAsync();
        var file = Path.Combine(project.Root, "Pulumi.dev.yaml");
        File.WriteAllText(file, "# the development stack\nconfig:\n  # where\n  shop:region: north # for now\n  shop:size: 3\n");
        (await project.RunAsync("config", "set", "size", "4")).Ok();
        var text = File.ReadAllText(file);
        Assert.Contains("# the development stack", text, StringComparison.Ordinal);
        Assert.Contains("# where", text, StringComparison.Ordinal);
        Assert.Contains("# for now", text, StringComparison.Ordinal);
        Assert.Equal("4", (await project.RunAsync("config", "get", "size")).Ok().Output.TrimEnd('\n'));
    }

    [Fact]
    public async Task Set_SeveralAtOnce_LosesNone()
    {
        await using var project = await CliProject.InitAsync();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(number => Task.Run(async () => (await project.RunAsync("config", "set", "--path", $"map.key{number}", "1")).Ok())));
        Assert.Equal(12, JsonNode.Parse((await project.RunAsync("config", "get", "map")).Ok().Output)!.AsObject().Count);

        // All or nothing: what comes before a mistake is not set either.
        Assert.Equal(2, (await project.RunAsync("config", "set-all", "--plaintext", "fine=1", "--plaintext", "no-value")).Code);
        Assert.Equal(1, (await project.RunAsync("config", "get", "fine")).Code);
    }

    [Fact]
    public async Task Copy_ToAnotherStack_EncryptsSecretsAnew()
    {
        await using var project = await CliProject.InitAsync();
        (await project.RunAsync("stack", "init", "live", "--no-select")).Ok();
        (await project.RunAsync("config", "set", "region", "north")).Ok();
        (await project.RunAsync("config", "set", "password", "hush-hush", "--secret")).Ok();
        (await project.RunAsync("config", "set", "--path", "net.key", "inner-secret", "--secret")).Ok();
        (await project.RunAsync("config", "set", "--path", "net.port", "80")).Ok();
        (await project.RunAsync("config", "cp", "--path", "net.port", "--dest", "live", "--stack", "dev")).Ok();
        Assert.Equal("80", (await project.RunAsync("config", "get", "--path", "net.port", "--stack", "live")).Ok().Output.Trim());
        Assert.Equal(1, (await project.RunAsync("config", "get", "region", "--stack", "live")).Code);
        (await project.RunAsync("config", "cp", "--dest", "live", "--stack", "dev")).Ok();
        var from = (await project.RunAsync("config", "--json", "--show-secrets", "--stack", "dev")).Ok().Parse();
        var to = (await project.RunAsync("config", "--json", "--show-secrets", "--stack", "live")).Ok().Parse();

        // The text of a map has the order that its file had.
        Assert.True(from["shop:net"]!.AsObject().Remove("value") && to["shop:net"]!.AsObject().Remove("value"));
        Assert.True(JsonNode.DeepEquals(from, to), to.ToJsonString());
        Assert.DoesNotContain("hush", File.ReadAllText(Path.Combine(project.Root, "Pulumi.live.yaml")), StringComparison.Ordinal);
        Assert.Equal(1, (await project.RunAsync("config", "cp", "--dest", "dev", "--stack", "dev")).Code);
        Assert.Equal(6, (await project.RunAsync("config", "cp", "--dest", "nobody", "--stack", "dev")).Code);
        Assert.Equal(1, (await project.RunAsync("config", "cp", "nothing", "--dest", "live", "--stack", "dev")).Code);
    }

    [Fact]
    public async Task TtlStart_FromAnotherStack_AddsItsEnd()
    {
        await using var project = await CliProject.InitAsync();
        (await project.RunAsync("config", "set", "region", "north")).Ok();
        (await project.RunAsync("ttl", "start", "review", "--from", "dev", "--ttl", "8h")).Ok();
        var file = File.ReadAllText(Path.Combine(project.Root, "Pulumi.review.yaml"));
        Assert.Contains("shop:region: north", file, StringComparison.Ordinal);
        Assert.Contains("reco:ttl: 8h", file, StringComparison.Ordinal);
        Assert.Contains("reco:expires: ", file, StringComparison.Ordinal);
        Assert.Contains("reco:environment: review", file, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refresh_ChangedFile_IsThatOfTheLastRunAgain()
    {
        await using var project = await CliProject.InitAsync();
        Assert.Equal(1, (await project.RunAsync("config", "refresh")).Code);
        (await project.RunAsync("config", "set", "password", "hush-hush", "--secret")).Ok();
        (await project.RunAsync("up", "--yes", "--skip-preview", "--config", "region=north")).Ok();
        var file = Path.Combine(project.Root, "Pulumi.dev.yaml");
        File.WriteAllText(file, "config:\n  shop:region: south\n");
        (await project.RunAsync("config", "refresh")).Ok();
        Assert.Equal("north", (await project.RunAsync("config", "get", "region")).Ok().Output.Trim());
        Assert.Equal("hush-hush", (await project.RunAsync("config", "get", "password")).Ok().Output.Trim());
        Assert.Contains("south", File.ReadAllText(file + ".bak"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Passphrase_WrongOrFromFile_IsToldOrTaken()
    {
        await using var project = await CliProject.InitAsync();
        (await project.RunAsync("config", "set", "password", "hush-hush", "--secret")).Ok();
        project.Set("PULUMI_CONFIG_PASSPHRASE", "something else");
        var wrong = await project.RunAsync("config", "get", "password");
        Assert.NotEqual(0, wrong.Code);
        Assert.Contains("PULUMI_CONFIG_PASSPHRASE", wrong.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("something else", wrong.Error, StringComparison.Ordinal);

        var file = Path.Combine(project.Root, "phrase");
        File.WriteAllText(file, "open sesame\n");
        project.Set("PULUMI_CONFIG_PASSPHRASE", null);
        project.Set("PULUMI_CONFIG_PASSPHRASE_FILE", file);
        Assert.Equal("hush-hush", (await project.RunAsync("config", "get", "password")).Ok().Output.TrimEnd('\n'));
        project.Set("PULUMI_CONFIG_PASSPHRASE_FILE", file + ".gone");
        var gone = await project.RunAsync("config", "get", "password");
        Assert.NotEqual(0, gone.Code);
        Assert.Contains("PULUMI_CONFIG_PASSPHRASE_FILE", gone.Error, StringComparison.Ordinal);
    }

    private static string Sorted(JsonNode node) => new JsonObject(node.AsObject().OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))).ToJsonString();
}
