using Google.Protobuf.WellKnownTypes;
using Reco.Engine.Policy;
using Reco.Protocol;

namespace Reco.Engine.Tests.Policy;

public sealed class PolicyPackSettingsTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public void Settings_FromDefaultsPackAndFile_TheLaterWins()
    {
        File.WriteAllText(file, """{ "all": "mandatory", "b": { "most": 9 }, "c": "disabled" }""");
        var config = new PolicyPackSettings(Pack(), file).ToRequest().PolicyConfig;
        Assert.Equal(EnforcementLevel.Mandatory, config["a"].EnforcementLevel);
        Assert.Equal(EnforcementLevel.Mandatory, config["b"].EnforcementLevel);
        Assert.Equal(EnforcementLevel.Disabled, config["c"].EnforcementLevel);
        Assert.Equal(9, config["b"].Properties.Fields["most"].NumberValue);
        Assert.Equal("initial", config["b"].Properties.Fields["word"].StringValue);
        Assert.Equal(4, new PolicyPackSettings(Pack(), null).ToRequest().PolicyConfig["b"].Properties.Fields["most"].NumberValue);
    }

    [Theory]
    [InlineData("{ \"a\": \"sometimes\" }", "sometimes")]
    [InlineData("{ \"a\": 1 }", "'a'")]
    [InlineData("[", "cannot be read")]
    public void Settings_OfAFileThatIsWrong_SayWhere(string json, string text)
    {
        File.WriteAllText(file, json);
        var error = Assert.Throws<EngineException>(() => new PolicyPackSettings(Pack(), file));
        Assert.Contains(text, error.Message);
        Assert.Equal(2, error.ExitCode);
    }

    [Fact]
    public void Settings_WithoutARequiredProperty_AreRefused()
    {
        var pack = Pack();
        pack.Policies[1].ConfigSchema.Required.Add("owner");
        Assert.Contains("owner is required", Assert.Throws<EngineException>(() => new PolicyPackSettings(pack, null)).Message);
        File.WriteAllText(file, """{ "b": { "owner": "me" } }""");
        Assert.Equal("me", new PolicyPackSettings(pack, file).ToRequest().PolicyConfig["b"].Properties.Fields["owner"].StringValue);
    }

    [Theory]
    [InlineData("""{ "type": "number" }""", "\"many\"", "x should be number, not string")]
    [InlineData("""{ "type": ["integer", "string"] }""", "1.5", "x should be integer or string, not number")]
    [InlineData("""{ "enum": ["a", "b"] }""", "\"c\"", "x should be one of \"a\", \"b\"")]
    [InlineData("""{ "type": "array", "items": { "type": "string" }, "minItems": 3 }""", "[1]", "x[0] should be string, not number; *x should have at least 3 items")]
    [InlineData("""{ "type": "string", "pattern": "^a", "maxLength": 2 }""", "\"bcd\"", "x should have at most 2 characters; *x should match ^a")]
    [InlineData("""{ "pattern": "(" }""", "\"a\"", "x cannot be held against the pattern ( of its schema")]
    [InlineData("""{ "minimum": 2, "multipleOf": 2 }""", "1", "x should be at least 2; *x should be a multiple of 2")]
    [InlineData("""{ "properties": { "y": { "type": "boolean" } }, "required": ["z"], "additionalProperties": false }""", """{ "y": 1, "w": 1 }""", "x.z is required; *x.y should be boolean, not number; *x.w is not known")]
    public void Settings_AgainstTheSchema_AreRefusedWithThePath(string schema, string value, string problems)
    {
        var pack = Pack();
        pack.Policies[1].ConfigSchema.Properties.Fields["x"] = Value.Parser.ParseJson(schema);
        File.WriteAllText(file, $$"""{ "b": { "x": {{value}} } }""");
        var error = Assert.Throws<EngineException>(() => new PolicyPackSettings(pack, file));
        Assert.Contains(problems.Replace("*", "b: ", StringComparison.Ordinal), error.Message);
        Assert.Equal(2, error.ExitCode);
        new PolicyPackSettings(pack, null).ToRequest();
    }

    private static AnalyzerInfo Pack()
    {
        var schema = new PolicyConfigSchema { Properties = Struct.Parser.ParseJson("""{ "most": { "type": "number", "default": 4 } }""") };
        var pack = new AnalyzerInfo { Name = "rules", SupportsConfig = true };
        pack.Policies.Add(new PolicyInfo { Name = "a", EnforcementLevel = EnforcementLevel.Advisory });
        pack.Policies.Add(new PolicyInfo { Name = "b", EnforcementLevel = EnforcementLevel.Advisory, ConfigSchema = schema });
        pack.Policies.Add(new PolicyInfo { Name = "c", EnforcementLevel = EnforcementLevel.Mandatory });
        pack.InitialConfig["b"] = new PolicyConfig { EnforcementLevel = EnforcementLevel.Advisory, Properties = Struct.Parser.ParseJson("""{ "word": "initial" }""") };
        return pack;
    }
}
