using System.Collections.Immutable;
using System.Reflection;

namespace Pulumi.Serialization;

/// <summary>An output property of a resource that waits for the engine's answer.</summary>
internal abstract class OutputSlot
{
    /// <summary>Type of the value.</summary>
    public abstract Type Type { get; }

    /// <summary>The output to put into the property.</summary>
    protected abstract object Output { get; }

    /// <summary>Gives the value; what has been given first counts.</summary>
    public abstract void Set(OutputData<object?> data);

    /// <summary>Gives the type's default, unless there is a value.</summary>
    public abstract void SetDefault(bool isKnown);

    /// <summary>Fails the output, unless there is a value.</summary>
    public abstract void Fail(Exception error);

    /// <summary>Puts waiting outputs into all output properties of a resource.</summary>
    /// <param name="resource">The resource, in the middle of its construction.</param>
    /// <param name="fill">Whether the engine gives the outputs of a component too; local components make theirs on their own.</param>
    /// <returns>The slots by their name on the wire.</returns>
    public static ImmutableDictionary<string, OutputSlot> Attach(Resource resource, bool fill)
    {
        var slots = ImmutableDictionary.CreateBuilder<string, OutputSlot>();
        foreach (var property in resource.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetCustomAttribute<OutputAttribute>() is not { } attribute
                || (resource is ComponentResource && !fill && property.DeclaringType != typeof(Resource)))
            {
                continue;
            }
            var name = attribute.Name ?? property.Name;
            if (!property.PropertyType.IsConstructedGenericType || property.PropertyType.GetGenericTypeDefinition() != typeof(Output<>))
            {
                throw RunException.OutputsHaveIncorrectType([name]);
            }
            // The setter may be private to a base class, where only the declaring type shows it.
            var setter = property.DeclaringType!.GetProperty(property.Name)!.GetSetMethod(nonPublic: true)
                ?? throw new InvalidOperationException($"[Output] property {resource.GetType().FullName}.{property.Name} needs a setter; a private one will do.");
            var type = property.PropertyType.GenericTypeArguments[0];
            ValueConverter.RequireConvertible($"[Output] {resource.GetType().FullName}.{property.Name}", type);
            var slot = (OutputSlot)Activator.CreateInstance(typeof(OutputSlot<>).MakeGenericType(type), resource)!;
            setter.Invoke(resource, [slot.Output]);
            slots.Add(name, slot);
        }
        return slots.ToImmutable();
    }
}

/// <inheritdoc/>
/// <typeparam name="T">Type of the value.</typeparam>
internal sealed class OutputSlot<T> : OutputSlot
{
    // Applies of the program must not run inside the code that sets a slot.
    private readonly TaskCompletionSource<OutputData<T>> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ImmutableHashSet<Resource> _owner;
    private readonly Output<T> _output;

    public OutputSlot(Resource resource)
    {
        _owner = [resource];
        _output = new(_source.Task);
    }

    public override Type Type => typeof(T);

    protected override object Output => _output;

    public override void Set(OutputData<object?> data)
        => _source.TrySetResult(new(_owner.Union(data.Resources), data.Value is null ? default! : (T)data.Value, data.IsKnown, data.IsSecret));

    public override void SetDefault(bool isKnown) => _source.TrySetResult(new(_owner, default!, isKnown, IsSecret: false));

    public override void Fail(Exception error) => _source.TrySetException(error);
}
