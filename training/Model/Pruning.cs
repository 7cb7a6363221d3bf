using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>Holds the smallest weights of tables at zero while a model is trained on (magnitude pruning with fine-tuning; Han et al. 2015,
/// Zhu and Gupta 2017).</summary>
internal sealed class Pruning : IDisposable
{
    private readonly List<(Tensor Table, Tensor Kept)> tables = [];

    /// <summary>Chooses what goes: the same share of each table.</summary>
    /// <param name="model">Model whose tables are pruned.</param>
    /// <param name="share">Share of each table that becomes zero.</param>
    public Pruning(TwoTowerModel model, double share)
    {
        using var off = no_grad();
        foreach (var table in model.Tables)
        {
            using var scope = NewDisposeScope();
            var order = table.detach().abs().reshape(-1).argsort();
            var kept = ones_like(table).reshape(-1);
            kept.index_fill_(0, order.slice(0, 0, (long)(order.shape[0] * share), 1), 0);
            tables.Add((table, kept.reshape(table.shape).DetachFromDisposeScope()));
        }

        Apply();
    }

    /// <summary>Sets what was pruned back to zero, after a step has moved it.</summary>
    public void Apply()
    {
        using var off = no_grad();
        foreach (var (table, kept) in tables)
        {
            table.mul_(kept);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => tables.ForEach(table => table.Kept.Dispose());
}
