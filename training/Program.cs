using Reco.Training.Cli;

return await TrainingCommand.RunAsync(args, Console.Out, Console.Error);
