using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pulumi.Serialization;

/// <summary>One conversion of deserialised objects into a type of the program.</summary>
/// <param name="warn">Gets a message for each part that does not fit.</param>
internal sealed class Conversion(Action<string> warn)
{
    private static readonly ConcurrentDictionary<(string Method, Type Element), Func<IEnumerable<KeyValuePair<string, object?>>, object>> Makers = new();

    /// <summary>Converts; a value that does not fit is warned of, and becomes null.</summary>
    public object? Convert(string path, object? value, Type type)
    {
        if (TryConvert(path, value, type, out var result) is { } problem)
        {
            warn(problem);
            return null;
        }
        return result;
    }

    /// <summary>The constructor that an enumeration is made by from a string or a number.</summary>
    public static ConstructorInfo? EnumConstructor(Type type, Type value)
        => type.GetConstructor(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance, [value]);

    /// <returns>What is wrong; null if all is well.</returns>
    private string? TryConvert(string path, object? value, Type type, out object? result)
    {
        result = null;
        if (value is null)
        {
            result = type.IsValueType && Nullable.GetUnderlyingType(type) is null ? Activator.CreateInstance(type) : null;
            return null;
        }
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsConstructedGenericType)
        {
            return TryConvertGeneric(path, value, type, out result);
        }
        // A value nested in an output counts as its plain value where no output is wanted.
        if (value is Output<object?> output && type != typeof(object) && output.DataTask is { IsCompletedSuccessfully: true } done)
        {
            return TryConvert(path, done.Result.Value, type, out result);
        }
        if (type == typeof(JsonElement))
        {
            result = JsonSerializer.SerializeToElement(ToJson(value));
            return null;
        }
        if (type == typeof(int) || type.IsEnum)
        {
            var problem = Expect<double>(path, value, out result);
            result = problem is not null ? null : type.IsEnum ? Enum.ToObject(type, (int)(double)result!) : (int)(double)result!;
            return problem;
        }
        if (type.IsInstanceOfType(value))
        {
            result = value;
            return null;
        }
        if (typeof(AssetOrArchive).IsAssignableFrom(type))
        {
            // An engine that lost the content of an asset must not fail the program; sending it back must.
            result = type == typeof(Archive) ? new InvalidArchive() : new InvalidAsset();
            return null;
        }
        if (type.IsValueType && type.IsDefined(typeof(EnumTypeAttribute)))
        {
            if (EnumConstructor(type, value.GetType()) is not { } constructor)
            {
                return Mismatch(path, type, value);
            }
            result = constructor.Invoke([value]);
            return null;
        }
        return TryConvertObject(path, value, type, out result);
    }

    private string? TryConvertObject(string path, object value, Type type, out object? result)
    {
        result = null;
        if (value is not ImmutableDictionary<string, object?> members)
        {
            return Mismatch(path, type, value);
        }
        if (type.GetCustomAttribute<DiscriminatedUnionDiscriminatorAttribute>() is { } discriminator)
        {
            var cases = type.GetCustomAttributes<DiscriminatedUnionCaseAttribute>().ToArray();
            var tag = members.GetValueOrDefault(discriminator.PropertyName) as string;
            return cases.FirstOrDefault(c => c.Tag == tag) is { } match
                ? TryConvert(path, value, match.Type, out result)
                : $"{path}: property '{discriminator.PropertyName}' is '{tag}'; expected one of {string.Join(", ", cases.Select(c => c.Tag))}.";
        }
        if (!type.IsDefined(typeof(OutputTypeAttribute)) || OutputConstructors.Find(type) is not { } constructor)
        {
            return Mismatch(path, type, value);
        }
        result = constructor.Invoke([.. constructor.GetParameters().Select(parameter =>
        {
            var name = parameter.GetCustomAttribute<OutputConstructorParameterAttribute>()?.Name ?? parameter.Name!;
            return Convert($"{path}.{name}", members.GetValueOrDefault(name), parameter.ParameterType);
        })]);
        return null;
    }

    private string? TryConvertGeneric(string path, object value, Type type, out object? result)
    {
        result = null;
        var definition = type.GetGenericTypeDefinition();
        var arguments = type.GenericTypeArguments;
        if (definition == typeof(Output<>))
        {
            result = Maker(nameof(MakeOutput), arguments[0])([KeyValuePair.Create("", (object?)(value is Output<object?> output
                ? output.Apply(inner => Convert(path, inner, arguments[0]))
                : Output.Create(Convert(path, value, arguments[0]))))]);
            return null;
        }
        if (value is Output<object?> { DataTask: { IsCompletedSuccessfully: true } done })
        {
            return TryConvert(path, done.Result.Value, type, out result);
        }
        if (definition == typeof(Union<,>))
        {
            for (var i = 0; i < 2; i++)
            {
                if (TryConvert(path, value, arguments[i], out var inner) is null)
                {
                    result = type.GetMethod($"FromT{i}")!.Invoke(null, [inner]);
                    return null;
                }
            }
            return Mismatch(path, type, value);
        }
        if (definition == typeof(ImmutableArray<>) && value is ImmutableArray<object?> list)
        {
            result = Maker(nameof(MakeArray), arguments[0])(
                list.Select((element, i) => KeyValuePair.Create("", Convert($"{path}[{i}]", element, arguments[0]))));
            return null;
        }
        if (definition == typeof(ImmutableDictionary<,>) && value is ImmutableDictionary<string, object?> map)
        {
            result = arguments[1] == typeof(object) ? map : Maker(nameof(MakeMap), arguments[1])(
                map.Select(entry => KeyValuePair.Create(entry.Key, Convert($"{path}.{entry.Key}", entry.Value, arguments[1]))));
            return null;
        }
        return Mismatch(path, type, value);
    }

    private static Func<IEnumerable<KeyValuePair<string, object?>>, object> Maker(string method, Type element)
        => Makers.GetOrAdd((method, element), static key =>
            typeof(Conversion).GetMethod(key.Method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(key.Element)
                .CreateDelegate<Func<IEnumerable<KeyValuePair<string, object?>>, object>>());

    private static object MakeArray<T>(IEnumerable<KeyValuePair<string, object?>> items)
        => items.Select(item => item.Value is null ? default! : (T)item.Value).ToImmutableArray();

    private static object MakeMap<T>(IEnumerable<KeyValuePair<string, object?>> items)
        => items.ToImmutableDictionary(item => item.Key, item => item.Value is null ? default! : (T)item.Value);

    private static object MakeOutput<T>(IEnumerable<KeyValuePair<string, object?>> items)
        => ((Output<object?>)items.Single().Value!).Apply(value => value is null ? default! : (T)value);

    private static JsonNode? ToJson(object? value)
        => value switch
        {
            null => null,
            string text => JsonValue.Create(text),
            double number => JsonValue.Create(number),
            bool flag => JsonValue.Create(flag),
            ImmutableArray<object?> list => new JsonArray([.. list.Select(ToJson)]),
            ImmutableDictionary<string, object?> map => new JsonObject(map.Select(entry => KeyValuePair.Create(entry.Key, ToJson(entry.Value)))),
            Output<object?> { DataTask: { IsCompletedSuccessfully: true } done } => ToJson(done.Result.Value),
            _ => JsonValue.Create(value.ToString()),
        };

    private static string? Expect<T>(string path, object value, out object? result)
    {
        result = value is T ? value : null;
        return value is T ? null : Mismatch(path, typeof(T), value);
    }

    private static string Mismatch(string path, Type expected, object actual)
        => $"{path}: the engine sent {Describe(actual)} where the program expects {expected.Name}; it is left empty.";

    private static string Describe(object value)
        => value switch
        {
            string => "a string",
            double => "a number",
            bool => "a bool",
            ImmutableArray<object?> => "a list",
            ImmutableDictionary<string, object?> => "an object",
            _ => value.GetType().Name,
        };
}
