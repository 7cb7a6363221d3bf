using static TorchSharp.torch;

namespace Reco.Training.Model.Direct;

/// <summary>Matrices that steps use again: memory of a size that the system would have to hand out, and to page in, anew each time.</summary>
internal sealed class Buffers : IDisposable
{
    private readonly Dictionary<string, (Tensor Memory, Block? View)> kept = [];

    /// <summary>A matrix; its values are what was left in it.</summary>
    /// <param name="name">Its name: each use has its own.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Columns.</param>
    public Block Matrix(string name, int rows, int width)
    {
        var (memory, view) = kept.GetValueOrDefault(name);
        if (view is not null && view.Rows == rows && view.Width == width)
        {
            return view;
        }

        view?.Values.Dispose();
        var size = (long)rows * width;
        if (memory is null || memory.shape[0] < size)
        {
            memory?.Dispose();

            // A little more, for the number of distinct rows differs from batch to batch.
            memory = empty(size + (size / 8) + 1).DetachFromDisposeScope();
        }

        view = new Block(memory.slice(0, 0, size, 1).view(rows, width).DetachFromDisposeScope());
        kept[name] = (memory, view);
        return view;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (memory, view) in kept.Values)
        {
            view?.Values.Dispose();
            memory.Dispose();
        }
    }
}
