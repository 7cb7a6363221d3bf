using Azure.Bicep.Types.Concrete;
using Google.Protobuf.WellKnownTypes;
using Reco.Providers.AzureNative.Catalog;
using Reco.Providers.AzureNative.Wire;

namespace Reco.Providers.AzureNative.Schema;

/// <summary>What a resource will look like, as far as it is known beforehand: what the program gives, the name and the type;
/// everything else that Azure will answer is unknown.</summary>
internal sealed class PreviewOutputs(AzureResource resource)
{
    /// <summary>The outputs of a resource with these inputs.</summary>
    public Struct Of(Struct inputs)
    {
        var body = ArmObject.Of(ArmTypes.Body(resource), key => Plain.Text(inputs, key))!;
        var isLifted = body.IsLifted(inputs.Fields.Keys.Select(key => Renamed(key, key)));
        var outputs = new Struct();
        foreach (var name in resource.Outputs)
        {
            outputs.Fields[name] = name switch
            {
                "azureApiVersion" => Value.ForString(resource.ApiVersion),
                "type" when !resource.Inputs.Contains("type") => Value.ForString(resource.ArmType),
                "name" when !resource.Inputs.Contains("name") && resource.NameParameter is { } parameter && inputs.Fields.TryGetValue(parameter, out var given) => given,
                _ => Member(inputs, name, body.Find(Renamed(name, name), isLifted), name),
            };
        }

        return outputs;
    }

    private Value Member(Struct given, string key, ObjectTypeProperty? member, string pattern) =>
        Plain.Has(given, key) ? Complete(given.Fields[key], member?.Type.Type, pattern) : Plain.Unknown;

    /// <summary>A given value with the members that Azure adds to it.</summary>
    private Value Complete(Value value, TypeBase? type, string pattern)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.ListValue when type is ArrayType array:
                return Value.ForList([.. value.ListValue.Values.Select(item => Complete(item, array.ItemType.Type, pattern + "[]"))]);
            case Value.KindOneofCase.ListValue when type is ObjectType:
                // A set of IDs comes back as a map with content of Azure's.
                return Plain.Unknown;
            case Value.KindOneofCase.StructValue when type is not null && ArmObject.Of(type, key => Plain.Text(value.StructValue, key)) is { } shape:
                var given = value.StructValue;
                var isLifted = shape.IsLifted(given.Fields.Keys.Select(key => Renamed($"{pattern}.{key}", key)));
                var result = given.Clone();
                foreach (var (key, item) in given.Fields)
                {
                    result.Fields[key] = shape.Find(Renamed($"{pattern}.{key}", key), isLifted) is { } member
                        ? Complete(item, member.Type.Type, $"{pattern}.{key}")
                        : shape.Values is { } values ? Complete(item, values, $"{pattern}.*") : item;
                }

                foreach (var name in shape.Names(isLifted))
                {
                    var key = resource.Rename.FirstOrDefault(pair => pair.Value == name && pair.Key == $"{pattern}.{pair.Key[(pair.Key.LastIndexOf('.') + 1)..]}").Key is { } renamed
                        ? renamed[(renamed.LastIndexOf('.') + 1)..]
                        : name;
                    result.Fields.TryAdd(key, Plain.Unknown);
                }

                return Value.ForStruct(result);
            default:
                return value;
        }
    }

    private string Renamed(string pattern, string key) => resource.Rename.GetValueOrDefault(pattern, key);
}
