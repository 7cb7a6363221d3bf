using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Azure.Bicep.Types.Concrete;
using Reco.Providers.AzureNative.Catalog;
using Reco.Providers.AzureNative.Schema;

namespace Reco.AzureCatalog;

/// <summary>One entry of <c>selection.json</c>: what neither source says.</summary>
internal sealed record SelectedResource
{
    /// <summary>Resource ID with parameters in braces.</summary>
    public required string Id { get; init; }

    /// <summary>Type in Azure Resource Manager where the ID does not show it.</summary>
    public string? Arm { get; init; }

    /// <summary>How it is named by default.</summary>
    public AutoName Autoname { get; init; }

    /// <summary>Create-only inputs.</summary>
    public ImmutableArray<string> Replace { get; init; } = [];

    /// <summary>Members that Azure names differently.</summary>
    public ImmutableSortedDictionary<string, string> Rename { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Ends of property paths that the package offers and this provider does not: Azure's type has no such place.</summary>
    public ImmutableArray<string> Unsupported { get; init; } = [];
}

/// <summary>Joins the selection, the npm package and Azure's types, and proves that they fit: every member that the package
/// lets a program set must have its place in Azure's type of that API version.</summary>
internal sealed partial class CatalogBuilder(NpmPackage package)
{
    /// <summary>What does not fit.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>The catalogue.</summary>
    public CatalogFile Build(IReadOnlyDictionary<string, SelectedResource> selection) =>
        new(package.Version, selection.ToImmutableSortedDictionary(entry => entry.Key, entry => Build(entry.Key, entry.Value), StringComparer.Ordinal));

    private AzureResource Build(string token, SelectedResource selected)
    {
        var npm = package.Resource(token);
        var resource = new AzureResource
        {
            Id = selected.Id,
            ArmType = selected.Arm ?? ArmType(selected.Id),
            ApiVersion = npm.ApiVersion,
            Autoname = selected.Autoname,
            Inputs = [.. npm.Inputs.Keys],
            Outputs = npm.Outputs,
            Replace = selected.Replace,
            Rename = selected.Rename,
        };
        foreach (var parameter in resource.Parameters.Where(parameter => !npm.Inputs.ContainsKey(parameter)))
        {
            Problems.Add($"{token}: {{{parameter}}} of the ID is no input; inputs: {string.Join(", ", npm.Inputs.Keys)}");
        }

        try
        {
            var members = npm.Inputs.RemoveRange(resource.Parameters);
            var found = resource.Rename.ToBuilder();
            Verify(new Visit(token, resource, selected.Unsupported, found), ArmTypes.Body(resource), members, "", []);
            resource = resource with { Rename = found.ToImmutable() };
        }
        catch (FormatException error)
        {
            Problems.Add($"{token}: {error.Message}");
        }

        return resource;
    }

    private void Verify(Visit visit, TypeBase type, ImmutableSortedDictionary<string, string> members, string pattern, ImmutableHashSet<string> above)
    {
        if (ArmObject.Of(type, _ => null) is not { } shape)
        {
            return;
        }

        var isLifted = shape.IsLifted(members.Keys);
        foreach (var (key, declared) in members)
        {
            var path = pattern.Length == 0 ? key : $"{pattern}.{key}";
            var found = shape.Find(visit.Rename.GetValueOrDefault(path, key), isLifted) ?? Respelled(visit, shape, isLifted, path, key);
            if (found is null && shape.Values is null && type is not DiscriminatedObjectType && !visit.Unsupported.Any(end => path.EndsWith(end, StringComparison.Ordinal)))
            {
                Problems.Add($"{visit.Token}: {path} has no place in {visit.Resource.ArmType}@{visit.Resource.ApiVersion}; Azure's names there: {string.Join(", ", shape.Names(isLifted))}");
            }
            else if (found is not null && NestedType().Match(declared) is { Success: true } nested && package.InputType(nested.Groups[1].Value) is { } inner
                && !above.Contains(nested.Groups[1].Value))
            {
                var (item, suffix) = Item(found.Type.Type);
                Verify(visit, item, inner, path + suffix, above.Add(nested.Groups[1].Value));
            }
        }
    }

    /// <summary>A member that Azure writes with other capitals or with dashes; noted as a rename.</summary>
    private static ObjectTypeProperty? Respelled(Visit visit, ArmObject shape, bool isLifted, string path, string key)
    {
        var spelled = shape.Names(isLifted).FirstOrDefault(name => string.Equals(name.Replace("-", "", StringComparison.Ordinal), key, StringComparison.OrdinalIgnoreCase));
        if (spelled is null)
        {
            return null;
        }

        visit.Rename[path] = spelled;
        return shape.Find(spelled, isLifted);
    }

    private static (TypeBase Type, string Suffix) Item(TypeBase type) => type switch
    {
        ArrayType array => (array.ItemType.Type, "[]"),
        ObjectType { Properties.Count: 0, AdditionalProperties: { } values } => (values.Type, ".*"),
        _ => (type, ""),
    };

    /// <summary><c>.../providers/Microsoft.X/as/{a}/bs/{b}</c> is <c>Microsoft.X/as/bs</c>.</summary>
    private static string ArmType(string id)
    {
        var parts = id[(id.LastIndexOf("/providers/", StringComparison.Ordinal) + "/providers/".Length)..].Split('/');
        return string.Join('/', parts.Take(1).Concat(parts.Skip(1).Where((_, index) => index % 2 == 0)));
    }

    private sealed record Visit(string Token, AzureResource Resource, ImmutableArray<string> Unsupported, ImmutableSortedDictionary<string, string>.Builder Rename);

    [GeneratedRegex(@"inputs\.(\w+\.\w+)")]
    private static partial Regex NestedType();
}
