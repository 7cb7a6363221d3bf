using System.Text.Json;
using Reco.Engine.Values;

namespace Reco.Engine.Display;

/// <summary>Values as people read them. Secrets are masked unless asked for.</summary>
internal sealed class PropertyText(bool showSecrets)
{
    /// <summary>What stands for a secret.</summary>
    public const string Secret = "[secret]";

    /// <summary>What stands for a value that is not known yet.</summary>
    public const string Unknown = "[unknown]";

    /// <summary>A value on one line.</summary>
    public string Inline(PropertyValue value) => value switch
    {
        PropertyValue.NullValue => "null",
        PropertyValue.BoolValue entry => entry.Value ? "true" : "false",
        PropertyValue.NumberValue entry => NumberText.Of(entry.Value),
        PropertyValue.StringValue entry => JsonSerializer.Serialize(entry.Value, DeepJson.Line),
        PropertyValue.SecretValue entry => showSecrets ? Inline(entry.Element) : Secret,
        PropertyValue.ComputedValue => Unknown,
        PropertyValue.OutputValue { Element: null } => Unknown,
        PropertyValue.OutputValue { IsSecret: true } when !showSecrets => Secret,
        PropertyValue.OutputValue entry => Inline(entry.Element!),
        PropertyValue.ListValue entry => $"[{string.Join(", ", entry.Items.Select(Inline))}]",
        PropertyValue.MapValue entry => entry.Map.Count == 0 ? "{}" : $"{{ {string.Join(", ", entry.Map.Select(pair => $"{pair.Key}: {Inline(pair.Value)}"))} }}",
        PropertyValue.ResourceReferenceValue entry => $"<resource {entry.Urn}>",
        PropertyValue.AssetValue entry => $"asset({Short(entry.Hash)} {entry.Path ?? entry.Uri ?? "text"})",
        PropertyValue.ArchiveValue entry => $"archive({Short(entry.Hash)} {entry.Path ?? entry.Uri ?? "assets"})",
        _ => value.ToString(),
    };

    private static string Short(string hash) => hash.Length > 8 ? hash[..8] : hash;
}
