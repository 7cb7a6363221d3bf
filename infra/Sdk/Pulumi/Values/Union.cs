using System.Diagnostics.CodeAnalysis;

namespace Pulumi;

/// <summary>A <see cref="Union{T0, T1}"/> whose type arguments are not known at compile time.</summary>
internal interface IUnion
{
    /// <summary>The value of either case.</summary>
    object? Value { get; }
}

/// <summary>A value of one of two types.</summary>
/// <typeparam name="T0">First type.</typeparam>
/// <typeparam name="T1">Second type.</typeparam>
public readonly struct Union<T0, T1> : IEquatable<Union<T0, T1>>, IUnion
{
    private readonly bool _second;
    private readonly T0? _value0;
    private readonly T1? _value1;

    private Union(bool second, T0? value0, T1? value1)
    {
        (_second, _value0, _value1) = (second, value0, value1);
    }

    /// <summary>The value of the first type.</summary>
    /// <exception cref="InvalidOperationException">The value is of the second type.</exception>
    public T0 AsT0 => IsT0 ? _value0! : throw Not(0);

    /// <summary>The value of the second type.</summary>
    /// <exception cref="InvalidOperationException">The value is of the first type.</exception>
    public T1 AsT1 => IsT1 ? _value1! : throw Not(1);

    /// <summary>Whether the value is of the first type.</summary>
    public bool IsT0 => !_second;

    /// <summary>Whether the value is of the second type.</summary>
    public bool IsT1 => _second;

    /// <summary>The value.</summary>
    public object Value => (_second ? _value1 : (object?)_value0)!;

    /// <summary>A union of a value of the first type.</summary>
    [SuppressMessage("Design", "CA1000", Justification = "Official API.")]
    public static Union<T0, T1> FromT0(T0 input) => new(second: false, input, default);

    /// <summary>A union of a value of the second type.</summary>
    [SuppressMessage("Design", "CA1000", Justification = "Official API.")]
    public static Union<T0, T1> FromT1(T1 input) => new(second: true, default, input);

    /// <summary>Wraps a value of the first type.</summary>
    public static implicit operator Union<T0, T1>(T0 t) => FromT0(t);

    /// <summary>Wraps a value of the second type.</summary>
    public static implicit operator Union<T0, T1>(T1 t) => FromT1(t);

    /// <summary>Same case and equal values.</summary>
    public static bool operator ==(Union<T0, T1> left, Union<T0, T1> right) => left.Equals(right);

    /// <summary>Other case or other values.</summary>
    public static bool operator !=(Union<T0, T1> left, Union<T0, T1> right) => !left.Equals(right);

    /// <summary>Transforms the first case.</summary>
    public Union<TResult, T1> MapT0<TResult>(Func<T0, TResult> mapFunc)
        => _second ? Union<TResult, T1>.FromT1(_value1!) : Union<TResult, T1>.FromT0(mapFunc(_value0!));

    /// <summary>Transforms the second case.</summary>
    public Union<T0, TResult> MapT1<TResult>(Func<T1, TResult> mapFunc)
        => _second ? Union<T0, TResult>.FromT1(mapFunc(_value1!)) : Union<T0, TResult>.FromT0(_value0!);

    /// <summary>Transforms either case.</summary>
    public Union<TResult0, TResult1> Bimap<TResult0, TResult1>(Func<T0, TResult0> mapFunc0, Func<T1, TResult1> mapFunc1)
        => _second ? Union<TResult0, TResult1>.FromT1(mapFunc1(_value1!)) : Union<TResult0, TResult1>.FromT0(mapFunc0(_value0!));

    /// <summary>One result from either case.</summary>
    public TResult Match<TResult>(Func<T0, TResult> f0, Func<T1, TResult> f1) => _second ? f1(_value1!) : f0(_value0!);

    /// <summary>Runs one of two actions.</summary>
    public void Switch(Action<T0> f0, Action<T1> f1)
    {
        if (_second)
        {
            f1(_value1!);
        }
        else
        {
            f0(_value0!);
        }
    }

    /// <summary>Whether the value is of the first type; gives it, else the other.</summary>
    public bool TryPickT0(out T0 value, out T1 remainder)
    {
        (value, remainder) = (_value0!, _value1!);
        return IsT0;
    }

    /// <summary>Whether the value is of the second type; gives it, else the other.</summary>
    public bool TryPickT1(out T1 value, out T0 remainder)
    {
        (value, remainder) = (_value1!, _value0!);
        return IsT1;
    }

    /// <inheritdoc/>
    public bool Equals(Union<T0, T1> other) => _second == other._second && Equals(Value, other.Value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Union<T0, T1> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_second, Value);

    /// <inheritdoc/>
    public override string ToString() => Value?.ToString() ?? "";

    private static InvalidOperationException Not(int index)
        => new($"This union holds no {(index == 0 ? typeof(T0) : typeof(T1)).Name}: check IsT{index} first, or use Match.");
}
