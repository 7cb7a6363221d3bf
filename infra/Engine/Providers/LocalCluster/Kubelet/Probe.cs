using System.Net.Sockets;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Kubelet;

/// <summary>One probe of a container, with Kubernetes' defaults.</summary>
internal sealed class Probe(JsonObject spec, JsonObject container, Func<string> podAddress, Func<IReadOnlyList<string>, TimeSpan, CancellationToken, Task<string?>> execute, TimeSpan? limit = null)
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler
    {
        // Probes are about one container: no redirects to elsewhere, no proxy, no reuse, and certificates are its own affair.
        AllowAutoRedirect = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Time before the first check.</summary>
    public TimeSpan InitialDelay { get; } = TimeSpan.FromSeconds(spec.Number("initialDelaySeconds") ?? 0);

    /// <summary>Time between checks.</summary>
    public TimeSpan Period { get; } = TimeSpan.FromSeconds(Math.Max(1, spec.Number("periodSeconds") ?? 10));

    /// <summary>Longest time of one check.</summary>
    public TimeSpan Limit { get; } = limit ?? TimeSpan.FromSeconds(Math.Max(1, spec.Number("timeoutSeconds") ?? 1));

    /// <summary>Time that the container gets to end where the probe has failed; null for the pod's.</summary>
    public TimeSpan? Grace { get; } = spec.Number("terminationGracePeriodSeconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>Failures in a row that count as failure.</summary>
    public int FailureThreshold { get; } = (int)Math.Max(1, spec.Number("failureThreshold") ?? 3);

    /// <summary>Successes in a row that count as success.</summary>
    public int SuccessThreshold { get; } = (int)Math.Max(1, spec.Number("successThreshold") ?? 1);

    /// <summary>Checks once.</summary>
    /// <returns>Null for success, else what is wrong.</returns>
    public async Task<string?> CheckAsync(CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(Limit);
        try
        {
            if (spec["httpGet"] is JsonObject http)
            {
                return await HttpAsync(http, timeout.Token).ConfigureAwait(false);
            }

            if (spec["tcpSocket"] is JsonObject tcp)
            {
                using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(tcp.Text("host") ?? podAddress(), Port(tcp), timeout.Token).ConfigureAwait(false);
                return null;
            }

            if (spec["grpc"] is JsonObject grpc)
            {
                return await GrpcHealth.CheckAsync(Client, podAddress(), (int)(grpc.Number("port") ?? 0), grpc.Text("service") ?? "", timeout.Token).ConfigureAwait(false);
            }

            return spec["exec"] is JsonObject exec
                ? await execute([.. exec.Texts("command")], Limit, cancellation).ConfigureAwait(false)
                : "the probe names no check that the local cluster knows (httpGet, tcpSocket, grpc, exec)";
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"no answer within {Limit.TotalSeconds:0} s";
        }
        catch (Exception error) when (error is HttpRequestException or SocketException or UriFormatException or IOException)
        {
            return error.Message;
        }
    }

    private async Task<string?> HttpAsync(JsonObject http, CancellationToken cancellation)
    {
        var scheme = (http.Text("scheme") ?? "HTTP").ToLowerInvariant();
        var path = http.Text("path") is { Length: > 0 } given ? given : "/";
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{scheme}://{http.Text("host") ?? podAddress()}:{Port(http)}{(path.StartsWith('/') ? path : "/" + path)}"));
        request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.34");
        foreach (var header in http.Items("httpHeaders"))
        {
            request.Headers.TryAddWithoutValidation(header.Text("name") ?? "", header.Text("value"));
        }

        using var answer = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        return (int)answer.StatusCode is >= 200 and < 400 ? null : $"HTTP probe failed with statuscode: {(int)answer.StatusCode}";
    }

    private int Port(JsonObject check)
    {
        if (check.Number("port") is { } number)
        {
            return (int)number;
        }

        var name = check.Text("port") ?? "";
        return int.TryParse(name, out var parsed) ? parsed
            : (int?)container.Items("ports").FirstOrDefault(port => port.Text("name") == name).Number("containerPort")
            ?? throw new HttpRequestException($"the container has no port named '{name}'");
    }
}
