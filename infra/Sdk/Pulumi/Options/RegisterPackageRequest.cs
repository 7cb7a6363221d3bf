using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>Names the exact package of a resource, where its provider plugin serves many packages.</summary>
[SuppressMessage("Design", "CA1054", Justification = "Official API.")]
[SuppressMessage("Design", "CA1056", Justification = "Official API.")]
public sealed class RegisterPackageRequest
{
    /// <summary>A package that replaces the plugin's own.</summary>
    public RegisterPackageRequest(
        string name, string version, string? downloadUrl,
        Dictionary<string, byte[]>? checksums, PackageParameterization? parameterization)
        : this(name, version, downloadUrl, checksums, parameterization, extension: null)
    {
    }

    /// <summary>A package that replaces or extends the plugin's own.</summary>
    public RegisterPackageRequest(
        string name, string version, string? downloadUrl, Dictionary<string, byte[]>? checksums = null,
        PackageParameterization? parameterization = null, PackageParameterization? extension = null)
    {
        (Name, Version, DownloadUrl) = (name, version, downloadUrl ?? "");
        (Checksums, Parameterization, Extension) = (checksums ?? [], parameterization, extension);
    }

    /// <summary>Name of the plugin.</summary>
    public string Name { get; }

    /// <summary>Version of the plugin.</summary>
    public string Version { get; }

    /// <summary>Where the plugin is downloaded from.</summary>
    public string DownloadUrl { get; }

    /// <summary>SHA-256 of the plugin by platform.</summary>
    public Dictionary<string, byte[]> Checksums { get; }

    /// <summary>The package, if the plugin has many.</summary>
    public PackageParameterization? Parameterization { get; }

    /// <summary>The package that extends the plugin's own.</summary>
    public PackageParameterization? Extension { get; }

    /// <summary>One of the packages that a plugin serves.</summary>
    /// <param name="name">Name of the package.</param>
    /// <param name="version">Version of the package.</param>
    /// <param name="value">What the plugin needs to serve it.</param>
    [SuppressMessage("Design", "CA1034", Justification = "Official API.")]
    public sealed class PackageParameterization(string name, string version, byte[] value)
    {
        /// <summary>Name of the package.</summary>
        public string Name { get; } = name;

        /// <summary>Version of the package.</summary>
        public string Version { get; } = version;

        /// <summary>What the plugin needs to serve it.</summary>
        [SuppressMessage("Performance", "CA1819", Justification = "Official API.")]
        public byte[] Value { get; } = value;
    }
}
