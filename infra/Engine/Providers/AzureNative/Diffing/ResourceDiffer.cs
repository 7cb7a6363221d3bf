using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using Reco.Protocol;
using Reco.Providers.AzureNative.Catalog;
using Reco.Providers.AzureNative.Checking;
using Reco.Providers.AzureNative.Wire;

namespace Reco.Providers.AzureNative.Diffing;

/// <summary>Answers Diff: old inputs against new ones. Parameters of the ID, the location and create-only properties replace
/// the resource.</summary>
internal static partial class ResourceDiffer
{
    /// <summary>The difference.</summary>
    public static DiffResponse Diff(DiffRequest request)
    {
        var resource = ResourceCatalog.Instance[ResourceChecker.TypeOf(request.Urn)];
        var before = request.OldInputs is { Fields.Count: > 0 } ? request.OldInputs : request.Olds ?? new Struct();
        var response = new DiffResponse { HasDetailedDiff = true, Changes = DiffResponse.Types.DiffChanges.DiffNone };
        var ignored = request.IgnoreChanges.ToHashSet(StringComparer.Ordinal);
        foreach (var (path, kind) in Compare(before, request.News))
        {
            var root = Root().Match(path).Value;
            if (ignored.Contains(path) || ignored.Contains(root))
            {
                continue;
            }

            var replaces = Replaces(resource, path);
            response.Changes = DiffResponse.Types.DiffChanges.DiffSome;
            response.DetailedDiff[path] = new PropertyDiff { Kind = Kind(kind, replaces), InputDiff = true };
            Add(response.Diffs, root);
            if (replaces)
            {
                Add(response.Replaces, root);
            }
        }

        response.DeleteBeforeReplace = response.Replaces.Count > 0
            && !(before.Fields.TryGetValue(ResourceChecker.CreateBeforeDelete, out var chosen) && chosen.BoolValue);
        return response;
    }

    private static IEnumerable<(string Path, char Kind)> Compare(Struct before, Struct after)
    {
        var keys = before.Fields.Keys.Union(after.Fields.Keys, StringComparer.Ordinal)
            .Where(key => !key.StartsWith("__", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return keys.SelectMany(key => Compare(Get(before, key), Get(after, key), key));
    }

    private static IEnumerable<(string Path, char Kind)> Compare(Value? before, Value? after, string path) => (before?.KindCase, after?.KindCase) switch
    {
        (null, null) => [],
        (null, _) => [(path, '+')],
        (_, null) => [(path, '-')],
        (Value.KindOneofCase.StructValue, Value.KindOneofCase.StructValue) =>
            before!.StructValue.Fields.Keys.Union(after!.StructValue.Fields.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .SelectMany(key => Compare(Get(before.StructValue, key), Get(after.StructValue, key), path + Member(key))),
        (Value.KindOneofCase.ListValue, Value.KindOneofCase.ListValue) =>
            Enumerable.Range(0, Math.Max(before!.ListValue.Values.Count, after!.ListValue.Values.Count))
                .SelectMany(i => Compare(before.ListValue.Values.ElementAtOrDefault(i), after.ListValue.Values.ElementAtOrDefault(i), $"{path}[{i}]")),
        _ => Same(before!, after!, path) ? [] : [(path, '~')],
    };

    /// <summary>Azure takes regions with blanks and capitals ("West Europe") for the same.</summary>
    private static bool Same(Value before, Value after, string path) =>
        before.Equals(after)
        || (path == "location" && before.KindCase == Value.KindOneofCase.StringValue && after.KindCase == Value.KindOneofCase.StringValue
            && string.Equals(before.StringValue.Replace(" ", "", StringComparison.Ordinal), after.StringValue.Replace(" ", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));

    private static bool Replaces(AzureResource resource, string path)
    {
        var plain = Index().Replace(path, "");
        return path == "location"
            || resource.Parameters.Contains(path)
            || resource.Replace.Any(fixedPath => plain == fixedPath
                || plain.StartsWith(fixedPath + ".", StringComparison.Ordinal)
                || fixedPath.StartsWith(plain + ".", StringComparison.Ordinal));
    }

    private static PropertyDiff.Types.Kind Kind(char kind, bool replaces) => kind switch
    {
        '+' => replaces ? PropertyDiff.Types.Kind.AddReplace : PropertyDiff.Types.Kind.Add,
        '-' => replaces ? PropertyDiff.Types.Kind.DeleteReplace : PropertyDiff.Types.Kind.Delete,
        _ => replaces ? PropertyDiff.Types.Kind.UpdateReplace : PropertyDiff.Types.Kind.Update,
    };

    private static void Add(ICollection<string> names, string name)
    {
        if (!names.Contains(name))
        {
            names.Add(name);
        }
    }

    private static Value? Get(Struct values, string key) => Plain.Has(values, key) ? values.Fields[key] : null;

    private static string Member(string key) => key.AsSpan().IndexOfAny(".[]\"") >= 0 ? $"[\"{key}\"]" : $".{key}";

    [GeneratedRegex(@"^[^.\[]+")]
    private static partial Regex Root();

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Index();
}
