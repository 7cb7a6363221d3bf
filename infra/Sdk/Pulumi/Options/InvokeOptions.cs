using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>How a function of a provider is called.</summary>
[SuppressMessage("Design", "CA1056", Justification = "Official API.")]
public class InvokeOptions
{
    /// <summary>A resource whose provider is used.</summary>
    public Resource? Parent { get; set; }

    /// <summary>The provider that has the function.</summary>
    public ProviderResource? Provider { get; set; }

    /// <summary>Version of the provider plugin.</summary>
    public string? Version { get; set; }

    /// <summary>Where the provider plugin is downloaded from.</summary>
    public string? PluginDownloadURL { get; set; }
}

/// <summary>How a function of a provider is called that gives an output.</summary>
public class InvokeOutputOptions : InvokeOptions
{
    /// <summary>Resources that must exist before the call.</summary>
    public InputList<Resource> DependsOn { get => field ??= []; set; }
}

/// <summary>How a method of a component is called.</summary>
[SuppressMessage("Design", "CA1056", Justification = "Official API.")]
public class CallOptions
{
    /// <summary>A resource whose provider is used.</summary>
    public Resource? Parent { get; set; }

    /// <summary>The provider that has the component.</summary>
    public ProviderResource? Provider { get; set; }

    /// <summary>Version of the provider plugin.</summary>
    public string? Version { get; set; }

    /// <summary>Where the provider plugin is downloaded from.</summary>
    public string? PluginDownloadURL { get; set; }
}
