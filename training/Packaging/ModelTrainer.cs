using System.Globalization;
using System.Text.Json;
using Reco.Bundle;
using Reco.Training.Checkpoints;
using Reco.Training.Data;
using Reco.Training.Distributed;
using Reco.Training.Evaluation;
using Reco.Training.Model;
using Reco.Training.Ranking;

namespace Reco.Training.Packaging;

/// <summary>A trained model.</summary>
/// <param name="Towers">First stage.</param>
/// <param name="Search">What was tried as second stage, and what is kept of it.</param>
/// <param name="Curve">Curve of the search for the number of epochs; empty where the towers are linear.</param>
internal sealed record TrainedModel(TowerWeights Towers, RankerSearch Search, List<CurvePoint> Curve)
{
    /// <summary>Second stage; null where the towers' own order was better.</summary>
    public RankerWeights? Ranker => Search.Weights;

    /// <summary>The model as a ranker, on plain arrays.</summary>
    public IRanker AsRanker(Histories histories, TrainingOptions options)
    {
        var towers = new TowerRanker(Towers, histories);
        return Ranker is null ? towers : new TwoStageRanker(towers, (recent, candidates, scores) => Ranker.Score(recent, candidates, scores), histories, options.History, options.Candidates);
    }
}

/// <summary>Trains both stages. Everything is chosen on the validation period (the last days of the training side): family of
/// the towers, number of epochs, regularisation, the ranker. Then the towers are fitted once more to all of the training
/// side; the ranker is kept, for it needs towers that know nothing of the purchases that it learns from.</summary>
/// <param name="options">Hyper-parameters.</param>
/// <param name="shop">Data.</param>
/// <param name="work">Folder of checkpoints and finished stages: a run that was killed goes on from there.</param>
/// <param name="progress">Is told how far it is.</param>
/// <param name="workers">Other workers that share the fit of neural towers; the first one does everything else.</param>
internal sealed class ModelTrainer(TrainingOptions options, Shop shop, string work, ProgressPrinter progress, ICollective workers)
{
    private string Towers => Path.Combine(work, "towers.bin");

    private string Ranker => Path.Combine(work, "ranker.bin");

    private string ChoicesFile => Path.Combine(work, "rankers.json");

    private string CurveFile => Path.Combine(work, "curve.json");

    /// <summary>Trains.</summary>
    public TrainedModel Train(TimeSplit split, TimeSplit validation, CancellationToken cancellation)
    {
        Directory.CreateDirectory(work);

        // The towers are written last: where they are, everything is.
        if (WeightFile.ReadTowers(Towers) is { } done)
        {
            progress.Say("the model is trained already; going on from there");
            var known = File.Exists(CurveFile) ? JsonSerializer.Deserialize<List<CurvePoint>>(File.ReadAllText(CurveFile), BundleFiles.JsonLine)! : [];
            var search = File.Exists(ChoicesFile) ? JsonSerializer.Deserialize<RankerSearch>(File.ReadAllText(ChoicesFile), BundleFiles.JsonLine)! : RankerSearch.None;
            return new TrainedModel(done, search with { Weights = WeightFile.ReadRanker(Ranker) }, known);
        }

        var trained = TrainAnew(split, validation, cancellation);
        if (workers.Rank > 0)
        {
            return trained;
        }

        File.WriteAllText(CurveFile, JsonSerializer.Serialize(trained.Curve, BundleFiles.JsonLine));
        File.WriteAllText(ChoicesFile, JsonSerializer.Serialize(trained.Search with { Weights = null }, BundleFiles.JsonLine));
        if (trained.Ranker is { } ranker)
        {
            WeightFile.Write(Ranker, ranker);
        }

        WeightFile.Write(Towers, trained.Towers);
        return trained;
    }

    private TrainedModel TrainAnew(TimeSplit split, TimeSplit validation, CancellationToken cancellation)
    {
        var features = FeatureTable.From(shop.Items, shop.FeatureNames.Count);
        var shape = new TwoTowerShape(shop.Users.Count, shop.Items.Count, features.Values, options.History, options.Dimension);
        var start = 0.02;
        var trainer = new Trainer(options, shop, work, (share, text) => progress.Report(start + (share * 0.3), text), workers);
        var search = new TowerSearch(options, shape, trainer, progress.Say, workers);
        var chosen = search.Choose(validation.Train, validation.Held, hideSeen: false, cancellation);
        var fillIn = FillIn(chosen.Weights, features, split, validation, cancellation);
        var ranker = FitRanker(chosen.Weights, features, split, validation, cancellation);
        progress.Say(chosen.Lambda is { } lambda
            ? string.Create(CultureInfo.InvariantCulture, $"linear towers with lambda {lambda}; fitting again on all of the training side")
            : $"best after {trainer.Turns.InEpochs(chosen.Neural!.Turns)} epochs on the validation period; training again on all of the training side");
        start = 0.4;
        return new TrainedModel(fillIn(search.Fit(chosen, split.Train, cancellation)), ranker, chosen.Neural?.Curve ?? []);
    }

    /// <summary>Gives new items vectors by their text, as far as that is of use in the validation period.</summary>
    /// <returns>How to do so with the final towers. The ranker learns from towers that are not filled in: where its candidates held new items, which
    /// hardly anybody buys, it ordered everything else worse.</returns>
    private Func<TowerWeights, TowerWeights> FillIn(TowerWeights towers, FeatureTable features, TimeSplit split, TimeSplit validation, CancellationToken cancellation)
    {
        if (!options.FillNewItems || workers.Rank > 0)
        {
            return static final => final;
        }

        var content = ItemContent.From(shop.Items, features);
        ColdItems Items(TimeSplit from) => new(new WordVectors(content, from.Train, shop.Users.Count, options.Seed, cancellation), from.Train);
        var items = Items(validation);
        if (items.Choose(towers, validation, shop.Users.Count, cancellation) is not { } fill)
        {
            progress.Say("new items: too few purchases of them in the validation period; their vectors stay those of the catalogue");
            return static final => final;
        }

        progress.Say(string.Create(CultureInfo.InvariantCulture, $"new items: {fill.Share:P0} of their vectors from the nearest texts, biases lifted by {fill.Lift:F3}"));
        return final => fill == default ? final : Items(split).Fill(final, fill);
    }

    private RankerSearch FitRanker(TowerWeights towers, FeatureTable features, TimeSplit split, TimeSplit validation, CancellationToken cancellation)
    {
        if (options.Candidates == 0 || options.Ranker == RankerKind.None || workers.Rank > 0)
        {
            return RankerSearch.None;
        }

        progress.Report(0.34, "training the ranker");
        var histories = validation.Train.Histories(shop.Users.Count);
        return new RankerTrainer(options, progress.Say).Fit(
            new TowerRanker(towers, histories),
            RankerFeatures.From(validation.Train, shop.Users.Count, features.Ids, options.History, options.HoldoutDays),
            RankerFeatures.From(split.Train, shop.Users.Count, features.Ids, options.History, options.HoldoutDays),
            histories, validation.Held, cancellation);
    }
}
