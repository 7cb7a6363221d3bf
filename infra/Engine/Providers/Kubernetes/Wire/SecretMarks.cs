using Google.Protobuf.WellKnownTypes;

namespace Reco.Providers.Kubernetes.Wire;

/// <summary>Carries over which values are secret from what the program gave to what the cluster answered.</summary>
internal static class SecretMarks
{
    /// <summary>Marks in <paramref name="outs"/> what is secret in <paramref name="ins"/>, and all data of a Secret.
    /// Objects are gone into, so that one secret does not hide a whole object; a list that holds one is secret as a
    /// whole, because a server may reorder it.</summary>
    public static void Copy(Struct outs, Struct? ins)
    {
        if (outs.Fields.TryGetValue("kind", out var kind) && kind is { KindCase: Value.KindOneofCase.StringValue, StringValue: "Secret" })
        {
            Mark(outs, "data");
            Mark(outs, "stringData");
            return;
        }

        foreach (var (key, given) in ins?.Fields ?? [])
        {
            if (!outs.Fields.TryGetValue(key, out var value))
            {
                continue;
            }

            if (IsPlainObject(value) && IsPlainObject(given))
            {
                Copy(value.StructValue, given.StructValue);
            }
            else if (HasSecret(given))
            {
                Mark(outs, key);
            }
        }
    }

    /// <summary>Whether a value is or holds a secret.</summary>
    public static bool HasSecret(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.ListValue => value.ListValue.Values.Any(HasSecret),
        Value.KindOneofCase.StructValue => IsSecret(value.StructValue) || value.StructValue.Fields.Values.Any(HasSecret),
        _ => false,
    };

    private static bool IsPlainObject(Value value) =>
        value.KindCase == Value.KindOneofCase.StructValue && !value.StructValue.Fields.ContainsKey(Signatures.Key);

    private static bool IsSecret(Struct value) =>
        value.Fields.TryGetValue(Signatures.Key, out var signature)
        && (signature.StringValue == Signatures.Secret
            || (signature.StringValue == Signatures.Output && value.Fields.TryGetValue("secret", out var secret) && secret.BoolValue));

    private static void Mark(Struct outs, string key)
    {
        if (!outs.Fields.TryGetValue(key, out var value)
            || (value.KindCase == Value.KindOneofCase.StructValue && IsSecret(value.StructValue)))
        {
            return;
        }

        outs.Fields[key] = Value.ForStruct(new Struct
        {
            Fields = { [Signatures.Key] = Value.ForString(Signatures.Secret), ["value"] = value },
        });
    }
}
