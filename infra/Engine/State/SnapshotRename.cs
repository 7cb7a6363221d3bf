using Reco.Engine.Planning;
using Reco.Engine.Values;

namespace Reco.Engine.State;

/// <summary>Gives entries of a state other URNs, wherever these stand in it.</summary>
internal static class SnapshotRename
{
    /// <summary>The state with every URN converted: of entries, of what they refer to, and in references among their values.</summary>
    public static Snapshot Rename(this Snapshot snapshot, Func<string, string> rename) => snapshot with
    {
        Resources = [.. snapshot.Resources.Select(entry => Rename(entry, rename))],
        PendingOperations = [.. snapshot.PendingOperations.Select(operation => operation with { Resource = Rename(operation.Resource, rename) })],
    };

    /// <summary>Converts the URNs of one stack to those of another.</summary>
    public static Func<string, string> Stack(StackName from, StackName to) => urn =>
        !Urn.IsValid(urn) || Urn.Stack(urn) != from.Stack || Urn.Project(urn) != from.Project ? urn
            : Urn.Type(urn) == Urn.RootStackType ? Urn.Create(to.Stack, to.Project, "", Urn.RootStackType, $"{to.Project}-{to.Stack}")
            : Urn.Create(to.Stack, to.Project, "", Urn.QualifiedType(urn), Urn.Name(urn));

    private static ResourceState Rename(ResourceState entry, Func<string, string> rename) => entry.Rename(rename, _ => false) with
    {
        Urn = rename(entry.Urn),
        Aliases = [.. entry.Aliases.Select(rename)],
        Inputs = Rename(entry.Inputs, rename),
        Outputs = Rename(entry.Outputs, rename),
        ReplacementTrigger = entry.ReplacementTrigger is { } trigger ? Rename(trigger, rename) : null,
    };

    private static PropertyMap Rename(PropertyMap map, Func<string, string> rename) => new(map.Select(pair => KeyValuePair.Create(pair.Key, Rename(pair.Value, rename))));

    private static PropertyValue Rename(PropertyValue value, Func<string, string> rename) => value switch
    {
        PropertyValue.ListValue list => list with { Items = [.. list.Items.Select(item => Rename(item, rename))] },
        PropertyValue.MapValue map => map with { Map = Rename(map.Map, rename) },
        PropertyValue.SecretValue secret => secret with { Element = Rename(secret.Element, rename) },
        PropertyValue.OutputValue output => output with { Element = output.Element is { } element ? Rename(element, rename) : null, Dependencies = [.. output.Dependencies.Select(rename)] },
        PropertyValue.ResourceReferenceValue reference => reference with { Urn = rename(reference.Urn) },
        _ => value,
    };
}
