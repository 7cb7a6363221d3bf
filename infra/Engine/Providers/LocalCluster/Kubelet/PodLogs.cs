using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Kubelet;

/// <summary>Serves the logs of containers.</summary>
internal sealed class PodLogs(ObjectStore store, PodFolders folders, CancellationToken stopping)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Answers <c>GET .../pods/NAME/log</c> with <c>container</c>, <c>tailLines</c>, <c>limitBytes</c>, <c>previous</c> and <c>follow</c>.</summary>
    public async Task ServeAsync(HttpContext http, ObjectKey key)
    {
        var pod = store.Get(key) ?? throw ApiException.NotFound(key.Kind, key.Name);
        var query = http.Request.Query;
        var names = pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers")).Select(entry => entry.Text("name") ?? "").ToArray();
        var container = query["container"].ToString() is { Length: > 0 } named ? named
            : pod.Items("spec", "containers").Count() == 1 ? names[0]
            : throw ApiException.BadRequest($"a container name must be specified for pod {key.Name}, choose one of: [{string.Join(' ', names)}]");
        if (!names.Contains(container))
        {
            throw ApiException.BadRequest($"container {container} is not valid for pod {key.Name}");
        }

        var previous = query["previous"] == "true";
        var file = previous ? folders.PreviousLog(key.Space, key.Name, container) : folders.Log(key.Space, key.Name, container);
        var follow = query["follow"] is var asked && (asked == "true" || asked == "1") && !previous;
        if (!File.Exists(file) && (previous || !follow))
        {
            throw ApiException.BadRequest(previous
                ? $"previous terminated container \"{container}\" in pod \"{key.Name}\" not found"
                : $"container \"{container}\" in pod \"{key.Name}\" is waiting to start: ContainerCreating");
        }

        if (query["timestamps"] == "true")
        {
            throw ApiException.BadRequest("the local cluster keeps no times of log lines: leave timestamps out");
        }

        var most = long.TryParse(query["limitBytes"], CultureInfo.InvariantCulture, out var bytes) && bytes > 0 ? bytes : long.MaxValue;
        int? tail = int.TryParse(query["tailLines"], CultureInfo.InvariantCulture, out var lines) ? lines : null;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await SendAsync(http, key, pod.Uid(), container, file, tail, most, follow).ConfigureAwait(false);
    }

    /// <summary>The end of a log, at most 80 lines and 2 KiB, as a container's termination message.</summary>
    public static string? Tail(string file)
    {
        const int MostLines = 80;
        const int MostBytes = 2048;
        if (!File.Exists(file))
        {
            return null;
        }

        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = Math.Max(TailStart(file, MostLines), stream.Length - MostBytes);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().TrimEnd();
    }

    private async Task SendAsync(HttpContext http, ObjectKey key, string uid, string container, string file, int? tail, long most, bool follow)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        var cancellation = ending.Token;
        var position = File.Exists(file) && tail is { } lines ? TailStart(file, lines) : 0;
        var buffer = new byte[32 * 1024];
        while (most > 0)
        {
            // Before the read: what is written until then is sent.
            var over = !follow || HasEnded(key, uid, container);
            if (File.Exists(file))
            {
                using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                stream.Position = position <= stream.Length ? position : 0;
                int read;
                while (most > 0 && (read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, most)), cancellation).ConfigureAwait(false)) > 0)
                {
                    most -= read;
                    await http.Response.Body.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                }

                position = stream.Position;
                await http.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
            }

            if (over)
            {
                return;
            }

            await Task.Delay(Poll, cancellation).ConfigureAwait(false);
        }
    }

    private bool HasEnded(ObjectKey key, string uid, string container)
    {
        var pod = store.Get(key);
        if (pod is null || pod.Uid() != uid)
        {
            return true;
        }

        var status = pod.Items("status", "containerStatuses").Concat(pod.Items("status", "initContainerStatuses")).FirstOrDefault(entry => entry.Text("name") == container);
        return status.At("state", "terminated") is not null || pod.Text("status", "phase") is "Succeeded" or "Failed";
    }

    private static long TailStart(string file, int lines)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var (position, seen) = (stream.Length, 0);
        var block = new byte[8 * 1024];
        while (position > 0)
        {
            var size = (int)Math.Min(block.Length, position);
            position -= size;
            stream.Position = position;
            stream.ReadExactly(block, 0, size);
            for (var i = size - 1; i >= 0; i--)
            {
                // The line feed at the very end closes the last line and begins none.
                if (block[i] == (byte)'\n' && position + i != stream.Length - 1 && ++seen >= lines)
                {
                    return position + i + 1;
                }
            }
        }

        return lines == 0 ? stream.Length : 0;
    }
}
