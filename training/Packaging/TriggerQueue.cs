using System.Net.Http.Headers;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace Reco.Training.Packaging;

/// <summary>Takes the message that started a run out of its Azure storage queue, with the pod's workload identity
/// (AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE, AZURE_AUTHORITY_HOST). A message that stayed would start the same run again
/// when this one ends. It goes when the run begins: a run that fails is tried again by its job, not by another message.</summary>
internal sealed class TriggerQueue
{
    private const string Version = "2024-11-04";
    private const string Scope = "https://storage.azure.com/.default";
    private const int Attempts = 4;

    private readonly Uri queue;
    private readonly Func<string, string?> variable;
    private readonly TimeProvider time;

    /// <summary>A queue by its address, <c>https://ACCOUNT.queue.core.windows.net/QUEUE</c>.</summary>
    /// <exception cref="TrainingException">It is no such address.</exception>
    public TriggerQueue(string address, Func<string, string?> variable, TimeProvider time)
    {
        (this.variable, this.time) = (variable, time);
        queue = Uri.TryCreate(address, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.IsLoopback) && url.AbsolutePath.Trim('/').Length > 0
            ? new Uri(url.AbsoluteUri.TrimEnd('/') + "/")
            : throw new TrainingException($"--trigger-queue is \"{address}\"; it must be https://ACCOUNT.queue.core.windows.net/QUEUE.");
    }

    /// <summary>Takes one message.</summary>
    /// <returns>Whether there was one: a pod that takes a failed one's place finds none.</returns>
    /// <exception cref="TrainingException">The queue or the identity refuses, or cannot be reached.</exception>
    public async Task<bool> TakeAsync(CancellationToken cancellation)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(15) };
        var token = await TokenAsync(client, cancellation).ConfigureAwait(false);
        var answer = await SendAsync(client, () => Authorized(HttpMethod.Get, "messages?numofmessages=1&visibilitytimeout=60", token), "the queue", cancellation).ConfigureAwait(false);
        if (Parse(answer).Root?.Element("QueueMessage") is not { } message)
        {
            return false;
        }

        if (message.Element("MessageId")?.Value is not { Length: > 0 } id || message.Element("PopReceipt")?.Value is not { Length: > 0 } receipt)
        {
            throw new TrainingException("The queue's message has no MessageId or no PopReceipt.");
        }

        await SendAsync(client, () => Authorized(HttpMethod.Delete, $"messages/{Uri.EscapeDataString(id)}?popreceipt={Uri.EscapeDataString(receipt)}", token), "the queue", cancellation).ConfigureAwait(false);
        return true;
    }

    private async Task<string> TokenAsync(HttpClient client, CancellationToken cancellation)
    {
        var (id, tenant, file) = (Variable("AZURE_CLIENT_ID"), Variable("AZURE_TENANT_ID"), Variable("AZURE_FEDERATED_TOKEN_FILE"));
        var authority = variable("AZURE_AUTHORITY_HOST") is { Length: > 0 } host ? host : "https://login.microsoftonline.com/";
        string assertion;
        try
        {
            assertion = (await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false)).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"The pod's token {file} cannot be read: {error.Message}");
        }

        var text = await SendAsync(client, () => new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(authority), $"{tenant}/oauth2/v2.0/token"))
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = id,
                ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ["client_assertion"] = assertion,
                ["scope"] = Scope,
            }),
        }, "Entra", cancellation).ConfigureAwait(false);
        try
        {
            using var answer = JsonDocument.Parse(text);
            return answer.RootElement.GetProperty("access_token").GetString()!;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new TrainingException("Entra answered without a token.");
        }
    }

    private string Variable(string name) => variable(name) is { Length: > 0 } value
        ? value
        : throw new TrainingException($"--trigger-queue needs the pod's workload identity, but {name} is not set: label the pod azure.workload.identity/use and annotate its service account.");

    private HttpRequestMessage Authorized(HttpMethod method, string path, string token)
    {
        var request = new HttpRequestMessage(method, new Uri(queue, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Add("x-ms-version", Version);
        request.Headers.Date = time.GetUtcNow();
        return request;
    }

    /// <summary>Sends a request; a busy or unreachable service is asked again, as is a role that is not known everywhere yet.</summary>
    private async Task<string> SendAsync(HttpClient client, Func<HttpRequestMessage> make, string who, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            string reason;
            var again = true;
            try
            {
                using var request = make();
                using var response = await client.SendAsync(request, cancellation).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    return await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
                }

                (reason, again) = ($"{who} answered {(int)response.StatusCode} {response.StatusCode}", (int)response.StatusCode >= 429);
            }
            catch (HttpRequestException error)
            {
                reason = $"{who} cannot be reached ({error.Message})";
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                reason = $"{who} did not answer within 15 s";
            }

            if (!again || attempt == Attempts)
            {
                throw new TrainingException($"The message that started this run could not be taken from {queue.Host}{queue.AbsolutePath}: {reason}.");
            }

            await Task.Delay(TimeSpan.FromSeconds(attempt), time, cancellation).ConfigureAwait(false);
        }
    }

    private static XDocument Parse(string text)
    {
        try
        {
            return XDocument.Parse(text);
        }
        catch (XmlException error)
        {
            throw new TrainingException($"The queue did not answer in XML: {error.Message}");
        }
    }
}
