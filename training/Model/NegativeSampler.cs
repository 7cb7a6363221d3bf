using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>Draws negatives that a batch shares: some uniformly, so that the whole catalogue is pushed away from a user now and then, the
/// others by purchases to the power 0.75 (Mikolov et al. 2013), which are the harder ones. Knows how often each item is to be expected
/// among the candidates of a batch, by which the softmax is corrected (logQ; Yi et al. 2019, Yang et al. 2020).</summary>
internal sealed class NegativeSampler : IDisposable
{
    /// <summary>Of the purchases, where negatives are drawn by them.</summary>
    public const double Power = 0.75;

    private readonly Tensor share;
    private readonly Tensor popular;
    private readonly int uniformCount;
    private readonly int popularCount;
    private readonly int items;

    /// <summary>Takes the popularity of items.</summary>
    /// <param name="counts">Training interactions of each item.</param>
    /// <param name="negatives">Negatives of a batch.</param>
    /// <param name="popularShare">Share of them that is drawn by popularity.</param>
    /// <param name="device">Where to draw.</param>
    public NegativeSampler(float[] counts, int negatives, double popularShare, Device device)
    {
        items = counts.Length;
        popularCount = (int)Math.Round(negatives * popularShare);
        uniformCount = negatives - popularCount;
        using var scope = NewDisposeScope();
        var all = tensor(counts).to(device);
        share = all.div(all.sum()).MoveToOuterDisposeScope();
        var weights = all.pow(Power);
        popular = weights.div(weights.sum()).MoveToOuterDisposeScope();
    }

    /// <summary>Items <c>[negatives]</c>.</summary>
    public Tensor Draw() => cat([
        randint(0, items, uniformCount, dtype: int64, device: share.device),
        popularCount == 0 ? zeros(0, dtype: int64, device: share.device) : popular.multinomial(popularCount, replacement: true),
    ]);

    /// <summary>How often candidates are to be expected: as a positive of the batch, uniformly, and by popularity <c>[candidates]</c>.</summary>
    /// <param name="candidates">Items.</param>
    /// <param name="positives">Positives of the batch.</param>
    public Tensor Expected(Tensor candidates, long positives) =>
        share.index_select(0, candidates).mul(positives)
            .add(popular.index_select(0, candidates).mul(popularCount))
            .add(uniformCount / (double)items)
            .clamp(min: 1e-12);

    /// <inheritdoc/>
    public void Dispose()
    {
        share.Dispose();
        popular.Dispose();
    }
}
