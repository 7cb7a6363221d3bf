using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Reco.Engine.Planning;
using Reco.Engine.State;

namespace Reco.Engine.Tests.State;

/// <summary>Checkpoints as the official engine writes them are read, and written again without a loss.</summary>
public sealed class StateBackendTests : IDisposable
{
    private static readonly StackName Name = new("shop", "dev");
    private static readonly PassphraseSecrets Secrets = PassphraseSecrets.Open("correct horse", "v1:ABEiM0RVZnc=:v1:AAECAwQFBgcICQoL:zdkDVQn7X/ucxTO5Yj1CrfaW+MUQjQ==");

    // Every member of the format, and some that a later version might add.
    private const string Official = """
        {"version":4,"features":["hooks","refreshBeforeUpdate","replaceWith","taint"],"checkpoint":{"stack":"organization/shop/dev","latest":{
          "manifest":{"time":"2026-01-02T03:04:05.123456+01:00","magic":"deadbeef","version":"v3.190.0"},
          "secrets_providers":{"type":"passphrase","state":{"salt":"v1:ABEiM0RVZnc=:v1:AAECAwQFBgcICQoL:zdkDVQn7X/ucxTO5Yj1CrfaW+MUQjQ=="}},
          "resources":[
            {"urn":"urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev","custom":false,"type":"pulumi:pulumi:Stack","outputs":{"url":"http://web","none":null}},
            {"urn":"urn:pulumi:dev::shop::pulumi:providers:test::default_1_0","custom":true,"id":"0f0e","type":"pulumi:providers:test","inputs":{"version":"1.0"},"outputs":{"version":"1.0"}},
            {"urn":"urn:pulumi:dev::shop::test:index:Thing::a","custom":true,"id":"a-1","type":"test:index:Thing",
             "inputs":{"flag":true,"number":1.5,"big":9007199254740991,"list":[1,"two",null,{"three":3}],"password":{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","ciphertext":"v1:CwoJCAcGBQQDAgEA:S/RCsgQb86dRIYd/9erqaJoLgIKbCIk+XOGQqXg/AIo="},
               "file":{"4dabf18193072939515e22adb298388d":"c44067f5952c0a294b673a41bacd8c17","hash":"abc","path":"./x.txt"},
               "zip":{"4dabf18193072939515e22adb298388d":"0def7320c3a5731c473e5ecbe6d01bc7","hash":"def","assets":{"in.txt":{"4dabf18193072939515e22adb298388d":"c44067f5952c0a294b673a41bacd8c17","hash":"123","text":"hi"}}},
               "other":{"4dabf18193072939515e22adb298388d":"5cf8f73096256a8f31e491e813e4eb8e","urn":"urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev","packageVersion":"1.0"}},
             "outputs":{"later":"04da6b54-80e4-46f7-96ec-b56ff0331ba9"},
             "parent":"urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev","protect":true,"taint":true,"initErrors":["slow","red"],
             "provider":"urn:pulumi:dev::shop::pulumi:providers:test::default_1_0::0f0e","propertyDependencies":{"flag":null,"list":["urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"]},
             "additionalSecretOutputs":["key"],"aliases":["urn:pulumi:dev::shop::test:index:Thing::z"],"customTimeouts":{"create":600,"delete":1.5},"importID":"imp","retainOnDelete":true,
             "created":"2026-01-02T03:04:05.1234567Z","modified":"2026-01-03T03:04:05Z","sourcePosition":"project:///index.ts#1,2","ignoreChanges":["flag","list[0]"],"replaceOnChanges":["*"],
             "stackTrace":[{"sourcePosition":"project:///index.ts#3,4"}],"refreshBeforeUpdate":true,"resourceHooks":{"beforeCreate":["h1"]},"hideDiff":["flag"],"replacementTrigger":{"a":[1]},"inTheFuture":{"x":[1,2]}},
            {"urn":"urn:pulumi:dev::shop::test:index:Thing::b","custom":true,"delete":true,"id":"b-1","type":"test:index:Thing","external":true,"dependencies":["urn:pulumi:dev::shop::test:index:Thing::a"],
             "provider":"urn:pulumi:dev::shop::pulumi:providers:test::default_1_0::0f0e","pendingReplacement":true,"deletedWith":"urn:pulumi:dev::shop::test:index:Thing::a","replaceWith":["urn:pulumi:dev::shop::test:index:Thing::a"]}],
          "pending_operations":[{"resource":{"urn":"urn:pulumi:dev::shop::test:index:Thing::c","custom":true,"type":"test:index:Thing","inputs":{"x":1}},"type":"creating"}],
          "metadata":{"integrity_error":{"version":"v3.1.0","command":"up","error":"was bad"}},
          "extensions":{"later":{"a":1}}}}}
        """;

