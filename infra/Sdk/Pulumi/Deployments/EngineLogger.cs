using Reco.Protocol;

namespace Pulumi;

/// <summary>Sends the program's messages to the engine, in order.</summary>
/// <param name="engine">The engine's log.</param>
/// <param name="register">Makes the program wait for a message to arrive.</param>
internal sealed class EngineLogger(IEngineLog engine, Action<Task> register)
{
    private readonly Lock _gate = new();
    private Task _last = Task.CompletedTask;
    private volatile bool _loggedErrors;

    /// <summary>Whether an error has been sent: the run must then fail.</summary>
    public bool LoggedErrors => _loggedErrors;

    /// <summary>Sends a message.</summary>
    /// <exception cref="LogException">It could not be sent.</exception>
    public Task LogAsync(LogSeverity severity, string message, Resource? resource = null, int? streamId = null, bool? ephemeral = null)
    {
        if (severity == LogSeverity.Error)
        {
            _loggedErrors = true;
        }
        Task task;
        lock (_gate)
        {
            task = _last = SendAsync(_last, severity, message, resource, streamId, ephemeral);
        }
        register(task);
        return task;
    }

    private async Task SendAsync(Task before, LogSeverity severity, string message, Resource? resource, int? streamId, bool? ephemeral)
    {
        try
        {
            // The URN first: waiting for it must not hold up messages that came before.
            var urn = await TryGetUrnAsync(resource).ConfigureAwait(false);
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await engine.LogAsync(new LogRequest
            {
                Severity = severity,
                // gRPC takes no text with broken surrogates, such as a cut-off emoji.
                Message = new string(message.EnumerateRunes().SelectMany(rune => rune.ToString()).ToArray()),
                Urn = urn,
                StreamId = streamId ?? 0,
                Ephemeral = ephemeral ?? false,
            }).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _loggedErrors = true;
            throw new LogException(e);
        }
    }

    private static async Task<string> TryGetUrnAsync(Resource? resource)
    {
        if (resource is null)
        {
            return "";
        }
        var data = resource.Urn.DataTask;
        await ((Task)data).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return data is { IsCompletedSuccessfully: true, Result: { IsKnown: true, Value: { } urn } } ? urn : "";
    }
}
