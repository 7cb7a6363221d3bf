using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reco.Image;

/// <summary>Writes what a published program is made of as CycloneDX 1.6: its packages with the hashes that NuGet restored them by, from
/// <c>*.deps.json</c>, and its files with theirs. It has no time and no serial number, so that the same program has the same bill, and
/// it asks no server. (The tools on NuGet write a time, and need the project's sources and a restore.)</summary>
internal static class BillOfMaterials
{
    /// <summary>Name of the file beside the program.</summary>
    public const string FileName = "bom.cdx.json";

    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true };

    /// <summary>Writes the bill of a folder into it.</summary>
    /// <exception cref="InvalidDataException">The folder does not hold one program.</exception>
    public static void Write(string folder)
    {
        var path = Directory.GetFiles(folder, "*.deps.json") is [var only] ? only : throw new InvalidDataException($"{folder} has not one *.deps.json; it must be a published program.");
        using var dependencies = JsonDocument.Parse(File.ReadAllBytes(path));
        var libraries = dependencies.RootElement.GetProperty("libraries").EnumerateObject().Select(Library.Read).OrderBy(library => library.Reference, StringComparer.Ordinal).ToArray();
        var name = Path.GetFileName(path)[..^".deps.json".Length];
        var program = libraries.FirstOrDefault(library => library.Name == name) ?? throw new InvalidDataException($"{path} does not name its own program.");
        var bill = new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new JsonObject { ["component"] = Component("application", program) },
            ["components"] = new JsonArray([.. libraries.Where(library => library != program).Select(library => Component("library", library)), .. Files(folder)]),
            ["dependencies"] = Dependencies(dependencies.RootElement, libraries),
        };
        File.WriteAllText(Path.Combine(folder, FileName), bill.ToJsonString(Options) + "\n");
    }

    private static JsonObject Component(string type, Library library)
    {
        var component = new JsonObject { ["type"] = type, ["bom-ref"] = library.Reference, ["name"] = library.Name, ["version"] = library.Version };
        if (library.IsPackage)
        {
            component["purl"] = library.Reference;
        }

        if (library.Sha512.Length > 0)
        {
            component["hashes"] = Hash("SHA-512", library.Sha512);
        }

        return component;
    }

    private static IEnumerable<JsonObject> Files(string folder) =>
        from file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        let name = Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/')
        where name != FileName
        orderby name
        select new JsonObject { ["type"] = "file", ["bom-ref"] = $"file:{name}", ["name"] = name, ["hashes"] = Hash("SHA-256", SHA256.HashData(File.ReadAllBytes(file))) };

    private static JsonArray Hash(string algorithm, byte[] value) => [new JsonObject { ["alg"] = algorithm, ["content"] = Convert.ToHexStringLower(value) }];

    private static JsonArray Dependencies(JsonElement root, Library[] libraries)
    {
        var known = libraries.ToDictionary(library => library.Key);
        var target = root.GetProperty("targets").EnumerateObject().First().Value;
        return
        [
            .. from entry in target.EnumerateObject()
               where known.ContainsKey(entry.Name)
               orderby known[entry.Name].Reference
               select (JsonNode)new JsonObject
               {
                   ["ref"] = known[entry.Name].Reference,
                   ["dependsOn"] = new JsonArray([.. Needed(entry.Value).Order(StringComparer.Ordinal).Select(reference => (JsonNode)reference)]),
               },
        ];

        IEnumerable<string> Needed(JsonElement library) => library.TryGetProperty("dependencies", out var needed)
            ? needed.EnumerateObject().Where(entry => known.ContainsKey($"{entry.Name}/{entry.Value.GetString()}")).Select(entry => known[$"{entry.Name}/{entry.Value.GetString()}"].Reference)
            : [];
    }

    private sealed record Library(string Key, string Name, string Version, bool IsPackage, byte[] Sha512)
    {
        public string Reference => IsPackage ? $"pkg:nuget/{Name}@{Version}" : $"{Name}@{Version}";

        public static Library Read(JsonProperty entry)
        {
            var slash = entry.Name.IndexOf('/', StringComparison.Ordinal);
            var hash = entry.Value.TryGetProperty("sha512", out var text) && text.GetString() is { Length: > 7 } value ? Convert.FromBase64String(value["sha512-".Length..]) : [];
            return new Library(entry.Name, entry.Name[..slash], entry.Name[(slash + 1)..], entry.Value.GetProperty("type").GetString() == "package", hash);
        }
    }
}
