using System.Diagnostics;
using System.Text.Json.Nodes;
using Reco.Providers.Kubernetes.Cluster;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Awaiting;

/// <summary>Waits until an object is ready, or gone.</summary>
internal static class ObjectWaiter
{
    /// <summary>How long the API server may be away while something is waited for: a short restart must not fail hours of training.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ExplainTime = TimeSpan.FromSeconds(5);

    /// <summary>Waits until the object is ready.</summary>
    /// <returns>The object when it was.</returns>
    /// <exception cref="NotReadyException">It failed, the time is over, or the operation was cancelled.</exception>
    public static async Task<JsonObject> ReadyAsync(
        IReadinessCheck check, JsonObject live, string collection, TimeSpan timeout, AwaitContext context, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        var uid = live.Text("metadata", "uid");
        var path = $"{collection}/{Uri.EscapeDataString(live.Name())}";
        var last = ReadyReport.Waiting("");
        var away = new Stopwatch();
        var signal = new ChangeSignal(context.Client, collection, live.Name(), context.PollInterval);
        try
        {
            while (true)
            {
                try
                {
                    var now = await context.Client.GetAsync(path, limit.Token).ConfigureAwait(false);
                    if (now is null || now.Text("metadata", "uid") != uid)
                    {
                        throw new NotReadyException(live, [$"{live.Kind()} {live.Name()} was deleted while waiting for it"]);
                    }

                    live = now;
                    last = await check.LookAsync(live, limit.Token).ConfigureAwait(false);
                    away.Reset();
                }
                catch (Exception error) when (error is HttpRequestException or IOException && away.Elapsed < Patience)
                {
                    away.Start();
                    await context.Log.StatusAsync($"the API server does not answer, trying again: {error.Message}").ConfigureAwait(false);
                    await Task.Delay(context.PollInterval, limit.Token).ConfigureAwait(false);
                    continue;
                }

                switch (last.State)
                {
                    case ReadyState.Ready:
                        return live;
                    case ReadyState.Failed:
                        throw new NotReadyException(live, last.Reasons);
                    default:
                        await context.Log.StatusAsync(last.Progress).ConfigureAwait(false);
                        await signal.WaitAsync(limit.Token).ConfigureAwait(false);
                        break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            var why = cancellationToken.IsCancellationRequested
                ? $"cancelled while waiting for {live.Kind()} {live.Name()}"
                : $"{live.Kind()} {live.Name()} was not ready within {timeout.TotalSeconds:0} seconds";
            throw new NotReadyException(live, [why, .. last.Reasons, .. await ExplainAsync(check, live).ConfigureAwait(false)]);
        }
        catch (HttpRequestException error)
        {
            throw new NotReadyException(live, [$"the API server is gone: {error.Message}", .. last.Reasons]);
        }
        finally
        {
            await signal.DisposeAsync().ConfigureAwait(false);
            await context.Log.StatusAsync("").ConfigureAwait(false);
        }
    }

    private static async Task<IReadOnlyList<string>> ExplainAsync(IReadinessCheck check, JsonObject live)
    {
        using var limit = new CancellationTokenSource(ExplainTime);
        try
        {
            return await check.ExplainAsync(live, limit.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or HttpRequestException or IOException or KubeApiException)
        {
            // What is known has to do.
            return [];
        }
    }

    /// <summary>Waits until the object is gone.</summary>
    /// <exception cref="TimeoutException">It is still there.</exception>
    public static async Task GoneAsync(
        JsonObject live, string collection, TimeSpan timeout, AwaitContext context, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        var uid = live.Text("metadata", "uid");
        var path = $"{collection}/{Uri.EscapeDataString(live.Name())}";
        var signal = new ChangeSignal(context.Client, collection, live.Name(), context.PollInterval);
        try
        {
            while (true)
            {
                var now = await context.Client.GetAsync(path, limit.Token).ConfigureAwait(false);
                if (now is null || now.Text("metadata", "uid") != uid)
                {
                    return;
                }

                live = now;
                await context.Log.StatusAsync(Blocker(live)).ConfigureAwait(false);
                await signal.WaitAsync(limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{live.Kind()} {live.Name()} was not deleted within {timeout.TotalSeconds:0} seconds: {Blocker(live)}");
        }
        finally
        {
            await signal.DisposeAsync().ConfigureAwait(false);
            await context.Log.StatusAsync("").ConfigureAwait(false);
        }
    }

    private static string Blocker(JsonObject live)
    {
        var finalizers = (live.At("metadata", "finalizers") as JsonArray)?.Select(item => item.Text()).ToList() ?? [];
        var conditions = live.Items("status", "conditions")
            .Where(condition => condition.Text("status") == "True" && condition.Text("type")?.StartsWith("Namespace", StringComparison.Ordinal) == true)
            .Select(condition => condition.Text("message"));
        return finalizers.Count > 0 ? $"waiting for {string.Join(", ", finalizers)}"
            : string.Join("; ", conditions) is { Length: > 0 } text ? text : "waiting for it to end";
    }
}
