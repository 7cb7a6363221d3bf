using System.Globalization;
using System.Text.Json.Nodes;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Objects;
using Reco.Providers.Kubernetes.Wire;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Reco.Providers.Kubernetes.Manifests;

/// <summary>Reads YAML manifests: the function behind <c>yaml.ConfigFile</c> and <c>yaml.ConfigGroup</c>.</summary>
internal static class YamlDecoder
{
    /// <summary>Its token.</summary>
    public const string Token = "kubernetes:yaml:decode";

    /// <summary>Answers the function.</summary>
    /// <exception cref="FormatException">No text, or no YAML.</exception>
    public static InvokeResponse Decode(InvokeRequest request, string? defaultNamespace)
    {
        var arguments = WireReader.Read(request.Args);
        var text = arguments.Text("text") ?? throw new FormatException("yaml:decode: \"text\" is missing.");
        var space = arguments.Text("defaultNamespace") is { Length: > 0 } given ? given : defaultNamespace;
        var result = new JsonArray([.. Objects(text, space)]);
        return new InvokeResponse { Return = WireWriter.Write(new JsonObject { ["result"] = result }) };
    }

    /// <summary>The objects of a manifest: of every document, and of every list in one.</summary>
    /// <param name="text">YAML, several documents.</param>
    /// <param name="space">Namespace of objects that name none; null for none.</param>
    /// <exception cref="FormatException">No YAML, or an object without kind or name.</exception>
    public static IEnumerable<JsonObject> Objects(string text, string? space)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException error)
        {
            throw new FormatException($"line {error.Start.Line}, column {error.Start.Column}: not YAML: {error.Message}");
        }

        return stream.Documents.Select(document => ToJson(document.RootNode)).OfType<JsonObject>().SelectMany(value => Flatten(value, space)).ToList();
    }

    private static IEnumerable<JsonObject> Flatten(JsonObject value, string? space)
    {
        if (value.Kind().EndsWith("List", StringComparison.Ordinal) && value["items"] is JsonArray items)
        {
            return items.OfType<JsonObject>().Select(item => item.Copy()).SelectMany(item => Flatten(item, space));
        }

        if (value.Gvk() is not { } kind)
        {
            throw new FormatException("a document of the manifest has no apiVersion or kind: it is no Kubernetes object.");
        }

        if (value.Name().Length == 0 && value.At("metadata", "generateName") is null)
        {
            throw new FormatException($"a {kind.Kind} of the manifest has no metadata.name.");
        }

        if (space is not null && value.Namespace().Length == 0 && ModelCatalog.Find(kind) is not null && ResourceScope.IsNamespaced(kind.Kind))
        {
            value.SetMetadata("namespace", space);
        }

        return [value];
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(entry => KeyValuePair.Create(((YamlScalarNode)entry.Key).Value ?? "", ToJson(entry.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar when scalar.Tag.IsEmpty => Plain(scalar.Value ?? ""),
        YamlScalarNode scalar => scalar.Value,
        _ => null,
    };

    private static JsonNode? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
        _ when char.IsAsciiDigit(text[^1]) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) => real,
        _ => text,
    };
}
