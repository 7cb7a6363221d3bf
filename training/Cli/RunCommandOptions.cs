using System.CommandLine;
using Reco.Training.Data.Storage;
using Reco.Training.Evaluation;
using Reco.Training.Model;
using Reco.Training.Packaging;
using Reco.Training.Ranking;

namespace Reco.Training.Cli;

/// <summary>Options of the command <c>run</c>.</summary>
internal sealed class RunCommandOptions
{
    private static readonly TrainingOptions Defaults = new();

    private readonly Option<string> data = DataOption();
    private readonly Option<int> eventsInMemory = EventsOption();
    private readonly Option<string> store = new("--store") { Description = "Folder of all models.", Required = true };
    private readonly Option<string?> work = new("--work") { Description = "Folder of checkpoints and finished stages, kept after the run; without it, RECO_CHECKPOINT_DIR or one in the store, where they go when the bundle is published." };
    private readonly Option<string> name = new("--name") { Description = "Name of the model.", DefaultValueFactory = _ => "two-tower" };
    private readonly Option<int> dimension = Number("--dimension", "Length of user and item vectors.", Defaults.Dimension, 8, 1024);
    private readonly Option<int> epochs = Number("--epochs", "Most passes over the data.", Defaults.Epochs, 1, 10_000);
    private readonly Option<int> batchSize = Number("--batch-size", "Interactions in a batch.", Defaults.BatchSize, 2, 1_048_576);
    private readonly Option<int> negatives = Number("--negatives", "Negatives that a batch shares.", Defaults.Negatives, 1, 1_048_576);
    private readonly Option<double> popularNegatives = Share("--popular-negatives", "Share of the negatives that is drawn by popularity, which are harder, instead of uniformly.", Defaults.PopularNegatives);
    private readonly Option<double> hardNegatives = Share("--hard-negatives", "Share of the negatives that the model itself finds likely, corrected for how likely they are drawn; softmax only.", Defaults.HardNegatives);
    private readonly Option<int> mlpUnits = Number("--mlp-units", "Units of a hidden layer at the top of each neural tower; 0 for none.", Defaults.MlpUnits, 0, 4_096);
    private readonly Option<int> accumulate = Number("--accumulate", "Batches whose gradients are added up before a step.", Defaults.Accumulate, 1, 1_024);
    private readonly Option<string> device = new("--device") { Description = "Where training computes: auto (a CUDA device where there is one), cpu or cuda.", DefaultValueFactory = _ => Defaults.Device };
    private readonly Option<string> trainingPrecision = new("--training-precision") { Description = "Arithmetic of the large products: auto (bf16 on CUDA), fp32 or bf16.", DefaultValueFactory = _ => Defaults.Precision };
    private readonly Option<double> learningRate = new("--learning-rate") { Description = "Learning rate of Adam.", DefaultValueFactory = _ => Defaults.LearningRate };
    private readonly Option<double> weightDecay = new("--weight-decay") { Description = "Decoupled weight decay.", DefaultValueFactory = _ => Defaults.WeightDecay };
    private readonly Option<int> history = Number("--history", "Most recent items that describe a user.", Defaults.History, 1, 1_000);
    private readonly Option<int> holdoutDays = Number("--holdout-days", "Last days of the data, kept for evaluation.", Defaults.HoldoutDays, 1, 3_650);
    private readonly Option<int> evaluationUsers = Number("--evaluation-users", "Most users of the validation period, and of the held-out one, for whom items are ranked; where there are more, a random sample of them.", Defaults.EvaluationUsers, 100, 100_000_000);
    private readonly Option<double> itemDropout = Share("--item-dropout", "Share of items whose own embedding is hidden in a training step, so that items that were never bought get a meaningful vector.", Defaults.ItemDropout);
    private readonly Option<int> groups = Number("--groups", "Groups of users by what they buy (k of k-means); 0 for none.", Defaults.Groups, 0, 1_000);
    private readonly Option<bool> groupFeature = new("--group-feature") { Description = "Gives the neural user tower a vector for each group beside one for each user.", DefaultValueFactory = _ => Defaults.GroupFeature };
    private readonly Option<bool> fillNewItems = new("--fill-new-items") { Description = "Gives items that were never bought vectors and biases by the likeness of their texts to others'.", DefaultValueFactory = _ => Defaults.FillNewItems };
    private readonly Option<int> patience = Number("--patience", "Epochs without gain before training stops; parts of epochs where the log is long.", Defaults.Patience, 1, 1_000);
    private readonly Option<int> seed = Number("--seed", "Seed of everything random.", Defaults.Seed, 0, int.MaxValue);
    private readonly Option<Loss> loss = new("--loss") { Description = "softmax or bce.", DefaultValueFactory = _ => Defaults.Loss };
    private readonly Option<Family> family = new("--family") { Description = "How the towers are fitted: neural, linear, or auto for the better one on the validation period.", DefaultValueFactory = _ => Defaults.Family };
    private readonly Option<int> candidates = Number("--candidates", "Best items of the towers that the ranker puts in order; 0 for no ranker.", Defaults.Candidates, 0, 10_000);
    private readonly Option<RankerKind> ranker = new("--ranker") { Description = "Kind of the ranker: neural, trees (LambdaRank), distilled (a smaller network that learns from the better of these), auto for the smallest that orders as well as the best, or none.", DefaultValueFactory = _ => Defaults.Ranker };
    private readonly Option<double> prune = Share("--prune", "Share of the weights of neural towers that is set to zero in the pruned variant; 0 for no such variant.", Defaults.Prune);
    private readonly Option<string> workers = new("--workers") { Description = "How processes that train one model together find each other: mpi where mpirun starts them, tcp where RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT say, single, or auto for what the environment shows.", DefaultValueFactory = _ => "auto" };
    private readonly Option<string[]> baselines = new("--baselines") { Description = $"Baselines beside popularity, of {string.Join(", ", Baselines.Names)}.", DefaultValueFactory = _ => Baselines.Quick, AllowMultipleArgumentsPerToken = true };
    private readonly Option<double> gateMinLift = new("--gate-min-lift") { Description = "Least relative gain in nDCG@10 over popularity.", DefaultValueFactory = _ => 0 };
    private readonly Option<string?> resultConfigMap = new("--result-configmap") { Description = "namespace/name of the ConfigMap that is told the result." };
    private readonly Option<string?> triggerQueue = new("--trigger-queue") { Description = "Address of the Azure storage queue whose message started the run; the message is taken out of it." };

