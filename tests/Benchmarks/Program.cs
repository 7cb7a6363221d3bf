using Reco.Benchmarks.Engine;
using Reco.Benchmarks.Training;

// One verb an area: dotnet run -c Release --project tests/Benchmarks -- VERB [options]
return args switch
{
    ["engine", .. var rest] => await EngineBenchmark.RunAsync(rest),
    ["movielens", .. var rest] => await MovieLensBenchmark.RunAsync(rest),
    ["throughput", .. var rest] => ThroughputBenchmark.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Benchmarks -- engine [N ...] | movielens FOLDER [SEEDS] | throughput [EVENTS]");
    return 2;
}
