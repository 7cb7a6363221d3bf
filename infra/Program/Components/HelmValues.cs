namespace Reco.Infra.Components;

/// <summary>Pieces of the values of charts.</summary>
internal static class HelmValues
{
    /// <summary>A map of values.</summary>
    public static Dictionary<string, object> Map(params (string Key, object Value)[] entries) =>
        entries.ToDictionary(entry => entry.Key, entry => entry.Value);

    /// <summary>Resources of a container: CPU is asked for and not limited, memory is both.</summary>
    public static Dictionary<string, object> Resources(string cpu, string memory, string limit) =>
        Map(("requests", Map(("cpu", cpu), ("memory", memory))), ("limits", Map(("memory", limit))));
}
