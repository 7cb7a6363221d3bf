using System.Collections.Immutable;

namespace Reco.Engine.Values;

/// <summary>One value of a resource's inputs or outputs, as Pulumi's engine sees it: JSON plus the kinds that
/// only travel with a signature key (secrets, unknowns, outputs, assets, archives, resource references).
/// Values are immutable and compare by content.</summary>
public abstract record PropertyValue
{
    private PropertyValue() { }

    /// <summary>The null value.</summary>
    public static readonly PropertyValue Null = new NullValue();

    /// <summary>A value that is not known until the update runs.</summary>
    public static readonly PropertyValue Unknown = new ComputedValue();

    /// <summary>JSON null.</summary>
    public sealed record NullValue : PropertyValue;

    /// <summary>A boolean.</summary>
    public sealed record BoolValue(bool Value) : PropertyValue;

    /// <summary>A number; the protocol has only doubles.</summary>
    public sealed record NumberValue(double Value) : PropertyValue;

    /// <summary>A string.</summary>
    public sealed record StringValue(string Value) : PropertyValue;

    /// <summary>A list of values.</summary>
    public sealed record ListValue(ImmutableArray<PropertyValue> Items) : PropertyValue
    {
        /// <inheritdoc/>
        public bool Equals(ListValue? other) => other is not null && Items.AsSpan().SequenceEqual(other.Items.AsSpan());

        /// <inheritdoc/>
        public override int GetHashCode() => Items.Aggregate(Items.Length, HashCode.Combine);
    }

    /// <summary>A map from names to values.</summary>
    public sealed record MapValue(PropertyMap Map) : PropertyValue;

    /// <summary>A secret: the plain value, to be masked in every message and encrypted in the state.</summary>
    public sealed record SecretValue(PropertyValue Element) : PropertyValue;

    /// <summary>An unknown value of a preview (the protocol's "computed" string).</summary>
    public sealed record ComputedValue : PropertyValue;

    /// <summary>A first-class output: value (null while unknown), secretness and dependencies together.</summary>
    public sealed record OutputValue(PropertyValue? Element, bool IsSecret, ImmutableArray<string> Dependencies) : PropertyValue
    {
        /// <inheritdoc/>
        public bool Equals(OutputValue? other) => other is not null && IsSecret == other.IsSecret
            && Equals(Element, other.Element) && Dependencies.AsSpan().SequenceEqual(other.Dependencies.AsSpan());

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Element, IsSecret, Dependencies.Length);
    }

    /// <summary>A reference to another resource.</summary>
    /// <param name="Urn">URN of the resource.</param>
    /// <param name="Id">Its ID: null for a component, <see cref="Unknown"/> while it is not known.</param>
    /// <param name="PackageVersion">Version of the package that defines it, or empty.</param>
    public sealed record ResourceReferenceValue(string Urn, PropertyValue? Id, string PackageVersion) : PropertyValue;

    /// <summary>An asset: one of text, path or URI, with the SHA-256 of its content in hex.</summary>
    public sealed record AssetValue(string Hash, string? Text, string? Path, string? Uri) : PropertyValue;

    /// <summary>An archive: one of a map of assets and archives, path or URI, with the SHA-256 of its content in hex.</summary>
    public sealed record ArchiveValue(string Hash, PropertyMap? Assets, string? Path, string? Uri) : PropertyValue;
}
