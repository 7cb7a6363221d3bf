using Reco.Training.Cli;

using var signals = new StopSignals();
var code = await TrainingCommand.RunAsync(args, Console.Out, Console.Error, signals.Token);
return code == TrainingCommand.Interrupted && signals.Code != 0 ? signals.Code : code;
