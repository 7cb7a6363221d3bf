using System.Net.Http.Headers;
using System.Text.Json;

namespace Reco.Infra.Quota;

/// <summary>One quota of a region.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Used">Cores in use, by this stack or others.</param>
/// <param name="Limit">Most cores.</param>
internal sealed record UsedQuota(string Name, long Used, long Limit);

/// <summary>Reads the quotas of a subscription in a region (https://learn.microsoft.com/rest/api/compute/usage/list).</summary>
internal sealed class ComputeUsage(HttpClient http, AzureAccess access)
{
    private const string ApiVersion = "2024-07-01";
    private const int MostPages = 20;

    /// <summary>Every quota of the region, by name.</summary>
    /// <exception cref="AzureAccessException">Azure did not answer as it should.</exception>
    public async Task<IReadOnlyDictionary<string, UsedQuota>> ListAsync(string subscription, string location, string token, CancellationToken cancellation)
    {
        var found = new Dictionary<string, UsedQuota>(StringComparer.OrdinalIgnoreCase);
        var next = new Uri(access.Management, $"subscriptions/{Uri.EscapeDataString(subscription)}/providers/Microsoft.Compute/locations/{Uri.EscapeDataString(location)}/usages?api-version={ApiVersion}");
        for (var page = 0; next is not null && page < MostPages; page++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, next);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var answer = await SendAsync(http, request, "Azure Resource Manager", cancellation).ConfigureAwait(false);
            next = Read(answer.RootElement, found);
        }

        return found;
    }

    /// <summary>Sends a request and reads the answer; what goes wrong is said without what was sent.</summary>
    internal static async Task<JsonDocument> SendAsync(HttpClient http, HttpRequestMessage request, string who, CancellationToken cancellation)
    {
        try
        {
            using var response = await http.SendAsync(request, cancellation).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                throw new AzureAccessException($"{who} answered {(int)response.StatusCode}{Code(text)}");
            }

            return JsonDocument.Parse(text);
        }
        catch (HttpRequestException error)
        {
            throw new AzureAccessException($"{who} ({request.RequestUri?.Host}) cannot be reached", error);
        }
        catch (JsonException error)
        {
            throw new AzureAccessException($"{who} did not answer in JSON", error);
        }
    }

    private Uri? Read(JsonElement page, Dictionary<string, UsedQuota> found)
    {
        try
        {
            foreach (var item in page.GetProperty("value").EnumerateArray())
            {
                var name = item.GetProperty("name").GetProperty("value").GetString()!;
                found[name] = new UsedQuota(name, item.GetProperty("currentValue").GetInt64(), item.GetProperty("limit").GetInt64());
            }
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new AzureAccessException("Azure Resource Manager's list of usages does not have the form that it should have", error);
        }

        // The token goes to Resource Manager and to nobody else, whatever an answer says.
        return page.TryGetProperty("nextLink", out var link) && Uri.TryCreate(link.GetString(), UriKind.Absolute, out var next)
            && next.Authority == access.Management.Authority && next.Scheme == access.Management.Scheme ? next : null;
    }

    /// <summary>The code of an error of Resource Manager (<c>error.code</c>) or of Entra (<c>error</c>).</summary>
    private static string Code(string text)
    {
        try
        {
            using var answer = JsonDocument.Parse(text);
            var error = answer.RootElement.GetProperty("error");
            return $" ({(error.ValueKind == JsonValueKind.Object ? error.GetProperty("code") : error).GetString()})";
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "";
        }
    }
}
