using Reco.Scoring.Hosting;

return args switch
{
    ["pull", .. var options] => await PullCommand.RunAsync(options, Console.Out, Console.Error),
    ["index", .. var options] => await IndexCommand.RunAsync(options, Console.Out, Console.Error),
    _ => await ScoringApp.RunAsync(args),
};
