using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>What the towers minimise.</summary>
/// <param name="options">Which loss, and its negatives.</param>
/// <param name="items">Items of the catalogue.</param>
/// <param name="half">True: the product of users and items, which is most of the work, is computed in bfloat16; everything else stays
/// FP32, the loss included.</param>
internal sealed class Losses(TrainingOptions options, int items, bool half)
{
    private readonly HardNegatives? hard = options.HardNegatives > 0 ? new HardNegatives(items, HardCount(options)) : null;

    /// <summary>Negatives of a batch that <see cref="HardNegatives"/> draws; the others come from <see cref="NegativeSampler"/>.</summary>
    public static int HardCount(TrainingOptions options) => (int)Math.Round(options.Negatives * options.HardNegatives);

    /// <summary>Loss of a batch, by which gradients are computed.</summary>
    public Tensor Of(TwoTowerModel model, Batch batch, NegativeSampler sampler) => options.Loss == Loss.Bce ? Bce(model, batch, sampler)
        : items <= options.Negatives + options.BatchSize ? FullSoftmax(model, batch) : Softmax(model, batch, sampler);

    /// <summary>Over the whole catalogue: where it is no larger than a sample would be, that is faster and exact.</summary>
    private Tensor FullSoftmax(TwoTowerModel model, Batch batch)
    {
        var (table, bias) = model.Items();
        var user = model.Users(table, batch.Users, batch.History);
        return nn.functional.cross_entropy(Logits(user, table, bias), batch.Items);
    }

    private Tensor Softmax(TwoTowerModel model, Batch batch, NegativeSampler sampler)
    {
        HardDraw? drawn = hard?.Draw(pool => Scores(model, batch, pool), batch.Items.device);
        var candidates = drawn is null ? cat([batch.Items, sampler.Draw()]) : cat([batch.Items, sampler.Draw(), drawn.Value.Items]);
        var (unique, places, _) = cat([candidates, batch.History.sub(1).clamp(min: 0).reshape(-1)]).unique(return_inverse: true);
        var (table, bias) = model.Items(unique);
        var split = candidates.shape[0];
        var history = places!.slice(0, split, places.shape[0], 1).reshape(batch.History.shape).add(1).masked_fill(batch.History.eq(0), 0);
        var user = model.Users(table, batch.Users, history);
        var place = places.slice(0, 0, split, 1);
        var expected = sampler.Expected(candidates, batch.Items.shape[0]);
        var (coordinates, biases) = (table.index_select(0, place), bias.index_select(0, place));
        if (drawn is not null)
        {
            using var off = no_grad();
            expected = expected.add(hard!.Expected(Logits(user, coordinates, biases), drawn.Value));
        }

        var logits = Logits(user, coordinates, biases.sub(expected.log()));

        // The same item at another place is no negative.
        var same = batch.Items.unsqueeze(1).eq(candidates.unsqueeze(0));
        var own = arange(batch.Items.shape[0], dtype: int64, device: batch.Items.device);
        same.index_put_(false, own, own);
        return nn.functional.cross_entropy(logits.masked_fill_(same, -1e9), own);
    }

    /// <summary>Scores of some items for the users of a batch.</summary>
    private Tensor Scores(TwoTowerModel model, Batch batch, Tensor pool)
    {
        var (unique, places, _) = cat([pool, batch.History.sub(1).clamp(min: 0).reshape(-1)]).unique(return_inverse: true);
        var (table, bias) = model.Items(unique);
        var split = pool.shape[0];
        var history = places!.slice(0, split, places.shape[0], 1).reshape(batch.History.shape).add(1).masked_fill(batch.History.eq(0), 0);
        var place = places.slice(0, 0, split, 1);
        return Logits(model.Users(table, batch.Users, history), table.index_select(0, place), bias.index_select(0, place));
    }

    private static Tensor Bce(TwoTowerModel model, Batch batch, NegativeSampler sampler)
    {
        var (table, bias) = model.Items();
        var user = model.Users(table, batch.Users, batch.History);
        var negatives = sampler.Draw();
        var positive = user.mul(table.index_select(0, batch.Items)).sum(-1).add(bias.index_select(0, batch.Items));
        var negative = user.matmul(table.index_select(0, negatives).t()).add(bias.index_select(0, negatives));
        return nn.functional.softplus(positive.neg()).mean().add(nn.functional.softplus(negative).mean().mul(BceNegatives));
    }

    /// <summary>Weight of the negatives: as if each purchase had so many.</summary>
    private const int BceNegatives = 4;

    private Tensor Logits(Tensor user, Tensor table, Tensor offset) => half
        ? user.to(bfloat16).matmul(table.to(bfloat16).t()).to(float32).add(offset.unsqueeze(0))
        : addmm(offset.unsqueeze(0), user, table.t(), 1, 1);
}
