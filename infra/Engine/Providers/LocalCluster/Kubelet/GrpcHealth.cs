using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Reco.LocalCluster.Kubelet;

/// <summary>The gRPC health protocol (https://github.com/grpc/grpc/blob/master/doc/health-checking.md), for probes: its two
/// messages have one field each, so they are written and read here by hand.</summary>
internal static class GrpcHealth
{
    private const byte NameField = 1 << 3 | 2;
    private const byte StatusField = 1 << 3;
    private const byte Serving = 1;
    private const int HeaderBytes = 5;
    private const int MostBytes = 1024;

    /// <summary>Asks once.</summary>
    /// <returns>Null where the service says that it serves, else what is wrong.</returns>
    public static async Task<string?> CheckAsync(HttpClient client, string address, int port, string service, CancellationToken cancellation)
    {
        var name = Encoding.UTF8.GetBytes(service);
        byte[] message = name.Length is 0 or > 127 ? [] : [NameField, (byte)name.Length, .. name];
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://{address}:{port}/grpc.health.v1.Health/Check"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, (byte)message.Length, .. message]),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var body = new byte[MostBytes];
        var read = await stream.ReadAtLeastAsync(body, MostBytes, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        var code = Header(response.TrailingHeaders) ?? Header(response.Headers);
        if (code is not (null or "0"))
        {
            return $"gRPC health check failed with status {code}";
        }

        return read >= HeaderBytes + 2 && body[HeaderBytes] == StatusField && body[HeaderBytes + 1] == Serving ? null : "gRPC health check: the service does not serve";
    }

    private static string? Header(HttpResponseHeaders headers) => headers.TryGetValues("grpc-status", out var values) ? values.FirstOrDefault() : null;
}
