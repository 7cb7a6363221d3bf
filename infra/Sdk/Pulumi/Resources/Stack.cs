using System.Collections.Immutable;
using System.Reflection;
using Pulumi.Serialization;

namespace Pulumi;

/// <summary>The root of all resources of a program. Derive from it, and mark what the stack exports with <see cref="OutputAttribute"/>.</summary>
public class Stack : ComponentResource
{
    /// <summary>Makes the stack; the derived constructor then makes its resources.</summary>
    public Stack(StackOptions? options = null)
        : base(Constants.StackType, Deployment.Instance.Inner.Settings.RootName, Convert(options))
    {
        Deployment.Instance.Inner.Stack = this;
    }

    /// <summary>A stack whose outputs a function gives.</summary>
    internal Stack(Func<Task<IDictionary<string, object?>>> program, StackOptions? options)
        : this(options)
    {
        async Task<IDictionary<string, object?>> Run() => (await program().ConfigureAwait(false)).ToImmutableDictionary();
        RegisterOutputs(Output.Create(Run()));
    }

    /// <summary>Reports the properties that the derived class marked as outputs.</summary>
    /// <exception cref="RunException">One has no value, or is no Output.</exception>
    internal void RegisterPropertyOutputs()
    {
        var outputs = GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.DeclaringType!.IsSubclassOf(typeof(Stack)))
            .Select(property => (Property: property, Output: property.GetCustomAttribute<OutputAttribute>()))
            .Where(member => member.Output is not null)
            .ToDictionary(member => member.Output!.Name ?? member.Property.Name, member => member.Property.GetValue(this));
        Refuse(outputs.Where(o => o.Value is null), names =>
            new RunException($"Stack output(s) '{names}' have no value. Assign each [Output] property in the constructor of {GetType().Name}."));
        Refuse(outputs.Where(o => o.Value is not IOutput), names => RunException.OutputsHaveIncorrectType([names]));
        RegisterOutputs(outputs);
    }

    private static void Refuse(IEnumerable<KeyValuePair<string, object?>> wrong, Func<string, Exception> error)
    {
        var names = string.Join(", ", wrong.Select(output => output.Key));
        if (names.Length > 0)
        {
            throw error(names);
        }
    }

    private static ComponentResourceOptions? Convert(StackOptions? options)
        => options is null ? null : new()
        {
            ResourceTransformations = options.ResourceTransformations,
            ResourceTransforms = options.ResourceTransforms,
        };
}
