namespace Pulumi;

/// <summary>An output that is handed out first and resolved later.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
public sealed class DeferredOutput<T>
{
    private readonly TaskCompletionSource<Task<OutputData<T>>> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>An output that waits for <see cref="Resolve"/>.</summary>
    public DeferredOutput()
    {
        Output = new Output<T>(_source.Task.Unwrap());
    }

    /// <summary>The output to hand out.</summary>
    public Output<T> Output { get; }

    /// <summary>Gives the output its value.</summary>
    /// <exception cref="InvalidOperationException">It has been resolved before.</exception>
    public void Resolve(Output<T> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (!_source.TrySetResult(output.DataTask))
        {
            throw new InvalidOperationException("A DeferredOutput can be resolved only once.");
        }
    }
}
