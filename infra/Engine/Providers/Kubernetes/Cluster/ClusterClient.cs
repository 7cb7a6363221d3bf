using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using Reco.Providers.Kubernetes.Objects;

namespace Reco.Providers.Kubernetes.Cluster;

/// <summary>The Kubernetes REST API in plain JSON. Authentication and TLS are KubernetesClient's, from a kubeconfig.</summary>
internal sealed class ClusterClient : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(100);
    private readonly k8s.Kubernetes client;

    /// <summary>A client for one cluster; connects on first use.</summary>
    public ClusterClient(KubernetesClientConfiguration configuration)
    {
        // Watches and followed logs stay open for hours; single requests have their own limit.
        configuration.HttpClientTimeout = Timeout.InfiniteTimeSpan;
        configuration.UserAgent = "reco-kubernetes-provider";
        client = new k8s.Kubernetes(configuration);
    }

    /// <summary>Address of the API server.</summary>
    public Uri Address => client.BaseUri;

    /// <summary>The path that the API of a kind's group and version starts with.</summary>
    public static string ApiPrefix(GroupVersionKind kind) =>
        kind.Group.Length == 0 ? $"api/{kind.Version}" : $"apis/{kind.Group}/{kind.Version}";

    /// <summary>Path of a collection.</summary>
    public static string CollectionPath(GroupVersionKind kind, ResourceMapping mapping, string? space) =>
        mapping.Namespaced && !string.IsNullOrEmpty(space)
            ? $"{ApiPrefix(kind)}/namespaces/{Uri.EscapeDataString(space)}/{mapping.Plural}"
            : $"{ApiPrefix(kind)}/{mapping.Plural}";

    /// <summary>Path of a collection of the core group in a namespace, for example of pods.</summary>
    public static string CorePath(string space, string plural) => $"api/v1/namespaces/{Uri.EscapeDataString(space)}/{plural}";

    /// <summary>The object at a path; null where there is none.</summary>
    /// <exception cref="KubeApiException">The server refused.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    public async Task<JsonObject?> GetAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(HttpMethod.Get, path, null, null, cancellationToken).ConfigureAwait(false);
        }
        catch (KubeApiException error) when (error.Code == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>The objects of a collection that match the selectors.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string path, string? labels, string? fields, CancellationToken cancellationToken)
    {
        var list = await GetAsync(path + Query(("labelSelector", labels), ("fieldSelector", fields)), cancellationToken).ConfigureAwait(false);
        return [.. list.Items("items")];
    }

    /// <summary>Server-side apply.</summary>
    /// <param name="path">Path of the object.</param>
    /// <param name="value">The fields to own.</param>
    /// <param name="manager">Who owns them.</param>
    /// <param name="force">Whether to take fields over from other managers.</param>
    /// <param name="dryRun">Only answer what the result would be.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    /// <param name="warn">Takes the server's warnings.</param>
    public Task<JsonObject> ApplyAsync(string path, JsonObject value, string manager, bool force, bool dryRun, CancellationToken cancellationToken, Action<string>? warn = null) =>
        SendAsync(
            HttpMethod.Patch,
            path + Query(("fieldManager", manager), ("force", force ? "true" : "false"), ("dryRun", dryRun ? "All" : null)),
            value.ToJsonString(JsonSerializerOptions.Default),
            // JSON is YAML.
            "application/apply-patch+yaml",
            cancellationToken,
            warn);

    /// <summary>Creates an object in a collection.</summary>
    public Task<JsonObject> CreateAsync(string path, JsonObject value, string manager, bool dryRun, CancellationToken cancellationToken, Action<string>? warn = null) =>
        SendAsync(
            HttpMethod.Post,
            path + Query(("fieldManager", manager), ("dryRun", dryRun ? "All" : null)),
            value.ToJsonString(JsonSerializerOptions.Default),
            "application/json",
            cancellationToken,
            warn);

    /// <summary>Patches an object.</summary>
    /// <param name="path">Path of the object.</param>
    /// <param name="patch">The patch.</param>
    /// <param name="format"><c>application/merge-patch+json</c> or <c>application/json-patch+json</c>.</param>
    /// <param name="manager">Field manager.</param>
    /// <param name="dryRun">Only answer what the result would be.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    /// <param name="warn">Takes the server's warnings.</param>
    public Task<JsonObject> PatchAsync(string path, JsonNode patch, string format, string manager, bool dryRun, CancellationToken cancellationToken, Action<string>? warn = null) =>
        SendAsync(
            HttpMethod.Patch,
            path + Query(("fieldManager", manager), ("dryRun", dryRun ? "All" : null)),
            patch.ToJsonString(JsonSerializerOptions.Default),
            format,
            cancellationToken,
            warn);

    /// <summary>Asks for an object's deletion.</summary>
    /// <returns>False where there was none.</returns>
    public async Task<bool> DeleteAsync(string path, string propagation, CancellationToken cancellationToken)
    {
        var options = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions", ["propagationPolicy"] = propagation };
        try
        {
            await SendAsync(HttpMethod.Delete, path, options.ToJsonString(JsonSerializerOptions.Default), "application/json", cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (KubeApiException error) when (error.Code == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    /// <summary>Sends a request that is no Kubernetes object's, with the same credentials.</summary>
    public Task<JsonObject> PostAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, "", "application/json", cancellationToken);

    /// <summary>One item for each change of the named object after the call; ends when the server closes the watch.</summary>
    public async IAsyncEnumerable<JsonObject> WatchAsync(string collection, string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = collection + Query(("watch", "true"), ("fieldSelector", $"metadata.name={name}"), ("timeoutSeconds", "300"));
        await foreach (var line in LinesAsync(path, cancellationToken).ConfigureAwait(false))
        {
            if (line.Length > 0 && JsonNode.Parse(line) is JsonObject change)
            {
                yield return change;
            }
        }
    }

    /// <summary>The lines of a container's log.</summary>
    /// <param name="space">Namespace of the pod.</param>
    /// <param name="pod">Name of the pod.</param>
    /// <param name="container">Name of the container.</param>
    /// <param name="tail">Only so many last lines.</param>
    /// <param name="follow">Whether to go on until the container ends.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public IAsyncEnumerable<string> LogAsync(string space, string pod, string container, int? tail, bool follow, CancellationToken cancellationToken) =>
        LinesAsync(
            $"{CorePath(space, "pods")}/{Uri.EscapeDataString(pod)}/log" + Query(
                ("container", container),
                ("tailLines", tail?.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                ("follow", follow ? "true" : null)),
            cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private async IAsyncEnumerable<string> LinesAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = await RequestAsync(HttpMethod.Get, path, cancellationToken).ConfigureAwait(false);
        using var response = await client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw KubeApiException.From(response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            yield return line;
        }
    }

    private async Task<JsonObject> SendAsync(HttpMethod method, string path, string? body, string? format, CancellationToken cancellationToken, Action<string>? warn = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(RequestTimeout);
        try
        {
            using var request = await RequestAsync(method, path, limit.Token).ConfigureAwait(false);
            if (body is not null)
            {
                request.Content = new StringContent(body, new MediaTypeHeaderValue(format!));
            }

            using var response = await client.HttpClient.SendAsync(request, limit.Token).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(limit.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                throw KubeApiException.From(response.StatusCode, text);
            }

            foreach (var warning in response.Headers.Warning)
            {
                warn?.Invoke(warning.Text.Trim('"').Replace("\\\"", "\"", StringComparison.Ordinal));
            }

            return text.Length == 0 ? [] : JsonNode.Parse(text) as JsonObject ?? [];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"{Address} did not answer within {RequestTimeout.TotalSeconds:0} seconds.");
        }
        catch (JsonException)
        {
            throw new HttpRequestException($"{Address} answered something else than JSON: is it a Kubernetes API server?");
        }
    }

    private async Task<HttpRequestMessage> RequestAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        // The base address may have a path of its own (Rancher and others), which a leading slash would drop.
        var address = client.BaseUri.AbsoluteUri;
        var request = new HttpRequestMessage(method, new Uri((address.EndsWith('/') ? address : address + "/") + path));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*", 0.5));
        if (client.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, cancellationToken).ConfigureAwait(false);
        }

        return request;
    }

    private static string Query(params ReadOnlySpan<(string Key, string? Value)> parameters)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in parameters)
        {
            if (value is not null)
            {
                text.Append(text.Length == 0 ? '?' : '&').Append(key).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        return text.ToString();
    }
}
