using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Enum = System.Enum;
using Type = System.Type;

namespace Pulumi.Serialization;

/// <summary>Turns values of the engine into the types of the program.</summary>
internal static class ValueConverter
{
    private static readonly ConcurrentDictionary<Type, bool> Checked = new();

    /// <summary>Reads a wire value as a type.</summary>
    /// <param name="warn">Gets a message for each part that does not fit; that part becomes its type's default.</param>
    /// <param name="path">Where the value is, for messages.</param>
    /// <param name="value">The wire value.</param>
    /// <param name="type">The type wanted.</param>
    /// <exception cref="InvalidOperationException">The type is none that values can have.</exception>
    public static OutputData<object?> Convert(Action<string> warn, string path, Value value, Type type)
    {
        RequireConvertible(path, type);
        var data = PropertyDeserializer.Deserialize(value);
        return data.With(new Conversion(warn).Convert(path, data.Value, type));
    }

    /// <summary>Reads a wire value as a type.</summary>
    public static OutputData<T> Convert<T>(Action<string> warn, string path, Value value)
    {
        var data = Convert(warn, path, value, typeof(T));
        return data.With(data.Value is null ? default! : (T)data.Value);
    }

    /// <summary>Refuses a type that values cannot have.</summary>
    /// <exception cref="InvalidOperationException">The type, or one of its parts, is none that values can have.</exception>
    public static void RequireConvertible(string path, Type type)
    {
        // Marked before its parts are looked at: classes may contain themselves.
        if (!Checked.TryAdd(type, true))
        {
            return;
        }
        try
        {
            foreach (var part in PartsOf(path, type))
            {
                RequireConvertible($"{path} -> {part.Name}", part);
            }
        }
        catch
        {
            Checked.TryRemove(type, out _);
            throw;
        }
    }

    private static IEnumerable<Type> PartsOf(string path, Type type)
    {
        if (type == typeof(bool) || type == typeof(int) || type == typeof(double) || type == typeof(string) || type == typeof(object)
            || type == typeof(JsonElement) || typeof(AssetOrArchive).IsAssignableFrom(type) || typeof(Resource).IsAssignableFrom(type)
            || (type.IsEnum && Enum.GetUnderlyingType(type) == typeof(int)))
        {
            return [];
        }
        if (type.IsValueType && type.IsDefined(typeof(EnumTypeAttribute)))
        {
            return Conversion.EnumConstructor(type, typeof(string)) is not null || Conversion.EnumConstructor(type, typeof(double)) is not null
                ? []
                : throw new InvalidOperationException($"{path}: enumeration {type.FullName} needs a constructor of one string or double.");
        }
        if (type.IsConstructedGenericType)
        {
            var definition = type.GetGenericTypeDefinition();
            if (definition == typeof(Nullable<>) || definition == typeof(ImmutableArray<>) || definition == typeof(Union<,>)
                || definition == typeof(Output<>)
                || (definition == typeof(ImmutableDictionary<,>) && type.GenericTypeArguments[0] == typeof(string)))
            {
                return type.GenericTypeArguments;
            }
        }
        else if (type.IsInterface && type.IsDefined(typeof(DiscriminatedUnionDiscriminatorAttribute)))
        {
            return type.GetCustomAttributes<DiscriminatedUnionCaseAttribute>().Select(c => type.IsAssignableFrom(c.Type)
                ? c.Type
                : throw new InvalidOperationException($"{path}: {c.Type.FullName} is a case of {type.FullName} but does not implement it."));
        }
        else if (type.IsDefined(typeof(OutputTypeAttribute)))
        {
            return OutputConstructors.Find(type)?.GetParameters().Select(p => p.ParameterType)
                ?? throw new InvalidOperationException($"{path}: {type.FullName} has [OutputType] but no [OutputConstructor].");
        }
        throw new InvalidOperationException(
            $"{path} is of type {type.FullName}, which values of the engine cannot have. They can be string, bool, int, double, enumerations, "
            + "Nullable, ImmutableArray, ImmutableDictionary with string keys, Union, JsonElement, assets, archives, resources, and classes marked [OutputType].");
    }
}
