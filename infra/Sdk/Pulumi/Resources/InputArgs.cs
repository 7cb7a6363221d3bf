using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using Google.Protobuf;
using Pulumi.Serialization;

namespace Pulumi;

/// <summary>Arguments of a resource or function: the members that <see cref="InputAttribute"/> marks.</summary>
public abstract class InputArgs
{
    private static readonly ConcurrentDictionary<Type, ImmutableArray<Member>> MembersByType = new();

    /// <summary>For derived classes.</summary>
    protected InputArgs()
    {
    }

    /// <summary>All arguments by their name on the wire.</summary>
    /// <exception cref="ArgumentNullException">A required argument has no value.</exception>
    internal virtual ImmutableDictionary<string, object?> ToDictionary()
    {
        var result = ImmutableDictionary.CreateBuilder<string, object?>();
        foreach (var member in MembersByType.GetOrAdd(GetType(), FindMembers))
        {
            var value = member.Read(this);
            if (value is null && member.Input.IsRequired)
            {
                throw new ArgumentNullException(member.Name, $"Argument '{member.Input.Name}' of {GetType().FullName} is required; give {member.Name} a value.");
            }
            result.Add(member.Input.Name, member.Input.Json && value is not null ? ToJson(value, member.Input.Name) : value);
        }
        return result.ToImmutable();
    }

    private static ImmutableArray<Member> FindMembers(Type type)
    {
        const BindingFlags Flags = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var fields = type.GetFields(Flags).Select(f => new Member(f.Name, f.GetCustomAttribute<InputAttribute>()!, f.GetValue));
        var properties = type.GetProperties(Flags).Select(p => new Member(p.Name, p.GetCustomAttribute<InputAttribute>()!, p.GetValue));
        return [.. fields.Concat(properties).Where(member => member.Input is not null)];
    }

    private static Output<string> ToJson(object value, string name)
    {
        // The outer output's own facts (secret, unknown, dependencies) stay; the text is of the plain value inside.
        return Output.Untyped(value).Apply(async plain =>
        {
            var serialized = await new PropertySerializer(SerializationMode.Plain).SerializeAsync(name, plain).ConfigureAwait(false);
            return JsonFormatter.Default.Format(serialized ?? Google.Protobuf.WellKnownTypes.Value.ForNull());
        });
    }

    private sealed record Member(string Name, InputAttribute Input, Func<object?, object?> Read);
}

/// <summary>Arguments of a resource.</summary>
public abstract class ResourceArgs : InputArgs
{
    /// <summary>No arguments.</summary>
    public static readonly ResourceArgs Empty = new EmptyArgs();

    private sealed class EmptyArgs : ResourceArgs;
}

/// <summary>Arguments of a function of a provider.</summary>
public abstract class InvokeArgs : InputArgs
{
    /// <summary>No arguments.</summary>
    public static readonly InvokeArgs Empty = new EmptyArgs();

    private sealed class EmptyArgs : InvokeArgs;
}

/// <summary>Arguments of a method of a component.</summary>
public abstract class CallArgs : InputArgs
{
    /// <summary>No arguments.</summary>
    public static readonly CallArgs Empty = new EmptyArgs();

    private sealed class EmptyArgs : CallArgs;
}

/// <summary>Arguments of a resource whose names are known only at run time.</summary>
/// <param name="dictionary">Arguments by their name on the wire.</param>
public sealed class DictionaryResourceArgs(ImmutableDictionary<string, object?> dictionary) : ResourceArgs
{
    internal override ImmutableDictionary<string, object?> ToDictionary() => dictionary;
}

/// <summary>Arguments of a function whose names are known only at run time.</summary>
/// <param name="dictionary">Arguments by their name on the wire.</param>
public sealed class DictionaryInvokeArgs(ImmutableDictionary<string, object?> dictionary) : InvokeArgs
{
    internal override ImmutableDictionary<string, object?> ToDictionary() => dictionary;
}
