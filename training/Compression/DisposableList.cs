namespace Reco.Training.Compression;

/// <summary>Keeps what is loaded until everything is measured.</summary>
internal sealed class DisposableList : IDisposable
{
    private readonly List<IDisposable> items = [];

    /// <summary>Takes something over.</summary>
    public T Add<T>(T item)
        where T : IDisposable
    {
        items.Add(item);
        return item;
    }

    /// <inheritdoc/>
    public void Dispose() => items.ForEach(item => item.Dispose());
}
