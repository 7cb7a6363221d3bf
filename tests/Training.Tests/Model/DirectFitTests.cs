using Reco.Training.Data;
using Reco.Training.Data.Storage;
using Reco.Training.Model;
using Reco.Training.Model.Direct;
using static TorchSharp.torch;

namespace Reco.Training.Tests.Model;

[Collection(TrainsCollection.Name)]
public sealed class DirectFitTests
{
    private static readonly Shop Shop = SmallShop.Make();
    private static readonly InteractionLog Train = TimeSplit.Last(Shop.Interactions, 28).Train;

    [Fact]
    public void Fit_WholeCatalogue_IsWhatLibtorchFits()
    {
        var options = new TrainingOptions { BatchSize = 512, Negatives = 1_024, Dimension = 16, History = 20, Device = "cpu" };
        var (direct, curve) = new Trainer(options, Shop, null, (_, _) => { }).Fit(Train, 1, CancellationToken.None);
        var (recorded, expected) = new Trainer(options with { Recorded = true }, Shop, null, (_, _) => { }).Fit(Train, 1, CancellationToken.None);
        Assert.Equal(expected[0].Loss, curve[0].Loss, 1e-3);
        foreach (var (left, right) in new[] { (recorded.Items, direct.Items), (recorded.ItemBias, direct.ItemBias), (recorded.Users, direct.Users), (recorded.History, direct.History), (recorded.Recency, direct.Recency) })
        {
            // Weights of an epoch lie around a tenth.
            Assert.True(left.Zip(right, (a, b) => Math.Abs(a - b)).Average() < 1e-3f);
        }
    }

    [Fact]
    public void Fit_Twice_IsTheSameBits()
    {
        var options = new TrainingOptions { BatchSize = 128, Negatives = 64, PopularNegatives = 0.25, Dimension = 16, History = 20, Device = "cpu" };
        TowerWeights Fit() => new Trainer(options, Shop, null, (_, _) => { }).Fit(Train[..2_000], 1, CancellationToken.None).Weights;
        var (first, second) = (Fit(), Fit());
        Assert.Equal(first.Items, second.Items);
        Assert.Equal(first.Users, second.Users);
    }

    [Fact]
    public async Task Epoch_LeftEarly_ReadsTheLogNoMore()
    {
        var options = new TrainingOptions { BatchSize = 1_024, Negatives = 64, History = 100 };
        var content = new ContentRows(ItemContent.From(Shop.Items, FeatureTable.From(Shop.Items, Shop.FeatureNames.Count)));
        var unobserved = 0;
        void Count(object? sender, UnobservedTaskExceptionEventArgs args) => unobserved += args.Exception.InnerException is ObjectDisposedException ? 1 : 0;
        TaskScheduler.UnobservedTaskException += Count;
        for (var round = 0; round < 20; round++)
        {
            Leave();
        }

        await Task.Delay(50);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TaskScheduler.UnobservedTaskException -= Count;
        Assert.Equal(0, unobserved);

        void Leave()
        {
            using var storage = new EventStorage(1_000, Path.GetTempPath());
            using var sorter = new EventSorter(storage);
            foreach (var entry in Train)
            {
                sorter.Add(entry);
            }

            var log = sorter.Finish(static _ => false, CancellationToken.None);
            _ = new StepBatches(log, log.Histories(Shop.Users.Count), content, new float[Shop.Items.Count], options).Turn(1).First();
        }
    }

