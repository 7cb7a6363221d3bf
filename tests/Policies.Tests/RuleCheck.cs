using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Reco.Policies.Tests;

/// <summary>Runs a rule on inputs in JSON.</summary>
internal static class RuleCheck
{
    public const string Unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

    public static PolicyResource Resource(string type, string json, string component = "reco:azure:Cluster") => new()
    {
        Urn = $"urn:pulumi:prod::reco::{component}${type}::thing",
        Type = type,
        Name = "thing",
        Properties = JsonParser.Default.Parse<Struct>(json),
    };

    /// <summary>The messages of the rule of a name.</summary>
    public static IReadOnlyList<string> Messages(string rule, string type, string json, params (string Key, string Value)[] config)
    {
        var found = Assert.Single(PolicyPack.Rules, candidate => candidate.Name == rule);
        var context = new PolicyContext("prod", config.ToDictionary(entry => entry.Key, entry => entry.Value));
        return found switch
        {
            ResourceRule resource => [.. resource.Check(Resource(type, json), context)],
            StackRule stack => [.. stack.Check([Resource(type, json)], context)],
            _ => throw new InvalidOperationException(rule),
        };
    }
}
