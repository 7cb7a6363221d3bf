namespace Reco.Scoring.Models;

internal sealed partial class ModelRegistry
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model} {Version} answers requests")]
    private partial void LogServing(string model, string version);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model} {Version} is the candidate")]
    private partial void LogCandidate(string model, string version);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model}: {Version} is unloaded")]
    private partial void LogUnloaded(string model, string version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Rolled back from version {From} to {To}")]
    private partial void LogRolledBack(string from, string to);

    [LoggerMessage(Level = LogLevel.Error, Message = "Bundle {Bundle} is refused; what was served before still is. {Reason}")]
    private partial void LogRefused(string bundle, string reason);
}
