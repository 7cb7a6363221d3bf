using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>Two towers of dimension d with score s_ui = e_u . e_i.
/// <para>Item: e_i = [own_i + content_i, bias_i + content bias_i]: d-1 learned coordinates, and the last one is the item's bias, which
/// the user tower multiplies by one. Content is what <see cref="ItemContent"/> says; an item that was never bought has nothing
/// else. So that content learns to stand alone, the own part of some items is hidden in each training step.</para>
/// <para>User: e_u = [user_u + W sum_p softmax(recency)_p e_(h_p), 1] over the history h, most recent first.</para></summary>
internal sealed class TwoTowerModel : nn.Module
{
    private readonly Embedding itemIds;
    private readonly EmbeddingBag itemContent;
    private readonly Embedding users;
    private readonly TorchSharp.Modules.Parameter itemBias;
    private readonly TorchSharp.Modules.Parameter history;
    private readonly TorchSharp.Modules.Parameter recency;
    private readonly Tensor contentIds;
    private readonly Tensor contentWeights;
    private readonly double itemDropout;
    private readonly Tensor bought;

    /// <summary>Makes a model with random weights.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="content">What the catalogue says of the items.</param>
    /// <param name="bought">1 for each item with training interactions, 0 for the others <c>[items]</c>: only the former
    /// have an embedding of their own.</param>
    /// <param name="itemDropout">Share of items whose own part is hidden in a training step.</param>
    public TwoTowerModel(TwoTowerShape shape, ItemContent content, float[] bought, double itemDropout = 0)
        : base(nameof(TwoTowerModel))
    {
        Shape = shape;
        var width = shape.Dimension - 1;
        itemIds = nn.Embedding(shape.Items, width);
        itemContent = nn.EmbeddingBag(shape.FeatureValues, width + 1, mode: TorchSharp.EmbeddingBagMode.Sum);
        users = nn.Embedding(shape.Users + 1, width);
        itemBias = nn.Parameter(zeros(shape.Items));
        history = nn.Parameter(eye(width));
        recency = nn.Parameter(zeros(shape.History));
        using (no_grad())
        {
            nn.init.normal_(itemIds.weight!, 0, 0.1);
            nn.init.normal_(itemContent.weight!, 0, 0.1);
            itemContent.weight!.select(1, width).zero_();
            nn.init.zeros_(users.weight!);
        }

        this.itemDropout = itemDropout;
        contentIds = tensor(content.Ids);
        contentWeights = tensor(content.Weights);
        this.bought = tensor(bought).unsqueeze(-1);
        RegisterComponents();
    }

    /// <summary>Sizes of the model.</summary>
    public TwoTowerShape Shape { get; }

    /// <summary>Learned coordinates <c>[items, d-1]</c> and biases <c>[items]</c> of all items.</summary>
    public ItemTensors Items() => Join(itemIds.weight!, itemBias, bought, Pooled(contentIds, contentWeights));

    /// <summary>Learned coordinates <c>[n, d-1]</c> and biases <c>[n]</c> of some items: a training step touches few of a large
    /// catalogue.</summary>
    public ItemTensors Items(Tensor items) => Join(
        itemIds.weight!.index_select(0, items), itemBias.index_select(0, items), bought.index_select(0, items),
        Pooled(contentIds.index_select(0, items), contentWeights.index_select(0, items)));

    private ItemTensors Join(Tensor own, Tensor ownBias, Tensor known, Tensor content)
    {
        if (training && itemDropout > 0)
        {
            known = known.mul(rand_like(known).ge(itemDropout));
        }

        var width = Shape.Dimension - 1;
        return new ItemTensors(own.mul(known).add(content.slice(1, 0, width, 1)), ownBias.mul(known.squeeze(-1)).add(content.select(1, width)));
    }

    /// <summary>Weighted sums of content embeddings <c>[n, d]</c>.</summary>
    private Tensor Pooled(Tensor ids, Tensor weights) => itemContent.forward(ids, null!, weights);

    /// <summary>Learned coordinates of users <c>[batch, d-1]</c>.</summary>
    /// <param name="table">Coordinates of the items that the histories name.</param>
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
        var items = Items();
        var table = items.Coordinates.cpu().contiguous().data<float>().ToArray();
        return new TowerWeights
        {
            Shape = Shape,
            Items = table,
            HistoryItems = table,
            ItemBias = items.Bias.cpu().contiguous().data<float>().ToArray(),
            Users = users.weight!.cpu().data<float>().ToArray(),
            History = history.cpu().contiguous().data<float>().ToArray(),
            Recency = recency.cpu().data<float>().ToArray(),
        };
    }
}

/// <summary>What a model knows of some items.</summary>
/// <param name="Coordinates">Learned coordinates <c>[n, d-1]</c>.</param>
/// <param name="Bias">Biases <c>[n]</c>.</param>
internal readonly record struct ItemTensors(Tensor Coordinates, Tensor Bias);

/// <summary>Sizes of a two-tower model.</summary>
/// <param name="Users">Known users.</param>
/// <param name="Items">Items of the catalogue.</param>
/// <param name="FeatureValues">Size of the content's vocabulary: feature values, words, and 0 for none.</param>
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
