namespace Pulumi.AzureNative;

/// <summary>Names the type token of a resource class of this package.</summary>
/// <param name="type">The type token.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class AzureNativeResourceTypeAttribute(string type) : ResourceTypeAttribute(type, PackageDefaults.Version);
