using Microsoft.ML.OnnxRuntime;

namespace Reco.Scoring.Inference;

/// <summary>Inputs and outputs of one shape that are bound to a session once (IO binding) and used again and again: a run names, pins and
/// allocates nothing. Used by one thread at a time.</summary>
/// <param name="session">The session.</param>
/// <param name="provider">The execution provider that runs it.</param>
internal sealed class BoundRun(InferenceSession session, string provider) : IDisposable
{
    private readonly OrtIoBinding binding = session.CreateIoBinding();
    private readonly RunOptions options = new();
    private readonly List<(string Name, OrtValue Value)> inputs = [];
    private readonly List<OrtValue> outputs = [];

    /// <summary>Binds an input.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its shape.</param>
    /// <returns>Its values, to be filled before a run.</returns>
    public T[] Input<T>(string name, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        var (values, tensor) = Allocate<T>(shape);
        inputs.Add((name, tensor));
        binding.BindInput(name, tensor);
        return values;
    }

    /// <summary>Binds an output.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its shape.</param>
    /// <returns>Its values, there after a run.</returns>
    public T[] Output<T>(string name, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        var (values, tensor) = Allocate<T>(shape);
        outputs.Add(tensor);
        binding.BindOutput(name, tensor);
        return values;
    }

    /// <summary>Runs the model.</summary>
    public void Run()
    {
        // A provider with memory of its own copies an input when it is bound, not when it is run.
        if (provider != ExecutionProviders.Cpu)
        {
            foreach (var (name, value) in inputs)
            {
                binding.BindInput(name, value);
            }

            binding.SynchronizeBoundInputs();
        }

        session.RunWithBinding(options, binding);
        if (provider != ExecutionProviders.Cpu)
        {
            binding.SynchronizeBoundOutputs();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        binding.Dispose();
        options.Dispose();
        foreach (var value in inputs.Select(input => input.Value).Concat(outputs))
        {
            value.Dispose();
        }
    }

    // On the heap of pinned objects: an ordinary array that stays pinned would be in the collector's way.
    private static (T[] Values, OrtValue Tensor) Allocate<T>(ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        var count = 1L;
        foreach (var length in shape)
        {
            count *= length;
        }

        var values = GC.AllocateArray<T>(checked((int)count), pinned: true);
        return (values, OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, values.AsMemory(), shape.ToArray()));
    }
}
