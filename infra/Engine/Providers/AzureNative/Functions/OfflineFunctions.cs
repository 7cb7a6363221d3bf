using Google.Protobuf.WellKnownTypes;

namespace Reco.Providers.AzureNative.Functions;

/// <summary>Functions of azure-native that can be answered with no connection.</summary>
internal static class OfflineFunctions
{
    /// <summary>What stands for an identifier that only a login would tell.</summary>
    public const string Placeholder = "00000000-0000-0000-0000-000000000000";

    private const string ClientConfigToken = "azure-native:authorization:getClientConfig";

    /// <summary>The answer, and a warning where part of it is a placeholder; null for a function that needs a connection.</summary>
    /// <param name="token">Token of the function.</param>
    /// <param name="setting">Reads a setting of the provider, or an environment variable.</param>
    public static (Struct Answer, string? Warning)? Call(string token, Func<string, string?, string?> setting) =>
        token == ClientConfigToken ? ClientConfig(setting) : null;

    private static (Struct, string?) ClientConfig(Func<string, string?, string?> setting)
    {
        var settings = new (string Key, string? Value)[]
        {
            ("clientId", setting("clientId", "ARM_CLIENT_ID")),
            ("objectId", null),
            ("subscriptionId", setting("subscriptionId", "ARM_SUBSCRIPTION_ID")),
            ("tenantId", setting("tenantId", "ARM_TENANT_ID")),
        };
        var answer = new Struct();
        foreach (var (key, value) in settings)
        {
            answer.Fields[key] = Value.ForString(value ?? Placeholder);
        }

        var missing = settings.Where(entry => entry.Value is null).Select(entry => entry.Key).ToList();
        return (answer, missing.Count == 0
            ? null
            : $"getClientConfig: {string.Join(", ", missing)} stand as {Placeholder} in this offline preview; set azure-native:subscriptionId and azure-native:tenantId for the stack to see the real ones.");
    }
}
