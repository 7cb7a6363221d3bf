using Reco.Training.Model.Direct;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reco.Training.Model;

/// <summary>Two towers of dimension d with score s_ui = e_u . e_i.
/// <para>Item: e_i = [own_i + content_i, bias_i + content bias_i]: d-1 learned coordinates, and the last one is the item's bias, which
/// the user tower multiplies by one. Content is what <see cref="ItemContent"/> says; an item that was never bought has nothing
/// else. So that content learns to stand alone, the own part of some items is hidden in each training step.</para>
/// <para>User: e_u = [user_u + group_g(u) + W sum_p softmax(recency)_p e_(h_p), 1] over the history h, most recent first. A user without
/// training purchases is the unknown user with a history.</para>
/// <para>With hidden units, the learned coordinates x of both sides go through a layer of their own: x + relu(xA + b)C.</para></summary>
internal sealed class TwoTowerModel : nn.Module
{
    private readonly Embedding itemIds;
    private readonly EmbeddingBag itemContent;
    private readonly Embedding users;
    private readonly Embedding groups;
    private readonly TorchSharp.Modules.Parameter itemBias;
    private readonly TorchSharp.Modules.Parameter history;
    private readonly TorchSharp.Modules.Parameter recency;
    private readonly Tensor contentIds;
    private readonly Tensor contentWeights;
    private readonly double itemDropout;
    private readonly Tensor bought;
    private readonly Tensor groupOf;
    private readonly bool[] known;
    private readonly TowerTop? userTop;
    private readonly TowerTop? itemTop;

    /// <summary>Makes a model with random weights.</summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="content">What the catalogue says of the items.</param>
    /// <param name="bought">1 for each item with training interactions, 0 for the others <c>[items]</c>: only the former
    /// have an embedding of their own.</param>
    /// <param name="itemDropout">Share of items whose own part is hidden in a training step.</param>
    /// <param name="segments">What is known of the users; null: each is known, and has no group.</param>
    /// <param name="units">Hidden units at the top of each tower; 0 for none.</param>
    /// <param name="itemLayer">False: the item tower has no hidden layer, whatever the user tower has.</param>
    public TwoTowerModel(TwoTowerShape shape, ItemContent content, float[] bought, double itemDropout = 0, UserSegments? segments = null, int units = 0, bool itemLayer = true)
        : base(nameof(TwoTowerModel))
    {
        Shape = shape;
        var width = shape.Dimension - 1;
        itemIds = nn.Embedding(shape.Items, width);
        itemContent = nn.EmbeddingBag(shape.FeatureValues, width + 1, mode: TorchSharp.EmbeddingBagMode.Sum);
        users = nn.Embedding(shape.Users + 1, width);
        segments ??= UserSegments.None(shape.Users);
        known = segments.Known;
        groupOf = tensor(segments.Rows);
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

        // Last, so that the random numbers before it do not depend on groups. Row 0, no group, stays zero.
        groups = nn.Embedding(segments.Count + 1, width, padding_idx: 0);
        using (no_grad())
        {
            nn.init.zeros_(groups.weight!);
        }

        (userTop, itemTop) = (units == 0 ? null : new TowerTop(width, units), units == 0 || !itemLayer ? null : new TowerTop(width, units));
        this.itemDropout = itemDropout;
        contentIds = tensor(content.Ids);
        contentWeights = tensor(content.Weights);
        this.bought = tensor(bought).unsqueeze(-1);
        RegisterComponents();
    }

    /// <summary>Sizes of the model.</summary>
    public TwoTowerShape Shape { get; }

    /// <summary>The tables that are nearly all of the model: items and users.</summary>
    public IReadOnlyList<Tensor> Tables => [itemIds.weight!, users.weight!];

    /// <summary>What gradient descent without a record of operations moves.</summary>
    public TowerParameters Parameters => new(itemIds.weight!, itemBias, itemContent.weight!, users.weight!, history, recency, [.. bought.cpu().data<float>().Select(value => value != 0)]);

    /// <summary>A model that computes what exported weights do, with nothing behind the tables: to train these on.</summary>
    public static TwoTowerModel From(TowerWeights weights)
    {
        var shape = weights.Shape with { FeatureValues = 1 };
        var content = new ItemContent(new long[shape.Items, 1], new float[shape.Items, 1], 1);
        var model = new TwoTowerModel(shape, content, [.. Enumerable.Repeat(1f, shape.Items)], units: weights.Top?.Units ?? 0, itemLayer: false);
        using var off = no_grad();
        foreach (var (parameter, values) in new[] { (model.itemIds.weight!, weights.Items), (model.users.weight!, weights.Users), (model.itemBias, weights.ItemBias), (model.history, weights.History), (model.recency, weights.Recency) })
        {
            using var source = tensor(values, parameter.shape);
            parameter.copy_(source);
        }

        model.itemContent.weight!.zero_();
        model.userTop?.Load(weights.Top!);
        return model;
    }

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
        var coordinates = own.mul(known).add(content.slice(1, 0, width, 1));
        return new ItemTensors(itemTop?.forward(coordinates) ?? coordinates, ownBias.mul(known.squeeze(-1)).add(content.select(1, width)));
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
        var learned = Own(user).add(pooled.matmul(history));
        return userTop?.forward(learned) ?? learned;
    }

    /// <summary>What is known of users beside their histories <c>[batch, d-1]</c>.</summary>
    private Tensor Own(Tensor user) => users.forward(user).add(groups.forward(groupOf.index_select(0, user)));

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
            Users = ExportUsers(),
            History = history.cpu().contiguous().data<float>().ToArray(),
            Recency = recency.cpu().data<float>().ToArray(),
            Top = userTop?.Export(),
        };
    }

    /// <summary>Groups are folded into the users' rows, so that serving knows nothing of them. A user without training purchases has
    /// learned nothing: the unknown user stands in.</summary>
    private float[] ExportUsers()
    {
        var width = Shape.Dimension - 1;
        var rows = Own(arange(Shape.Users + 1, dtype: int64, device: groupOf.device)).cpu().contiguous().data<float>().ToArray();
        for (var user = 0; user < known.Length; user++)
        {
            if (!known[user])
            {
                rows.AsSpan(0, width).CopyTo(rows.AsSpan((user + 1) * width));
            }
        }

        return rows;
    }
}

/// <summary>What a model knows of some items.</summary>
/// <param name="Coordinates">Learned coordinates <c>[n, d-1]</c>.</param>
/// <param name="Bias">Biases <c>[n]</c>.</param>
internal readonly record struct ItemTensors(Tensor Coordinates, Tensor Bias);