    private readonly StateFolder folder = new(Path.Combine(Directory.CreateTempSubdirectory("reco-state-").FullName, ".pulumi"));

    [Fact]
    public void Save_OfficialCheckpoint_LosesNothing()
    {
        Put(Official);
        var backend = new StateBackend(folder, TimeProvider.System);
        var state = backend.Open(Name, _ => Secrets);
        Assert.Equal(4, state.Snapshot.Resources.Length);
        Assert.Equal(new Values.PropertyValue.SecretValue(new Values.PropertyValue.StringValue("hush ✓ & <b>")), state.Snapshot.Resources[2].Inputs["password"]);
        backend.Save(Name, state.Snapshot, Secrets);

        var (before, after) = (JsonNode.Parse(Official)!, JsonNode.Parse(File.ReadAllText(folder.Checkpoint(Name)))!);
        foreach (var file in new[] { before, after })
        {
            // Who wrote it last, and when.
            file["checkpoint"]!["latest"]!.AsObject().Remove("manifest");
        }

        Assert.True(JsonNode.DeepEquals(before, after), $"{before.ToJsonString()}\n{after.ToJsonString()}");
        Assert.Equal(before["checkpoint"]!["latest"]!["resources"]![2]!.AsObject().Select(member => member.Key).Where(IsOwn), after["checkpoint"]!["latest"]!["resources"]![2]!.AsObject().Select(member => member.Key).Where(IsOwn));
    }

    [Fact]
    public async Task Journal_OfficialCheckpoint_LosesNothing()
    {
        Put(Official.Replace("\"delete\":true,", "", StringComparison.Ordinal));
        var backend = new StateBackend(folder, TimeProvider.System);
        var start = backend.Open(Name, _ => Secrets).Snapshot;
        var journal = backend.StartJournal(Name, start, Secrets);
        var changed = start.Resources[2] with { Protect = false };
        await journal.EndAsync(null, new StateChange(start.Resources[2], changed));
        var token = await journal.BeginAsync(new PendingOperation(start.Resources[3], PendingOperationType.Deleting), CancellationToken.None);
        var open = backend.Open(Name, _ => Secrets);
        Assert.Equal(JournalState.Replayed, open.Journal);
        Assert.Equal([PendingOperationType.Creating, PendingOperationType.Deleting], open.Snapshot.PendingOperations.Select(operation => operation.Type));
        Assert.True(StateComparison.Same(changed, open.Snapshot.Resources[2]));
        Assert.Equal(changed.Unrecognised, open.Snapshot.Resources[2].Unrecognised);
        await journal.EndAsync(token, new StateChange(start.Resources[3], null));
        await journal.CompleteAsync(new Snapshot { Resources = [start.Resources[0], start.Resources[1], changed] });

        var latest = JsonNode.Parse(File.ReadAllText(folder.Checkpoint(Name)))!["checkpoint"]!["latest"]!;
        Assert.Equal(3, latest["resources"]!.AsArray().Count);
        Assert.Equal("was bad", latest["metadata"]!["integrity_error"]!["error"]!.GetValue<string>());
        Assert.Equal(1, latest["extensions"]!["later"]!["a"]!.GetValue<int>());
        Assert.False(File.Exists(folder.Journal(Name)));
    }