    /// <summary>The option that names the data.</summary>
    public static Option<string> DataOption() => new("--data") { Description = "demo, a folder in the Complete Journey layout or of RecBole atomic files, or a .json file that describes an event log in CSV or Parquet.", Required = true };

    /// <summary>The option that bounds the events in memory.</summary>
    public static Option<int> EventsOption() => Number(
        "--events-in-memory", "Most events held in memory; a longer log is sorted in parts and kept in files in TMPDIR.", EventStorage.DefaultMost, 1, 1_000_000_000);

    /// <summary>Adds every option to a command.</summary>
    public void AddTo(Command command)
    {
        workers.AcceptOnlyFromAmong("auto", "single", "mpi", "tcp");
        baselines.AcceptOnlyFromAmong(Baselines.Names);
        AddTrainingTo(command);
        foreach (var option in new Option[] { store, work, name, family, candidates, ranker, fillNewItems, prune, workers, baselines, gateMinLift, resultConfigMap, triggerQueue })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Adds those that say what the neural towers learn from and how.</summary>
    public void AddTrainingTo(Command command)
    {
        device.AcceptOnlyFromAmong("auto", "cpu", "cuda");
        trainingPrecision.AcceptOnlyFromAmong("auto", "fp32", "bf16");
        foreach (var option in new Option[] { data, eventsInMemory, dimension, epochs, batchSize, negatives, popularNegatives, hardNegatives, mlpUnits, accumulate, device, trainingPrecision, learningRate, weightDecay, history, holdoutDays, evaluationUsers, itemDropout, groups, groupFeature, patience, seed, loss })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What <c>--data</c> says.</summary>
    public string DataOf(ParseResult parsed) => parsed.GetRequiredValue(data);

    /// <summary>Where <c>--events-in-memory</c> has the events kept.</summary>
    public EventStorage StorageOf(ParseResult parsed) => new(parsed.GetValue(eventsInMemory), Path.GetTempPath());

    /// <summary>The options as they were given.</summary>
    public RunOptions Bind(ParseResult parsed) => new()
    {
        Data = parsed.GetRequiredValue(data),
        EventsInMemory = parsed.GetValue(eventsInMemory),
        Store = parsed.GetRequiredValue(store),
        Work = parsed.GetValue(work) ?? CheckpointFolder(),
        KeepWork = parsed.GetValue(work) is not null,
        Name = parsed.GetRequiredValue(name),
        GateMinLift = parsed.GetValue(gateMinLift),
        Workers = parsed.GetRequiredValue(workers),
        Baselines = parsed.GetValue(baselines) ?? [],
        ResultConfigMap = parsed.GetValue(resultConfigMap),
        TriggerQueue = parsed.GetValue(triggerQueue),
        Training = BindTraining(parsed) with { Family = parsed.GetValue(family), Candidates = parsed.GetValue(candidates), Ranker = parsed.GetValue(ranker), FillNewItems = parsed.GetValue(fillNewItems), Prune = parsed.GetValue(prune) },
    };

    /// <summary>Those of <see cref="AddTrainingTo"/> as they were given.</summary>
    public TrainingOptions BindTraining(ParseResult parsed) => Defaults with
    {
        Dimension = parsed.GetValue(dimension),
        Epochs = parsed.GetValue(epochs),
        BatchSize = parsed.GetValue(batchSize),
        Negatives = parsed.GetValue(negatives),
        PopularNegatives = parsed.GetValue(popularNegatives),
        HardNegatives = parsed.GetValue(hardNegatives),
        MlpUnits = parsed.GetValue(mlpUnits),
        Accumulate = parsed.GetValue(accumulate),
        Device = parsed.GetRequiredValue(device),
        Precision = parsed.GetRequiredValue(trainingPrecision),
        LearningRate = parsed.GetValue(learningRate),
        WeightDecay = parsed.GetValue(weightDecay),
        History = parsed.GetValue(history),
        HoldoutDays = parsed.GetValue(holdoutDays),
        EvaluationUsers = parsed.GetValue(evaluationUsers),
        ItemDropout = parsed.GetValue(itemDropout),
        Groups = parsed.GetValue(groups),
        GroupFeature = parsed.GetValue(groupFeature),
        Patience = parsed.GetValue(patience),
        Seed = parsed.GetValue(seed),
        Loss = parsed.GetValue(loss),
    };

    private static string? CheckpointFolder() => Environment.GetEnvironmentVariable("RECO_CHECKPOINT_DIR") is { Length: > 0 } folder ? folder : null;

    /// <summary>A whole number within bounds.</summary>
    public static Option<int> Number(string name, string description, int fallback, int least, int most)
    {
        var option = new Option<int>(name) { Description = $"{description} From {least} to {most}.", DefaultValueFactory = _ => fallback };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
            {
                result.AddError($"{name} is {value}; it must be from {least} to {most}.");
            }
        });
        return option;
    }

    private static Option<double> Share(string name, string description, double fallback)
    {
        var option = new Option<double>(name) { Description = $"{description} From 0 to 1.", DefaultValueFactory = _ => fallback };
        option.Validators.Add(result =>
        {
            // Written so that NaN is refused, too.
            if (!(result.GetValueOrDefault<double>() is >= 0 and <= 1))
            {
                result.AddError($"{name} is {result.GetValueOrDefault<double>()}; it must be from 0 to 1.");
            }
        });
        return option;
    }
}
