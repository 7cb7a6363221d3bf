using Reco.Scoring.Hosting;

return args is ["pull", .. var options]
    ? await PullCommand.RunAsync(options, Console.Out, Console.Error)
    : await ScoringApp.RunAsync(args);
