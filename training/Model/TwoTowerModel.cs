using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>Two towers of dimension d with score s_ui = e_u . e_i.
/// <para>Item: e_i = [id_i + sum of its feature embeddings, bias_i]: d-1 learned coordinates, and the last one is the item's
/// bias, which the user tower multiplies by one. An item that was never bought keeps its features.</para>
/// <para>User: e_u = [user_u + W sum_p softmax(recency)_p e_(h_p), 1] over the history h, most recent first.</para></summary>
internal sealed class TwoTowerModel : nn.Module
{
    private readonly Embedding itemIds;
    private readonly Embedding itemFeatures;
    private readonly Embedding users;
    private readonly TorchSharp.Modules.Parameter itemBias;
    private readonly TorchSharp.Modules.Parameter history;
    private readonly TorchSharp.Modules.Parameter recency;
    private readonly Tensor features;
    private readonly Tensor featureMask;
    private readonly Tensor bought;

    /// <summary>Makes a model with random weights.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="features">Feature ids <c>[items, columns]</c>, 0 for none.</param>
    /// <param name="bought">1 for each item with training interactions, 0 for the others <c>[items]</c>: only the former
    /// have an embedding of their own.</param>
    public TwoTowerModel(TwoTowerShape shape, long[,] features, float[] bought)
        : base(nameof(TwoTowerModel))
    {
        Shape = shape;
        var width = shape.Dimension - 1;
        itemIds = nn.Embedding(shape.Items, width);
        itemFeatures = nn.Embedding(shape.FeatureValues, width);
        users = nn.Embedding(shape.Users + 1, width);
        itemBias = nn.Parameter(zeros(shape.Items));
        history = nn.Parameter(eye(width));
        recency = nn.Parameter(zeros(shape.History));
        using (no_grad())
        {
            nn.init.normal_(itemIds.weight!, 0, 0.1);
            nn.init.normal_(itemFeatures.weight!, 0, 0.1);
            nn.init.zeros_(users.weight!);
        }

        this.features = tensor(features);
        featureMask = this.features.ne(0).to(float32);
        this.bought = tensor(bought).unsqueeze(-1);
        RegisterComponents();
    }

    /// <summary>Sizes of the model.</summary>
    public TwoTowerShape Shape { get; }

    /// <summary>Learned coordinates of all items <c>[items, d-1]</c>.</summary>
    public Tensor ItemTable() => itemIds.weight!.mul(bought).add(Pooled(features, featureMask));

    /// <summary>Learned coordinates of some items <c>[n, d-1]</c>: a training step touches few of a large catalogue.</summary>
    public Tensor ItemTable(Tensor items) =>
        itemIds.weight!.index_select(0, items).mul(bought.index_select(0, items)).add(Pooled(features.index_select(0, items), featureMask.index_select(0, items)));

    /// <summary>Sums of feature embeddings <c>[n, d-1]</c>, as the product of a sparse matrix: several times as fast, there and
    /// back, as to gather <c>[n, columns, d-1]</c> and to add it up.</summary>
    private Tensor Pooled(Tensor ids, Tensor mask)
    {
        var rows = arange(ids.shape[0], dtype: int64).repeat_interleave(ids.shape[1]);
        using var matrix = sparse_coo_tensor(stack([rows, ids.reshape(-1)]), mask.reshape(-1), [ids.shape[0], Shape.FeatureValues]);
        return matrix.mm(itemFeatures.weight!);
    }

    /// <summary>Biases of all items <c>[items]</c>.</summary>
    public Tensor ItemBias() => itemBias;

    /// <summary>Biases of items <c>[n]</c>.</summary>
    public Tensor ItemBias(Tensor items) => itemBias.index_select(0, items);

    /// <summary>Learned coordinates of users <c>[batch, d-1]</c>.</summary>
    /// <param name="table">What <see cref="ItemTable()"/> gave.</param>
    /// <param name="user">User indices + 1 <c>[batch]</c>; 0 for an unknown one.</param>
    /// <param name="recent">Item indices + 1 <c>[batch, history]</c>; 0 for padding.</param>
    public Tensor Users(Tensor table, Tensor user, Tensor recent)
    {
        var padding = recent.eq(0);
        var weights = recency.unsqueeze(0).expand(recent.shape[0], -1).masked_fill(padding, -1e9).softmax(-1).masked_fill(padding, 0);
        var vectors = table.index_select(0, recent.clamp(min: 1).sub(1).reshape(-1)).reshape(recent.shape[0], recent.shape[1], -1);
        var pooled = weights.unsqueeze(1).bmm(vectors).squeeze(1);
        return users.forward(user).add(pooled.matmul(history));
    }

    /// <summary>Takes the weights out for packaging.</summary>
    public TowerWeights Export()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var table = ItemTable().contiguous().data<float>().ToArray();
        return new TowerWeights
        {
            Shape = Shape,
            Items = table,
            HistoryItems = table,
            ItemBias = itemBias.data<float>().ToArray(),
            Users = users.weight!.data<float>().ToArray(),
            History = history.contiguous().data<float>().ToArray(),
            Recency = recency.data<float>().ToArray(),
        };
    }
}

/// <summary>Sizes of a two-tower model.</summary>
/// <param name="Users">Known users.</param>
/// <param name="Items">Items of the catalogue.</param>
/// <param name="FeatureValues">Distinct feature values of all columns, and 0 for none.</param>
/// <param name="History">Most recent items that describe a user.</param>
/// <param name="Dimension">Length of user and item vectors.</param>
internal sealed record TwoTowerShape(int Users, int Items, int FeatureValues, int History, int Dimension);

/// <summary>The weights of a trained model in plain arrays, row-major.</summary>
internal sealed record TowerWeights
{
    /// <summary>Sizes.</summary>
    public required TwoTowerShape Shape { get; init; }

    /// <summary>Learned item coordinates <c>[items, d-1]</c>.</summary>
    public required float[] Items { get; init; }

    /// <summary>Item coordinates as parts of a history <c>[items, d-1]</c>: those of <see cref="Items"/> in the neural model,
    /// others in the linear one. Those of <see cref="Items"/> where none are given.</summary>
    public float[] HistoryItems { get => field ?? Items; init; }

    /// <summary>Item biases <c>[items]</c>.</summary>
    public required float[] ItemBias { get; init; }

    /// <summary>User embeddings <c>[users + 1, d-1]</c>; row 0 is the unknown user.</summary>
    public required float[] Users { get; init; }

    /// <summary>Transformation of the pooled history <c>[d-1, d-1]</c>.</summary>
    public required float[] History { get; init; }

    /// <summary>Recency logits <c>[history]</c>, most recent first.</summary>
    public required float[] Recency { get; init; }

    /// <summary>Item vectors with the bias as their last coordinate <c>[items, d]</c>.</summary>
    public float[] ItemVectors()
    {
        var (width, d) = (Shape.Dimension - 1, Shape.Dimension);
        var vectors = new float[Shape.Items * d];
        for (var item = 0; item < Shape.Items; item++)
        {
            Items.AsSpan(item * width, width).CopyTo(vectors.AsSpan(item * d));
            vectors[(item * d) + width] = ItemBias[item];
        }

        return vectors;
    }
}
