using System.Collections.Immutable;

namespace Pulumi;

/// <summary>What an <see cref="Output{T}"/> resolves to: a value and what the engine must know about it.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
/// <param name="Resources">Resources that the value comes from.</param>
/// <param name="Value">The value; meaningless unless <paramref name="IsKnown"/>.</param>
/// <param name="IsKnown">False in a preview, where only the real operation would tell the value.</param>
/// <param name="IsSecret">Whether the value must be encrypted in state and masked in output.</param>
internal readonly record struct OutputData<T>(ImmutableHashSet<Resource> Resources, T Value, bool IsKnown, bool IsSecret)
{
    /// <summary>The same facts about another value.</summary>
    public OutputData<TResult> With<TResult>(TResult value) => new(Resources, value, IsKnown, IsSecret);

    /// <summary>Adds the facts of <paramref name="other"/>: known only if both are, secret if either is.</summary>
    public OutputData<TOther> Then<TOther>(OutputData<TOther> other)
        => new(Union(Resources, other.Resources), other.Value, IsKnown && other.IsKnown, IsSecret || other.IsSecret);

    private static ImmutableHashSet<Resource> Union(ImmutableHashSet<Resource> a, ImmutableHashSet<Resource> b)
        => a.IsEmpty ? b : b.IsEmpty ? a : a.Union(b);
}

/// <summary>Makes <see cref="OutputData{T}"/>.</summary>
internal static class OutputData
{
    /// <summary>A known, public value that comes from no resource.</summary>
    public static OutputData<T> Plain<T>(T value) => new([], value, IsKnown: true, IsSecret: false);

    /// <summary>A value that a preview cannot tell.</summary>
    public static OutputData<T> Unknown<T>(T placeholder, bool isSecret = false) => new([], placeholder, IsKnown: false, isSecret);
}
