using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Reco.Scoring.Client;

/// <summary>Calls the domain API of the scoring service. Thread-safe; one instance is meant to live as long as the program. A request
/// that the service turned away for the moment (429, 503) or that did not reach it is tried again, after the time that the
/// service names.</summary>
public sealed class ScoringClient : IDisposable
{
    private const int Attempts = 3;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly HttpClient http;
    private readonly bool ownsHttp;

    /// <summary>Makes a client.</summary>
    /// <param name="address">Where the service answers, for example <c>http://scoring.reco.svc.cluster.local</c>.</param>
    /// <param name="apiKey">The API key, where the service asks for one.</param>
    public ScoringClient(Uri address, string? apiKey = null)
        : this(new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) })
    {
        ownsHttp = true;
        if (apiKey is not null)
        {
            http.DefaultRequestHeaders.Add("X-Api-Key", apiKey);
        }
    }

    /// <summary>Makes a client on an <see cref="HttpClient"/> that the caller configures and disposes, for instance one of a factory.</summary>
    public ScoringClient(HttpClient http) => this.http = http;

    /// <summary>The best items for somebody.</summary>
    /// <exception cref="ScoringException">The service refused the request; the message says why.</exception>
    public Task<ItemsAnswer> RecommendAsync(RecommendRequest request, CancellationToken cancellation = default) =>
        PostAsync<RecommendRequest, ItemsAnswer>("v1/recommend", request, cancellation);

    /// <summary>The best items for several, in the order of the requests.</summary>
    /// <exception cref="ScoringException">The service refused the request; the message says why.</exception>
    public async Task<IReadOnlyList<ItemsAnswer>> RecommendAsync(IReadOnlyList<RecommendRequest> requests, CancellationToken cancellation = default) =>
        (await PostAsync<Batch<RecommendRequest>, Responses>("v1/recommend", new(requests), cancellation).ConfigureAwait(false)).Items;

    /// <summary>Items like an item.</summary>
    /// <exception cref="ScoringException">The service refused the request; the message says why.</exception>
    public Task<ItemsAnswer> SimilarAsync(SimilarRequest request, CancellationToken cancellation = default) =>
        PostAsync<SimilarRequest, ItemsAnswer>("v1/similar", request, cancellation);

    /// <summary>Items by words.</summary>
    /// <exception cref="ScoringException">The service refused the request; the message says why.</exception>
    public Task<ItemsAnswer> SearchAsync(SearchRequest request, CancellationToken cancellation = default) =>
        PostAsync<SearchRequest, ItemsAnswer>("v1/search", request, cancellation);

    /// <summary>Scores of pairs, in their order.</summary>
    /// <exception cref="ScoringException">The service refused the request; the message says why.</exception>
    public async Task<IReadOnlyList<PairAnswer>> PredictAsync(IReadOnlyList<PairRequest> pairs, CancellationToken cancellation = default) =>
        (await PostAsync<Batch<PairRequest>, Predictions>("v1/predictions", new(pairs), cancellation).ConfigureAwait(false)).Pairs;

    /// <summary>The model's groups of users; none where it was trained without.</summary>
    /// <exception cref="ScoringException">The service refused the request; the message says why.</exception>
    public async Task<IReadOnlyList<UserGroup>> GroupsAsync(CancellationToken cancellation = default) =>
        (await SendAsync<Groups>(() => http.GetAsync(new Uri("v1/groups", UriKind.Relative), cancellation), cancellation).ConfigureAwait(false)).All;

    /// <summary>Whether the service is ready.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellation = default)
    {
        try
        {
            using var response = await http.GetAsync(new Uri("v2/health/ready", UriKind.Relative), cancellation).ConfigureAwait(false);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (ownsHttp)
        {
            http.Dispose();
        }
    }

    private Task<TAnswer> PostAsync<TRequest, TAnswer>(string path, TRequest request, CancellationToken cancellation) =>
        SendAsync<TAnswer>(() => http.PostAsJsonAsync(new Uri(path, UriKind.Relative), request, Json, cancellation), cancellation);

    private async Task<TAnswer> SendAsync<TAnswer>(Func<Task<HttpResponseMessage>> send, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var response = await send().ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    return await response.Content.ReadFromJsonAsync<TAnswer>(Json, cancellation).ConfigureAwait(false)
                        ?? throw new ScoringException(response.StatusCode, "the service answered null");
                }

                if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) || attempt == Attempts)
                {
                    throw new ScoringException(response.StatusCode, await ReasonAsync(response, cancellation).ConfigureAwait(false));
                }

                await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), cancellation).ConfigureAwait(false);
            }
            catch (HttpRequestException error) when (attempt < Attempts && error.StatusCode is null)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50 * attempt), cancellation).ConfigureAwait(false);
            }
        }
    }

    private static async Task<string> ReasonAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            return (await response.Content.ReadFromJsonAsync<Refusal>(Json, cancellation).ConfigureAwait(false))?.Error ?? response.ReasonPhrase ?? "";
        }
        catch (JsonException)
        {
            return response.ReasonPhrase ?? "";
        }
    }

    private sealed record Batch<T>(IReadOnlyList<T> Requests);

    private sealed record Responses([property: System.Text.Json.Serialization.JsonPropertyName("responses")] IReadOnlyList<ItemsAnswer> Items);

    private sealed record Groups([property: System.Text.Json.Serialization.JsonPropertyName("groups")] IReadOnlyList<UserGroup> All);

    private sealed record Predictions([property: System.Text.Json.Serialization.JsonPropertyName("predictions")] IReadOnlyList<PairAnswer> Pairs);

    private sealed record Refusal(string? Error);
}
