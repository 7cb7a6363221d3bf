namespace Pulumi;

/// <summary>An <see cref="Output{T}"/> whose type argument is not known at compile time.</summary>
internal interface IOutput
{
    /// <summary>Waits for the value and what is known about it.</summary>
    Task<OutputData<object?>> GetDataAsync();
}

/// <summary>An <see cref="Input{T}"/> whose type argument is not known at compile time.</summary>
internal interface IInput
{
    /// <summary>The input as an output.</summary>
    IOutput ToOutput();

    /// <summary>What to serialise: the elements of a list or map one by one, so that each keeps its own secretness.</summary>
    object Unwrapped { get; }
}
