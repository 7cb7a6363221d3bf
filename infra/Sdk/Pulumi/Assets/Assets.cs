using System.Collections.Immutable;

namespace Pulumi;

/// <summary>A file, a text or a set of files that a resource takes.</summary>
public abstract class AssetOrArchive
{
    private protected AssetOrArchive(string signature, string property, object value)
    {
        (Signature, Property, Value) = (signature, property, value);
    }

    /// <summary>Tells the engine which kind of object follows.</summary>
    internal string Signature { get; }

    /// <summary>Name of the one property on the wire: path, uri, text or assets.</summary>
    internal string Property { get; }

    /// <summary>Value of that property.</summary>
    internal object Value { get; }
}

/// <summary>A single file or text.</summary>
public abstract class Asset : AssetOrArchive
{
    private protected Asset(string property, object value)
        : base(Serialization.Constants.AssetSignature, property, value)
    {
    }
}

/// <summary>A set of files.</summary>
public abstract class Archive : AssetOrArchive
{
    private protected Archive(string property, object value)
        : base(Serialization.Constants.ArchiveSignature, property, value)
    {
    }
}

/// <summary>A file on this machine.</summary>
/// <param name="path">Path, relative to the program's working directory.</param>
public sealed class FileAsset(string path) : Asset("path", path);

/// <summary>A text.</summary>
/// <param name="text">The text.</param>
public sealed class StringAsset(string text) : Asset("text", text);

/// <summary>A file that the provider fetches.</summary>
/// <param name="uri">Its http, https or file URI.</param>
public sealed class RemoteAsset(string uri) : Asset("uri", uri);

/// <summary>A set of assets and archives, by path.</summary>
/// <param name="assets">Members of the set.</param>
public sealed class AssetArchive(IDictionary<string, AssetOrArchive> assets)
    : Archive("assets", assets.ToImmutableDictionary());

/// <summary>A folder or an archive file (tar, tgz, zip) on this machine.</summary>
/// <param name="path">Path, relative to the program's working directory.</param>
public sealed class FileArchive(string path) : Archive("path", path);

/// <summary>An archive file that the provider fetches.</summary>
/// <param name="uri">Its http, https or file URI.</param>
public sealed class RemoteArchive(string uri) : Archive("uri", uri);

/// <summary>Stands for an asset that could not be read; the engine must never get it back.</summary>
internal sealed class InvalidAsset() : Asset("text", "");

/// <summary>Stands for an archive that could not be read; the engine must never get it back.</summary>
internal sealed class InvalidArchive() : Archive("assets", ImmutableDictionary<string, AssetOrArchive>.Empty);
