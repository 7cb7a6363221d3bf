using Azure.Bicep.Types.Concrete;

namespace Reco.Providers.AzureNative.Schema;

/// <summary>An object type as a program sees it. Azure keeps most of a resource below a member <c>properties</c>, which
/// azure-native lifts up.</summary>
internal sealed class ArmObject
{
    private const string Container = "properties";
    private readonly IReadOnlyDictionary<string, ObjectTypeProperty> own;
    private readonly IReadOnlyDictionary<string, ObjectTypeProperty>? lifted;

    private ArmObject(IReadOnlyDictionary<string, ObjectTypeProperty> own, TypeBase? values)
    {
        this.own = own;
        Values = values;
        lifted = own.TryGetValue(Container, out var container) && container.Type.Type is ObjectType { AdditionalProperties: null } inner ? inner.Properties : null;
    }

    /// <summary>Type of members that have no name of their own; null where there are none.</summary>
    public TypeBase? Values { get; }

    /// <summary>Names of all members, as a program gives them.</summary>
    public IEnumerable<string> Names(bool isLifted) =>
        isLifted && lifted is not null ? own.Keys.Where(name => name != Container).Concat(lifted.Keys).Distinct(StringComparer.Ordinal) : own.Keys;

    /// <summary>Names of members that a program may set.</summary>
    public IEnumerable<string> Writable(bool isLifted) => Names(isLifted).Where(name => Find(name, isLifted) is { } member && !IsReadOnly(member));

    /// <summary>Names of members that a program must set.</summary>
    public IEnumerable<string> Required(bool isLifted)
    {
        var hasBody = isLifted && lifted is not null;
        return own.Where(member => IsRequired(member.Value) && !(hasBody && member.Key == Container))
            .Concat(hasBody && lifted is not null ? lifted.Where(member => IsRequired(member.Value)) : [])
            .Select(member => member.Key);
    }

    /// <summary>Whether a value with these members has lost its level <c>properties</c>.</summary>
    public bool IsLifted(IEnumerable<string> given)
    {
        var names = given.ToHashSet(StringComparer.Ordinal);
        return lifted is not null && !names.Contains(Container)
            && (names.Any(name => !own.ContainsKey(name)) || own[Container].Flags.HasFlag(ObjectTypePropertyFlags.Required));
    }

    /// <summary>A member by Azure's name. Where both levels have it, the one that can be set wins.</summary>
    public ObjectTypeProperty? Find(string name, bool isLifted)
    {
        own.TryGetValue(name, out var outer);
        ObjectTypeProperty? inner = null;
        if (isLifted)
        {
            lifted?.TryGetValue(name, out inner);
        }

        return outer is not null && inner is not null && IsReadOnly(outer) ? inner : outer ?? inner;
    }

    /// <summary>Whether only Azure sets a member.</summary>
    public static bool IsReadOnly(ObjectTypeProperty member) => member.Flags.HasFlag(ObjectTypePropertyFlags.ReadOnly);

    /// <summary>The view of an object type; of a type with a discriminator, the variant that <paramref name="discriminator"/>
    /// names, or what all variants share. Null for a type that is no object.</summary>
    public static ArmObject? Of(TypeBase type, Func<string, string?> discriminator) => type switch
    {
        ObjectType plain => new ArmObject(plain.Properties, plain.AdditionalProperties?.Type),
        DiscriminatedObjectType variants => new ArmObject(Members(variants, discriminator(variants.Discriminator)), null),
        _ => null,
    };

    private static Dictionary<string, ObjectTypeProperty> Members(DiscriminatedObjectType variants, string? choice)
    {
        var members = new Dictionary<string, ObjectTypeProperty>(variants.BaseProperties, StringComparer.Ordinal);
        if (choice is not null && variants.Elements.TryGetValue(choice, out var element))
        {
            foreach (var (name, member) in ((ObjectType)element.Type).Properties)
            {
                members[name] = member;
            }

            return members;
        }

        // Which variant it is is not known: anything that one of them has may be there, and nothing must.
        foreach (var (name, member) in variants.Elements.Values.SelectMany(reference => ((ObjectType)reference.Type).Properties))
        {
            members.TryAdd(name, new ObjectTypeProperty(member.Type, member.Flags & ~ObjectTypePropertyFlags.Required, member.Description));
        }

        return members;
    }

    private static bool IsRequired(ObjectTypeProperty member) => member.Flags.HasFlag(ObjectTypePropertyFlags.Required) && !IsReadOnly(member);
}
