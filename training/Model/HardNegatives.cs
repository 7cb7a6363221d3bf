using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>Draws negatives that the model itself finds likely: from a pool of distinct ones, by their mean probability over the users of
/// the batch (sampling importance resampling, as Chen et al. 2022 do with negatives of batches). How often an item is to be expected
/// among them follows from the pool for every item, so that the softmax is corrected for them as for the others (logQ) and a product
/// that somebody would have bought is not pushed away for being likely.</summary>
/// <param name="items">Items of the catalogue.</param>
/// <param name="count">Negatives of a batch that are drawn this way.</param>
internal sealed class HardNegatives(int items, int count)
{
    private const int PoolOfEach = 8;

    /// <summary>Negatives of a batch.</summary>
    public int Count => count;

    private int Pool => Math.Min(items, Math.Max(256, count * PoolOfEach));

    /// <summary>Draws for the users of a batch.</summary>
    /// <param name="scores">Makes scores <c>[batch, n]</c> of items <c>[n]</c>, as the model is now.</param>
    /// <param name="device">Where to draw.</param>
    public HardDraw Draw(Func<Tensor, Tensor> scores, Device device)
    {
        using var off = no_grad();
        var pool = Pool == items ? arange(items, dtype: int64, device: device) : randperm(items, dtype: int64, device: device).slice(0, 0, Pool, 1);
        var logits = scores(pool);
        var normaliser = logits.logsumexp(-1, keepdim: true);
        var chances = logits.sub(normaliser).exp().mean([0]);
        return new HardDraw(pool.index_select(0, chances.multinomial(count, replacement: true)), normaliser.add(Math.Log(items / (double)Pool)));
    }

    /// <summary>How often items are to be expected among the drawn <c>[n]</c>.</summary>
    /// <param name="logits">Scores <c>[batch, n]</c> of them.</param>
    /// <param name="draw">The draw.</param>
    public Tensor Expected(Tensor logits, HardDraw draw)
    {
        using var off = no_grad();
        return logits.detach().sub(draw.Normaliser).exp().mean([0]).mul(count);
    }
}

/// <summary>What was drawn.</summary>
/// <param name="Items">Items <c>[count]</c>.</param>
/// <param name="Normaliser">Log of each user's sum over the catalogue, as the pool estimates it <c>[batch, 1]</c>.</param>
internal readonly record struct HardDraw(Tensor Items, Tensor Normaliser);
