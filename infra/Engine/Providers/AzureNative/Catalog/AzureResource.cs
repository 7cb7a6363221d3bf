using System.Collections.Immutable;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Reco.Providers.AzureNative.Catalog;

/// <summary>How a resource is named that the program does not name.</summary>
internal enum AutoName
{
    /// <summary>It is not: the name is fixed or must be given.</summary>
    None,

    /// <summary>Its Pulumi name and eight hex digits; such a resource is created before the old one is deleted.</summary>
    Random,

    /// <summary>Its Pulumi name.</summary>
    Copy,

    /// <summary>A UUID.</summary>
    Uuid,
}

/// <summary>One resource type of azure-native: how its inputs become a request to Azure Resource Manager.</summary>
internal sealed partial record AzureResource
{
    /// <summary>Resource ID with parameters in braces.</summary>
    public required string Id { get; init; }

    /// <summary>Type in Azure Resource Manager, for example <c>Microsoft.Network/virtualNetworks</c>.</summary>
    public required string ArmType { get; init; }

    /// <summary>API version that the official provider uses by default.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>How it is named by default.</summary>
    public AutoName Autoname { get; init; }

    /// <summary>Every input, by the name that programs use.</summary>
    public required ImmutableArray<string> Inputs { get; init; }

    /// <summary>Every output.</summary>
    public required ImmutableArray<string> Outputs { get; init; }

    /// <summary>Inputs, as property paths without indexes, whose change makes a new resource; parameters of the ID and
    /// the location always do.</summary>
    public ImmutableArray<string> Replace { get; init; } = [];

    /// <summary>Where Azure's name differs from the program's: from property path (<c>[]</c> for an item) to name.</summary>
    public ImmutableSortedDictionary<string, string> Rename { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Parameters of the ID that a program gives.</summary>
    [JsonIgnore]
    public ImmutableArray<string> Parameters => [.. Parameter().Matches(Id).Select(match => match.Groups[1].Value).Where(name => name != "subscriptionId")];

    /// <summary>The parameter that is the resource's own name; null where that is fixed.</summary>
    [JsonIgnore]
    public string? NameParameter => Id.EndsWith('}') ? Id[(Id.LastIndexOf('{') + 1)..^1] : null;

    /// <summary>The ID with its parameters filled in; null where one is missing.</summary>
    public string? Fill(Func<string, string?> parameter)
    {
        var complete = true;
        var id = Parameter().Replace(Id, match =>
        {
            var value = parameter(match.Groups[1].Value);
            complete &= value is not null;
            return value?.TrimStart('/') ?? "";
        });
        return complete ? id : null;
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter();
}