    [Fact]
    public async Task Journal_TornLastLine_IsLeftOut()
    {
        Put(Official);
        var backend = new StateBackend(folder, TimeProvider.System);
        var start = backend.Open(Name, _ => Secrets).Snapshot;
        var journal = backend.StartJournal(Name, start, Secrets);
        await journal.BeginAsync(new PendingOperation(start.Resources[2], PendingOperationType.Updating), CancellationToken.None);
        await journal.BeginAsync(new PendingOperation(start.Resources[3], PendingOperationType.Deleting), CancellationToken.None);
        var whole = File.ReadAllBytes(folder.Journal(Name));
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(folder.Journal(Name), whole[..length]);
            var pending = backend.Open(Name, _ => Secrets).Snapshot.PendingOperations.Length;
            var lines = whole.AsSpan(0, length).Count((byte)'\n');
            Assert.Equal(1 + Math.Max(0, lines - 1), pending);
        }

        File.WriteAllBytes(folder.Journal(Name), [.. whole[..40], .. "\n"u8, .. whole[40..]]);
        Assert.Contains(folder.Journal(Name), Assert.Throws<EngineException>(() => backend.Open(Name, _ => Secrets)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Journal_OfAnotherCheckpoint_IsForeign()
    {
        Put(Official);
        var backend = new StateBackend(folder, TimeProvider.System);
        var start = backend.Open(Name, _ => Secrets).Snapshot;
        await backend.StartJournal(Name, start, Secrets).EndAsync(null, new StateChange(start.Resources[3], null));
        Put(Official + " ");
        var state = backend.Open(Name, _ => Secrets);
        Assert.Equal(JournalState.Foreign, state.Journal);
        Assert.Equal(4, state.Snapshot.Resources.Length);
        Assert.True(File.Exists(backend.SetJournalAside(Name)));
    }

    [Fact]
    public void Gzip_Checkpoint_StaysCompressed()
    {
        var path = Path.Combine(folder.Stacks, "shop", "dev.json.gz");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (var zip = new GZipStream(File.Create(path), CompressionLevel.Optimal))
        {
            zip.Write(Encoding.UTF8.GetBytes(Official));
        }

        var backend = new StateBackend(folder, TimeProvider.System);
        Assert.Equal([Name], backend.List());
        var state = backend.Open(Name, _ => Secrets);
        Assert.Equal(4, state.Snapshot.Resources.Length);
        backend.Backup(Name);
        backend.Save(Name, state.Snapshot, Secrets);
        backend.AddHistory(Name, new JsonObject { ["kind"] = "update" });
        Assert.False(File.Exists(path[..^3]));
        Assert.Equal([0x1f, 0x8b], File.ReadAllBytes(path)[..2]);
        Assert.Equal(4, backend.Open(Name, _ => Secrets).Snapshot.Resources.Length);
        Assert.EndsWith(".json.gz", Assert.Single(Directory.GetFiles(folder.Backups(Name))), StringComparison.Ordinal);
        Assert.Equal("update", Assert.Single(backend.History(Name))["kind"]!.GetValue<string>());
    }

    [Fact]
    public void Zstandard_Checkpoint_IsRefused()
    {
        var path = Path.Combine(folder.Stacks, "shop", "dev.json.zst");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, [0x28, 0xb5, 0x2f, 0xfd]);
        Assert.Contains("zstd", Assert.Throws<EngineException>(() => new StateBackend(folder, TimeProvider.System).Open(Name, _ => Secrets)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(folder.Root)!, recursive: true);

    private static bool IsOwn(string member) => member is not ("stackTrace" or "refreshBeforeUpdate" or "resourceHooks" or "hideDiff" or "replacementTrigger" or "inTheFuture");

    private void Put(string checkpoint)
    {
        Directory.CreateDirectory(Path.Combine(folder.Stacks, "shop"));
        File.WriteAllText(Path.Combine(folder.Stacks, "shop", "dev.json"), checkpoint);
    }
}
