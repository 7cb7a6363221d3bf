using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Reco.Training.Packaging;

/// <summary>Tells the result of a run to a ConfigMap through the cluster's API, with the pod's own identity: the in-cluster
/// contract of Kubernetes (KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, token and CA in a folder).</summary>
internal sealed class ResultConfigMap(string reference, TimeProvider time)
{
    private const int Attempts = 6;
    private const string DefaultFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Checks a reference of the form <c>namespace/name</c> and that the process runs in a cluster, before hours are
    /// spent on training.</summary>
    /// <exception cref="TrainingException">It is not, or does not.</exception>
    public void Check()
    {
        if (reference.Split('/') is not [{ Length: > 0 }, { Length: > 0 }])
        {
            throw new TrainingException($"--result-configmap is \"{reference}\"; it must be namespace/name.");
        }

        _ = Server();
        if (!File.Exists(Path.Combine(Folder(), "token")))
        {
            throw new TrainingException($"--result-configmap needs the pod's identity, but {Path.Combine(Folder(), "token")} is missing; mount a service account token there or set RECO_SERVICE_ACCOUNT_DIR.");
        }
    }

    /// <summary>Patches the ConfigMap's data.</summary>
    /// <exception cref="TrainingException">The API refused it or could not be reached.</exception>
    public async Task WriteAsync(IReadOnlyDictionary<string, string> data, CancellationToken cancellation)
    {
        var parts = reference.Split('/');
        using var handler = new SocketsHttpHandler();
        var authority = Path.Combine(Folder(), "ca.crt");
        if (File.Exists(authority))
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(authority);
        }

        using var client = new HttpClient(handler) { BaseAddress = Server(), Timeout = TimeSpan.FromSeconds(15) };
        var body = JsonSerializer.Serialize(new { data });
        for (var attempt = 1; ; attempt++)
        {
            var failure = await TryAsync(client, $"api/v1/namespaces/{parts[0]}/configmaps/{parts[1]}", body, cancellation).ConfigureAwait(false);
            if (failure is null)
            {
                return;
            }

            if (attempt == Attempts || !failure.Value.Retry)
            {
                throw new TrainingException($"The result could not be written to ConfigMap {reference}: {failure.Value.Reason}.");
            }

            await Task.Delay(TimeSpan.FromSeconds(Math.Pow(2, attempt - 1)), time, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<(string Reason, bool Retry)?> TryAsync(HttpClient client, string path, string body, CancellationToken cancellation)
    {
        // The token is read each time: the kubelet renews it.
        var token = await File.ReadAllTextAsync(Path.Combine(Folder(), "token"), cancellation).ConfigureAwait(false);
        using var request = new HttpRequestMessage(HttpMethod.Patch, path) { Content = new StringContent(body, MediaTypeHeaderValue.Parse("application/merge-patch+json")) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
        try
        {
            using var response = await client.SendAsync(request, cancellation).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return null;
            }

            var reason = $"the cluster's API answered {(int)response.StatusCode} {response.StatusCode}";
            return response.StatusCode switch
            {
                HttpStatusCode.Forbidden => ($"{reason}; the pod's service account may not patch it", false),
                HttpStatusCode.NotFound => ($"{reason}; the ConfigMap does not exist", false),
                HttpStatusCode.Unauthorized => ($"{reason}; the token is not accepted", false),
                _ => (reason, (int)response.StatusCode >= 429),
            };
        }
        catch (HttpRequestException error)
        {
            return ($"the cluster's API cannot be reached ({error.Message})", true);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ("the cluster's API did not answer within 15 s", true);
        }
    }

    private static string Folder() => Environment.GetEnvironmentVariable("RECO_SERVICE_ACCOUNT_DIR") ?? DefaultFolder;

    private static Uri Server()
    {
        var host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
        var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");
        return host is null || port is null
            ? throw new TrainingException("--result-configmap works in a pod only: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set.")
            : new Uri($"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}/");
    }
}
