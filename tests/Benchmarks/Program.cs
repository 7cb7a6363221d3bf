using Reco.Benchmarks.Engine;
using Reco.Benchmarks.Retrieval;
using Reco.Benchmarks.Serving;
using Reco.Benchmarks.Soak;
using Reco.Benchmarks.Training;

// One verb an area: dotnet run -c Release --project tests/Benchmarks -- VERB [options]
return args switch
{
    ["engine", .. var rest] => await EngineBenchmark.RunAsync(rest),
    ["movielens", .. var rest] => await MovieLensBenchmark.RunAsync(rest),
    ["retrieval", .. var rest] => await RetrievalBenchmark.RunAsync(rest),
    ["serving", .. var rest] => await ServingBenchmark.RunAsync(rest),
    ["soak", .. var rest] => await SoakBenchmark.RunAsync(rest),
    ["throughput", .. var rest] => ThroughputBenchmark.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Benchmarks -- engine [N ...] | movielens FOLDER [SEEDS] | retrieval [flat] [ITEMS ...] | serving [BUNDLE | ITEMS | start [ITEMS ...] | swap [ITEMS]] | soak MINUTES | throughput [peers] [EVENTS]");
    return 2;
}
