namespace Reco.Training.Model;

/// <summary>Gradient descent on the parameters of one model.</summary>
internal interface IFit : IDisposable
{
    /// <summary>Learns from every purchase once; what is random depends on seed and epoch alone.</summary>
    /// <returns>Mean loss.</returns>
    double Epoch(int epoch, CancellationToken cancellation);

    /// <summary>Writes what the optimiser knows, after an epoch.</summary>
    void Save(string path);

    /// <summary>Reads it.</summary>
    void Load(string path);
}
