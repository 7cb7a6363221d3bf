namespace Reco.Engine.Planning;

/// <summary>URNs: <c>urn:pulumi:STACK::PROJECT::PARENT-TYPES$TYPE::NAME</c>.</summary>
internal static class Urn
{
    /// <summary>Type of the stack itself.</summary>
    public const string RootStackType = "pulumi:pulumi:Stack";

    private const string Prefix = "urn:pulumi:";
    private const string Delimiter = "::";
    private const char TypeDelimiter = '$';

    /// <summary>Makes a URN. A parent that is the stack leaves no trace in it.</summary>
    public static string Create(string stack, string project, string parentUrn, string type, string name)
    {
        var parentType = parentUrn.Length == 0 ? "" : QualifiedType(parentUrn);
        var qualified = parentType.Length == 0 || parentType == RootStackType ? type : $"{parentType}{TypeDelimiter}{type}";
        return $"{Prefix}{stack}{Delimiter}{project}{Delimiter}{qualified}{Delimiter}{name}";
    }

    /// <summary>True for something that has a URN's form.</summary>
    public static bool IsValid(string urn)
    {
        if (!urn.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var at = 0;
        for (var part = 0; part < 3; part++)
        {
            at = urn.IndexOf(Delimiter, at, StringComparison.Ordinal);
            if (at < 0)
            {
                return false;
            }

            at += Delimiter.Length;
        }

        return true;
    }

    /// <summary>Types of all parents and of the resource, parted by <c>$</c>.</summary>
    public static string QualifiedType(string urn) => Part(urn, 2);

    /// <summary>Type of the resource.</summary>
    public static string Type(string urn)
    {
        var qualified = QualifiedType(urn);
        return qualified[(qualified.LastIndexOf(TypeDelimiter) + 1)..];
    }

    /// <summary>Name of the resource: everything after the third delimiter, which may hold delimiters itself.</summary>
    public static string Name(string urn) => Part(urn, 3);

    /// <summary>The name of the stack.</summary>
    public static string Stack(string urn) => Part(urn, 0);

    /// <summary>The name of the project.</summary>
    public static string Project(string urn) => Part(urn, 1);

    /// <summary>True for a provider resource's type.</summary>
    public static bool IsProviderType(string type) => type.StartsWith("pulumi:providers:", StringComparison.Ordinal);

    /// <summary>True for the provider resource that the engine itself registers for a package.</summary>
    public static bool IsDefaultProvider(string urn) =>
        IsProviderType(Type(urn)) && Name(urn).StartsWith("default", StringComparison.Ordinal);

    private static string Part(string urn, int index)
    {
        var at = urn.StartsWith(Prefix, StringComparison.Ordinal) ? Prefix.Length : 0;
        for (var part = 0; part < index; part++)
        {
            var next = urn.IndexOf(Delimiter, at, StringComparison.Ordinal);
            if (next < 0)
            {
                return "";
            }

            at = next + Delimiter.Length;
        }

        var end = index == 3 ? -1 : urn.IndexOf(Delimiter, at, StringComparison.Ordinal);
        return end < 0 ? urn[at..] : urn[at..end];
    }
}

/// <summary>A reference to a configured provider: <c>urn::id</c>.</summary>
internal readonly record struct ProviderReference(string Urn, string Id)
{
    /// <summary>ID of a provider that exists in a preview only: the unknown string.</summary>
    public const string UnknownId = Values.Signatures.UnknownString;

    /// <summary>Parses a reference; false for an empty one.</summary>
    public static bool TryParse(string text, out ProviderReference reference)
    {
        var at = text.LastIndexOf("::", StringComparison.Ordinal);
        reference = at <= 0 ? default : new ProviderReference(text[..at], text[(at + 2)..]);
        return at > 0 && Planning.Urn.IsValid(reference.Urn);
    }

    /// <summary>URN of the provider that a reference names, or empty.</summary>
    public static string UrnOf(string text) => TryParse(text, out var reference) ? reference.Urn : "";

    /// <inheritdoc/>
    public override string ToString() => $"{Urn}::{Id}";
}
