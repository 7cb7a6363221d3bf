using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Api;

/// <summary>Lists and watches.</summary>
internal sealed class WatchApi(ObjectStore store, CancellationToken stopping)
{
    private const int MostWatches = 512;
    private static readonly TimeSpan DefaultTime = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan LongestTime = TimeSpan.FromHours(6);
    private static readonly TimeSpan BookmarkPeriod = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim slots = new(MostWatches);

    /// <summary>Objects of a collection that the query selects.</summary>
    public IReadOnlyList<JsonObject> Select(ResourcePath at, IQueryCollection query)
    {
        var selector = SelectorOf(at, query);
        return [.. store.List(at.Kind, at.Space.Length == 0 ? null : at.Space).Where(selector.Matches)];
    }

    /// <summary>A page of a list. The token names the last object of the page before, so that a list goes on whatever changes
    /// in between.</summary>
    public JsonObject List(ResourcePath at, IQueryCollection query)
    {
        var (version, all) = store.Together(() => (store.Version, Select(at, query)));
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        IEnumerable<JsonObject> items = all;
        if (query["continue"].ToString() is { Length: > 0 } token)
        {
            var (since, last) = ReadToken(token);
            metadata["resourceVersion"] = since;
            items = items.Where(value => string.CompareOrdinal(Position(value), last) > 0);
        }

        if (int.TryParse(query["limit"], CultureInfo.InvariantCulture, out var limit) && limit > 0)
        {
            var rest = items.ToArray();
            items = rest.Take(limit);
            if (rest.Length > limit)
            {
                metadata["continue"] = WriteToken(metadata.Text("resourceVersion") ?? "", Position(rest[limit - 1]));
                if (SelectorOf(at, query).IsEmpty)
                {
                    metadata["remainingItemCount"] = rest.Length - limit;
                }
            }
        }

        return new JsonObject
        {
            ["kind"] = $"{at.Kind.Kind}List",
            ["apiVersion"] = at.Served.ApiVersion,
            ["metadata"] = metadata,
            ["items"] = new JsonArray([.. items.Select(value => View(at, value))]),
        };
    }

    /// <summary>Sends changes until the client or the time is gone.</summary>
    public async Task WatchAsync(HttpContext context, ResourcePath at)
    {
        if (!await slots.WaitAsync(TimeSpan.Zero).ConfigureAwait(false))
        {
            context.Response.Headers.RetryAfter = "1";
            throw new ApiException(429, "TooManyRequests", $"too many watches: the local cluster serves {MostWatches} at a time");
        }

        try
        {
            await ServeAsync(context, at).ConfigureAwait(false);
        }
        finally
        {
            slots.Release();
        }
    }

    /// <summary>An object under the API version that was asked for.</summary>
    public static JsonObject View(ResourcePath at, JsonObject value)
    {
        var copy = value.Copy();
        copy["apiVersion"] = at.Served.ApiVersion;
        return copy;
    }

    private static string Position(JsonObject value) => $"{value.Space()}\u0001{value.Name()}";

    private static string WriteToken(string version, string last) =>
        System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["rv"] = version, ["start"] = last }.ToJsonString()));

    private static (string Version, string Last) ReadToken(string token)
    {
        try
        {
            var content = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token));
            return (content.Text("rv") ?? "", content.Text("start") ?? "");
        }
        catch (Exception error) when (error is FormatException or System.Text.Json.JsonException)
        {
            throw ApiException.BadRequest("continue key is not valid");
        }
    }

    private static Selector SelectorOf(ResourcePath at, IQueryCollection query) => Selector.Parse(at.Kind.Kind, query["labelSelector"],
        at.Name.Length > 0 ? $"metadata.name={at.Name}" : query["fieldSelector"].ToString());

    private async Task ServeAsync(HttpContext context, ResourcePath at)
    {
        var query = context.Request.Query;
        var selector = SelectorOf(at, query);
        long? since = long.TryParse(query["resourceVersion"], CultureInfo.InvariantCulture, out var asked) && asked > 0 ? asked : null;
        var initial = query["sendInitialEvents"] == "true";
        var bookmarks = query["allowWatchBookmarks"] is var allow && (allow == "true" || allow == "1");

        // One look: what is sent as being there is not sent as a change again.
        var (changes, stop, present, version) = store.Together(() =>
        {
            var (reader, end) = store.Watch(initial ? null : since, limited: true);
            return (reader, end, initial || since is null ? Select(at, query) : [], store.Version);
        });
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
            limit.CancelAfter(long.TryParse(query["timeoutSeconds"], CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? Shorter(seconds) : DefaultTime);
            context.Response.ContentType = "application/json";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await context.Response.StartAsync(limit.Token).ConfigureAwait(false);
            foreach (var value in present)
            {
                await SendAsync(context, "ADDED", View(at, value), limit.Token).ConfigureAwait(false);
            }

            if (initial && bookmarks)
            {
                await SendAsync(context, "BOOKMARK", Bookmark(at, version, "true"), limit.Token).ConfigureAwait(false);
            }

            await FollowAsync(context, at, selector, changes, version, bookmarks, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client is gone, or the watch's time is over: it asks again.
        }
        finally
        {
            stop();
        }
    }

    private static TimeSpan Shorter(long seconds) => seconds < LongestTime.TotalSeconds ? TimeSpan.FromSeconds(seconds) : LongestTime;

    private static async Task FollowAsync(HttpContext context, ResourcePath at, Selector selector, System.Threading.Channels.ChannelReader<ObjectChange> changes, long version, bool bookmarks, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(BookmarkPeriod);
        var tick = timer.WaitForNextTickAsync(cancellation).AsTask();
        Task<bool>? more = null;
        while (true)
        {
            while (changes.TryRead(out var change))
            {
                version = change.Version;
                if (change.Key.Kind == at.Kind && (at.Space.Length == 0 || change.Key.Space == at.Space) && TypeOf(change, selector) is { } type)
                {
                    await SendAsync(context, type, View(at, change.Value), cancellation).ConfigureAwait(false);
                }
            }

            more ??= changes.WaitToReadAsync(cancellation).AsTask();
            if (await Task.WhenAny(more, tick).ConfigureAwait(false) == more)
            {
                if (!await more.ConfigureAwait(false))
                {
                    // It did not keep up: it lists again.
                    return;
                }

                more = null;
                continue;
            }

            await tick.ConfigureAwait(false);
            tick = timer.WaitForNextTickAsync(cancellation).AsTask();
            if (bookmarks)
            {
                await SendAsync(context, "BOOKMARK", Bookmark(at, version, null), cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>An object that begins or ends to be selected is added or deleted, as the client sees it.</summary>
    private static string? TypeOf(ObjectChange change, Selector selector)
    {
        var (was, isNow) = (change.Before is { } before && selector.Matches(before), change.Type != "DELETED" && selector.Matches(change.Value));
        return (was, isNow) switch { (true, true) => "MODIFIED", (false, true) => "ADDED", (true, false) => "DELETED", _ => null };
    }

    private static JsonObject Bookmark(ResourcePath at, long version, string? initialEnd)
    {
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null };
        if (initialEnd is not null)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = initialEnd };
        }

        return new JsonObject { ["kind"] = at.Kind.Kind, ["apiVersion"] = at.Served.ApiVersion, ["metadata"] = metadata };
    }

    private static async Task SendAsync(HttpContext context, string type, JsonObject value, CancellationToken cancellation)
    {
        var line = new JsonObject { ["type"] = type, ["object"] = value }.ToJsonString() + "\n";
        await context.Response.WriteAsync(line, cancellation).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
    }
}
