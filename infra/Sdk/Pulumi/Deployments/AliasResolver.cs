using P = Reco.Protocol;

namespace Pulumi;

/// <summary>Turns aliases into what the engine takes.</summary>
internal static class AliasResolver
{
    /// <summary>Aliases by their parts. Those with unknown parts are left out.</summary>
    public static async Task<List<P.Alias>> ToSpecsAsync(Resource resource)
    {
        var result = new List<P.Alias>();
        foreach (var input in resource.Aliases)
        {
            var data = await input.ToOutput().DataTask.ConfigureAwait(false);
            if (data is { IsKnown: true, Value: { } alias })
            {
                result.Add(await alias.ToProtocolAsync().ConfigureAwait(false));
            }
        }
        return result;
    }

    /// <summary>Former URNs, for engines that know no parts: the resource's own, and those that follow from its parent's.</summary>
    public static async Task<List<string>> ToUrnsAsync(Resource resource)
    {
        var name = resource.GetResourceName();
        var type = resource.GetResourceType();
        var own = await OwnUrnsAsync(resource).ConfigureAwait(false);
        var urns = new List<string>(own);
        if (resource.Parent is { } parent)
        {
            foreach (var parentUrn in await ToUrnsAsync(parent).ConfigureAwait(false))
            {
                var former = own.Select(urn => (Name: Urn.Name(urn), Type: Urn.Type(urn))).Prepend((name, type));
                urns.AddRange(former.Select(f => ChildUrn(parentUrn, parent.GetResourceName(), f.Item1, f.Item2)));
            }
        }
        return [.. urns.Distinct()];
    }

    // A child's name often starts with its parent's: then the former one started with the former parent's.
    private static string ChildUrn(string parentUrn, string parentName, string childName, string childType)
    {
        var name = childName.StartsWith(parentName, StringComparison.Ordinal) ? Urn.Name(parentUrn) + childName[parentName.Length..] : childName;
        return $"{parentUrn[..parentUrn.LastIndexOf("::", StringComparison.Ordinal)]}${childType}::{name}";
    }

    private static async Task<List<string>> OwnUrnsAsync(Resource resource)
    {
        var urns = new List<string>();
        foreach (var input in resource.Aliases)
        {
            var urn = input.ToOutput().Apply(alias => alias.Urn is not null ? Output.Create(alias.Urn) : Urn.Create(
                alias.Name ?? resource.GetResourceName(),
                alias.Type ?? resource.GetResourceType(),
                alias.Parent ?? (alias.ParentUrn is null && !alias.NoParent ? resource.Parent : null),
                alias.ParentUrn,
                alias.Project,
                alias.Stack));
            if (await urn.GetValueAsync(whenUnknown: "").ConfigureAwait(false) is { Length: > 0 } known)
            {
                urns.Add(known);
            }
        }
        return urns;
    }
}
