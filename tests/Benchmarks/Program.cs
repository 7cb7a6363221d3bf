using Reco.Benchmarks.Engine;

// One verb an area: dotnet run -c Release --project tests/Benchmarks -- VERB [options]
return args switch
{
    ["engine", .. var rest] => await EngineBenchmark.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Benchmarks -- engine [N ...]");
    return 2;
}
