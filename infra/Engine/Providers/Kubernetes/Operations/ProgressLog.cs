using Reco.Protocol;

namespace Reco.Providers.Kubernetes.Operations;

/// <summary>Tells the engine what happens to one resource.</summary>
internal sealed class ProgressLog(Func<LogRequest, Task> log, string urn)
{
    private string shown = "";

    /// <summary>Replaces the resource's status line; an empty text clears it. The same text again is not sent.</summary>
    public Task StatusAsync(string text)
    {
        if (text == shown)
        {
            return Task.CompletedTask;
        }

        shown = text;
        return SendAsync(LogSeverity.Info, text, ephemeral: true);
    }

    /// <summary>A warning that stays.</summary>
    public Task WarnAsync(string text) => SendAsync(LogSeverity.Warning, text, ephemeral: false);

    /// <summary>A note that stays.</summary>
    public Task InfoAsync(string text) => SendAsync(LogSeverity.Info, text, ephemeral: false);

    private Task SendAsync(LogSeverity severity, string text, bool ephemeral) =>
        log(new LogRequest { Severity = severity, Message = text, Urn = urn, Ephemeral = ephemeral });
}
