namespace Reco.Training.Model;

/// <summary>Gradient descent on the parameters of one model.</summary>
internal interface IFit : IDisposable
{
    /// <summary>Learns from every purchase of a turn once; what is random depends on seed and turn alone.</summary>
    /// <returns>Mean loss.</returns>
    double Turn(int turn, CancellationToken cancellation);

    /// <summary>Writes what the optimiser knows, after a turn.</summary>
    void Save(string path);

    /// <summary>Reads it.</summary>
    void Load(string path);
}