    [Fact]
    public void Step_SampledNegatives_MovesEveryParameterAsTheGradientSays()
    {
        var options = new TrainingOptions { BatchSize = 128, Negatives = 64, Dimension = 16, History = 20 };
        var content = ItemContent.From(Shop.Items, FeatureTable.From(Shop.Items, Shop.FeatureNames.Count));
        var counts = new float[Shop.Items.Count];
        foreach (var entry in Train)
        {
            counts[entry.Item]++;
        }

        counts[Train[0].Item] = 0;
        using var scope = NewDisposeScope();
        TwoTowerModel Model()
        {
            manual_seed(5);
            return new TwoTowerModel(new TwoTowerShape(Shop.Users.Count, Shop.Items.Count, content.Values, options.History, options.Dimension), content, [.. counts.Select(count => count > 0 ? 1f : 0f)]);
        }

        var batches = new StepBatches(Train, new Histories(Train, Shop.Users.Count), new ContentRows(content), counts, options);
        var (moved, reference) = (Model(), Model());
        var batch = batches.Turn(1).First();
        var loss = Reference(reference, batch, options.History);
        loss.backward();
        using var fit = new DirectFit(moved, options, batches);
        Assert.Equal(loss.item<float>(), fit.Step(batch), 1e-3);
        Assert.True(batch.Candidates.Take(batch.CandidateCount).Distinct().Count() < batch.CandidateCount, "the same item stands at two places");

        // The first step of Adam is the sign of the gradient.
        using var off = no_grad();
        foreach (var ((name, parameter), (_, other)) in reference.named_parameters().Zip(moved.named_parameters()).Where(pair => !pair.First.name.StartsWith("groups", StringComparison.Ordinal)))
        {
            var gradient = parameter.grad!;
            var large = gradient.abs().ge(1e-6);
            Assert.True(large.any().item<bool>(), name);
            var expected = parameter.mul(1 - (options.LearningRate * options.WeightDecay)).sub(gradient.sign().mul(options.LearningRate));
            var apart = expected.sub(other).abs().masked_select(large).max().item<float>();
            Assert.True(apart < 0.02 * options.LearningRate, $"{name}: {apart}");
        }
    }

    [Fact]
    public void RowAdam_RowsUsedNowAndThen_AreWhereAdamWPutsThem()
    {
        const int Rows = 40, Width = 11, Steps = 300;
        const double Rate = 0.01, Decay = 0.1;
        manual_seed(7);
        using var scope = NewDisposeScope();
        var start = randn(Rows, Width);
        var (own, whole) = (start.clone(), TorchSharp.torch.nn.Parameter(start.clone()));
        using var adamW = optim.AdamW([whole], Rate, weight_decay: Decay);
        using var adam = new RowAdam(Rate, Decay);
        var table = adam.Add(own);
        var random = new Random(3);
        for (var step = 0; step < Steps; step++)
        {
            using var inner = NewDisposeScope();

            // Row 0 never, row 1 always, others more and more rarely.
            var rows = Enumerable.Range(1, Rows - 1).Where(row => row == 1 || random.NextDouble() < 1.0 / row).ToArray();
            adam.CatchUp(table, rows, rows.Length);
            var gradient = randn(rows.Length, Width).mul(1e-3).add(1e-3);
            adam.Begin();
            adam.Move(table, rows, rows.Length, new Block(gradient));
            whole.grad = zeros_like(whole).index_copy_(0, tensor(rows, dtype: int64), gradient).DetachFromDisposeScope();
            adamW.step();
        }

        adam.CatchUp();
        var (moved, apart) = (own.sub(start).abs(), own.sub(whole).abs());
        Assert.True(moved[0].max().item<float>() > 0.1, "decay alone moves a row that is never used");
        Assert.True(apart.max().item<float>() < 1e-4, $"{apart.max().item<float>()}");
    }

    private static Tensor Reference(TwoTowerModel model, StepBatch batch, int history)
    {
        var recent = new long[batch.Count, history];
        for (var row = 0; row < batch.Count; row++)
        {
            for (var place = 0; place < batch.Starts[row + 1] - batch.Starts[row]; place++)
            {
                recent[row, place] = batch.Items.Rows[batch.History[batch.Starts[row] + place]] + 1;
            }
        }

        var items = tensor(batch.Candidates.Take(batch.CandidateCount).Select(place => (long)batch.Items.Rows[place]).ToArray());
        var users = tensor(batch.User.Take(batch.Count).Select(place => (long)batch.Users.Rows[place]).ToArray());
        var (table, bias) = model.Items();
        var logits = model.Users(table, users, tensor(recent)).matmul(table.index_select(0, items).t())
            .add(bias.index_select(0, items)).sub(tensor(batch.Offsets.AsSpan(0, batch.CandidateCount).ToArray()));
        var own = arange(batch.Count, dtype: int64);
        var same = items.slice(0, 0, batch.Count, 1).unsqueeze(1).eq(items.unsqueeze(0)).logical_and(own.unsqueeze(1).ne(arange(batch.CandidateCount, dtype: int64).unsqueeze(0)));
        return TorchSharp.torch.nn.functional.cross_entropy(logits.masked_fill(same, -1e9), own);
    }
}
