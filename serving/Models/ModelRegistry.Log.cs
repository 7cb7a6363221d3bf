namespace Reco.Scoring.Models;

internal sealed partial class ModelRegistry
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model} {Version} answers requests")]
    private partial void LogServing(string model, string version);
}
