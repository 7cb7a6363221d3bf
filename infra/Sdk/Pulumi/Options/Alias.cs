using P = Reco.Protocol;

namespace Pulumi;

/// <summary>
/// A name that a resource had before, so that a rename is no replacement. Give a whole <see cref="Urn"/>, or the
/// parts that differ from today's.
/// </summary>
public sealed class Alias
{
    /// <summary>The former URN; excludes all other properties.</summary>
    public string? Urn { get; set; }

    /// <summary>The former name.</summary>
    public Input<string>? Name { get; set; }

    /// <summary>The former type.</summary>
    public Input<string>? Type { get; set; }

    /// <summary>The former stack.</summary>
    public Input<string>? Stack { get; set; }

    /// <summary>The former project.</summary>
    public Input<string>? Project { get; set; }

    /// <summary>The former parent. At most one of Parent, ParentUrn and NoParent.</summary>
    public Resource? Parent { get; set; }

    /// <summary>The former parent's URN. At most one of Parent, ParentUrn and NoParent.</summary>
    public Input<string>? ParentUrn { get; set; }

    /// <summary>Whether the resource had no parent. At most one of Parent, ParentUrn and NoParent.</summary>
    public bool NoParent { get; set; }

    internal async Task<P.Alias> ToProtocolAsync()
    {
        if (Urn is not null)
        {
            return new P.Alias { Urn = Urn };
        }
        var spec = new P.Alias.Types.Spec
        {
            Name = await ResolveAsync(Name).ConfigureAwait(false),
            Type = await ResolveAsync(Type).ConfigureAwait(false),
            Stack = await ResolveAsync(Stack).ConfigureAwait(false),
            Project = await ResolveAsync(Project).ConfigureAwait(false),
        };
        if (Parent is null && ParentUrn is null)
        {
            spec.NoParent = NoParent;
        }
        else if (await ResolveAsync(Parent is null ? ParentUrn : Parent.Urn).ConfigureAwait(false) is { Length: > 0 } parent)
        {
            spec.ParentUrn = parent;
        }
        return new P.Alias { Spec = spec };
    }

    internal static Alias FromProtocol(P.Alias alias)
    {
        if (alias.AliasCase != P.Alias.AliasOneofCase.Spec)
        {
            return new Alias { Urn = alias.Urn };
        }
        var spec = alias.Spec;
        return new Alias
        {
            Name = NullIfEmpty(spec.Name),
            Type = NullIfEmpty(spec.Type),
            Stack = NullIfEmpty(spec.Stack),
            Project = NullIfEmpty(spec.Project),
            ParentUrn = NullIfEmpty(spec.ParentUrn),
            NoParent = spec.NoParent,
        };
    }

    private static Input<string>? NullIfEmpty(string text) => text.Length == 0 ? null : (Input<string>)text;

    private static async Task<string> ResolveAsync(Input<string>? input)
        => input is null ? "" : await input.ToOutput().GetValueAsync(whenUnknown: "").ConfigureAwait(false) ?? "";
}
