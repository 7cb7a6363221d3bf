using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>Options of a resource that a provider manages.</summary>
[SuppressMessage("Usage", "CA2227", Justification = "Official API.")]
[SuppressMessage("Design", "CA1002", Justification = "Official API.")]
public sealed class CustomResourceOptions : ResourceOptions
{
    /// <summary>Whether a replacement deletes the old resource before it creates the new one.</summary>
    public bool? DeleteBeforeReplace { get; set; }

    /// <summary>Output properties that are secret, beside those that the provider marks.</summary>
    public List<string> AdditionalSecretOutputs { get => field ??= []; set; }

    /// <summary>Id of a resource that exists and is to be managed from now on.</summary>
    public string? ImportId { get; set; }

    /// <summary>For providers: environment variables of the plugin, by the name of the variable that they are taken from.</summary>
    public Dictionary<string, string> EnvVarMappings { get => field ??= []; set; }

    /// <summary>Both options in one; on a conflict the second's count, and lists are joined.</summary>
    public static CustomResourceOptions Merge(CustomResourceOptions? options1, CustomResourceOptions? options2)
    {
        var merged = new CustomResourceOptions();
        merged.AbsorbCustom(options1);
        merged.AbsorbCustom(options2);
        return merged;
    }

    internal override ResourceOptions Clone() => Merge(this, null);

    private void AbsorbCustom(CustomResourceOptions? other)
    {
        if (other is null)
        {
            return;
        }
        Absorb(other);
        DeleteBeforeReplace = other.DeleteBeforeReplace ?? DeleteBeforeReplace;
        ImportId = other.ImportId ?? ImportId;
        AdditionalSecretOutputs.AddRange(other.AdditionalSecretOutputs);
        foreach (var (variable, source) in other.EnvVarMappings)
        {
            EnvVarMappings[variable] = source;
        }
    }
}
