using Reco.Scoring.Hosting;

return await ScoringApp.RunAsync(args);
