namespace Reco.Training.Distributed;

/// <summary>What data-parallel training needs of an engine that connects its workers. Every worker calls the same operations in
/// the same order.</summary>
internal interface ICollective : IDisposable
{
    /// <summary>Number of this worker, from 0.</summary>
    int Rank { get; }

    /// <summary>Number of workers.</summary>
    int Size { get; }

    /// <summary>Replaces the values of every worker by the sum over all of them.</summary>
    void AllReduceSum(Span<float> values);

    /// <summary>Gives every worker the first one's values.</summary>
    void Broadcast(Span<double> values);
}

/// <summary>One worker, connected to nobody.</summary>
internal sealed class SingleWorker : ICollective
{
    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public int Size => 1;

    /// <inheritdoc/>
    public void AllReduceSum(Span<float> values)
    {
    }

    /// <inheritdoc/>
    public void Broadcast(Span<double> values)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
