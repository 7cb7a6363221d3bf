using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Reco.AzureCatalog;

/// <summary>What the official npm package says of a resource.</summary>
/// <param name="ApiVersion">Default API version.</param>
/// <param name="Inputs">Types of the inputs by name, as TypeScript declares them.</param>
/// <param name="Outputs">Names of the outputs.</param>
internal sealed record NpmResource(string ApiVersion, ImmutableSortedDictionary<string, string> Inputs, ImmutableArray<string> Outputs);

/// <summary>Reads the declarations of <c>@pulumi/azure-native</c>.</summary>
internal sealed partial class NpmPackage
{
    private readonly string folder;
    private readonly Dictionary<string, ImmutableSortedDictionary<string, string>> inputTypes = new(StringComparer.Ordinal);

    /// <summary>The package in a folder.</summary>
    public NpmPackage(string folder)
    {
        this.folder = folder;
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "package.json")));
        Version = manifest.RootElement.GetProperty("version").GetString()!;
        ReadInputTypes();
    }

    /// <summary>Version of the package.</summary>
    public string Version { get; }

    /// <summary>A resource by its token.</summary>
    public NpmResource Resource(string token)
    {
        var parts = token.Split(':');
        var file = Path.Combine(folder, parts[1], char.ToLowerInvariant(parts[2][0]) + parts[2][1..]);
        var declaration = File.ReadAllText(file + ".d.ts");
        var start = declaration.IndexOf($"export interface {parts[2]}Args {{", StringComparison.Ordinal);
        return new NpmResource(
            ApiVersion().Match(declaration).Groups[1].Value,
            Members(declaration[start..]),
            [.. Output().Matches(declaration[..start]).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)]);
    }

    /// <summary>The members of a nested input type such as <c>storage.SkuArgs</c>; null of one that there is not.</summary>
    public ImmutableSortedDictionary<string, string>? InputType(string name) => inputTypes.GetValueOrDefault(name);

    private static ImmutableSortedDictionary<string, string> Members(string text) =>
        Member().Matches(Comment().Replace(text, "")).GroupBy(match => match.Groups[1].Value, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(group => group.Key, group => group.First().Groups[2].Value, StringComparer.Ordinal);

    private void ReadInputTypes()
    {
        var module = "";
        string? type = null;
        var body = new List<string>();
        foreach (var line in File.ReadLines(Path.Combine(folder, "types", "input.d.ts")))
        {
            if (Namespace().Match(line) is { Success: true } space)
            {
                module = space.Groups[1].Value;
            }
            else if (Interface().Match(line) is { Success: true } found)
            {
                type = $"{module}.{found.Groups[1].Value}";
                body.Clear();
            }
            else if (type is not null && line == "    }")
            {
                inputTypes[type] = Members(string.Join('\n', body));
                type = null;
            }
            else if (type is not null)
            {
                body.Add(line);
            }
        }
    }

    [GeneratedRegex(@"Uses Azure REST API version ([0-9a-z-]+)\.")]
    private static partial Regex ApiVersion();

    [GeneratedRegex(@"^    readonly (\w+): pulumi\.Output<", RegexOptions.Multiline)]
    private static partial Regex Output();

    [GeneratedRegex(@"^\s+(\w+)\??: (pulumi\.Input<(?:\{[^}]*\}|[^;])*>|any(?: \| undefined)?);", RegexOptions.Multiline)]
    private static partial Regex Member();

    [GeneratedRegex(@"/\*\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^export declare namespace (\w+) \{")]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^    interface (\w+) \{")]
    private static partial Regex Interface();
}
