using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Reco.Providers.AzureNative.Catalog;
using Reco.Providers.AzureNative.Wire;

namespace Reco.Providers.AzureNative.Checking;

/// <summary>Locations of this run's resource groups: a resource without one takes that of its group. The official provider
/// asks Azure.</summary>
internal sealed class GroupLocations
{
    private readonly ConcurrentDictionary<string, Value> byName = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Remembers a resource group.</summary>
    public void Note(AzureResource resource, Struct inputs)
    {
        if (resource.ArmType == "Microsoft.Resources/resourceGroups" && Plain.Text(inputs, "resourceGroupName") is { } name && Plain.Has(inputs, "location"))
        {
            byName[name] = inputs.Fields["location"];
        }
    }

    /// <summary>The location of a group: unknown where the group is, null where nothing is known of it.</summary>
    public Value? Find(Value group) => Plain.IsUnknown(group) ? Plain.Unknown : byName.GetValueOrDefault(group.StringValue);
}
