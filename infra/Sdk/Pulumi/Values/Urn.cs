using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>
/// A resource's name across all stacks: <c>urn:pulumi:STACK::PROJECT::PARENT_TYPES$TYPE::NAME</c>.
/// </summary>
public readonly struct Urn : IEquatable<Urn>
{
    private readonly string _value;

    /// <summary>Wraps a URN's text.</summary>
    /// <exception cref="ArgumentException">The text is empty.</exception>
    public Urn(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        _value = value;
    }

    /// <summary>The URN's text.</summary>
    public static implicit operator string(Urn value) => value._value;

    /// <summary>The same text.</summary>
    public static bool operator ==(Urn left, Urn right) => left.Equals(right);

    /// <summary>Another text.</summary>
    public static bool operator !=(Urn left, Urn right) => !left.Equals(right);

    /// <summary>The URN that a resource of this name, type and place has.</summary>
    /// <exception cref="ArgumentException">Both parents are given.</exception>
    public static Output<string> Create(
        Input<string> name, Input<string> type,
        Resource? parent = null, Input<string>? parentUrn = null,
        Input<string>? project = null, Input<string>? stack = null)
    {
        if (parent is not null && parentUrn is not null)
        {
            throw new ArgumentException("Give 'parent' or 'parentUrn', not both.");
        }
        var prefix = (parent?.Urn ?? parentUrn?.ToOutput()) is { } urn
            ? urn.Apply(text => text[..text.LastIndexOf("::", StringComparison.Ordinal)] + "$")
            : Output.Format($"urn:pulumi:{stack ?? Deployment.Instance.StackName}::{project ?? Deployment.Instance.ProjectName}::");
        return Output.Format($"{prefix}{type}::{name}");
    }

    /// <inheritdoc/>
    public bool Equals(Urn other) => string.Equals(_value, other._value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Urn other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => _value;

    /// <summary>The last part of a URN.</summary>
    internal static string Name(string urn) => urn.Split("::", 4)[3];

    /// <summary>A URN's own type, without those of its parents.</summary>
    internal static string Type(string urn) => urn.Split("::", 4)[2].Split('$')[^1];
}
