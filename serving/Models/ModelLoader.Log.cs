namespace Reco.Scoring.Models;

internal sealed partial class ModelLoader
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model} {Version} is loaded: precision {Precision}, provider {Provider}, index {Index}, {Items} items, {Users} users, {Milliseconds:F0} ms")]
    private partial void LogLoaded(string model, string version, string precision, string provider, string index, int items, int users, double milliseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model} {Version}, {Precision}: {Requests} packaged requests are answered as they were when the bundle was made ({Stages})")]
    private partial void LogChecked(string model, string version, string precision, int requests, string stages);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Model {Model} {Version}, {Precision}: whether it answers as it did when the bundle was made is not checked: {Reason}")]
    private partial void LogNotChecked(string model, string version, string precision, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Model {Model} {Version} is searched by words only: its query tower reads tokens by scheme {Scheme}, which this service does not know; update the service")]
    private partial void LogSearchIgnored(string model, string version, string scheme);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Execution provider {Provider} is passed over: {Reason}")]
    private partial void LogProviderSkipped(string provider, string reason);
}
