using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Reco.Infra.Quota;

/// <summary>Gets a token for Azure Resource Manager with whatever the surroundings have, in this order: OIDC of a pipeline,
/// workload identity of a pod, a service principal's secret, the login of the Azure CLI.</summary>
internal sealed class AzureToken(HttpClient http, AzureAccess access)
{
    private const string Assertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private const string Audience = "api://AzureADTokenExchange";

    /// <summary>A token; null where nobody is logged in.</summary>
    /// <exception cref="AzureAccessException">There are credentials, but they were refused.</exception>
    public async Task<string?> GetAsync(CancellationToken cancellation)
    {
        var client = access.Text("ARM_CLIENT_ID") ?? access.Text("AZURE_CLIENT_ID");
        var tenant = access.Text("ARM_TENANT_ID") ?? access.Text("AZURE_TENANT_ID");
        if (client is not null && tenant is not null)
        {
            if (await OwnAssertionAsync(cancellation).ConfigureAwait(false) is { } assertion)
            {
                return await ExchangeAsync(tenant, new() { ["client_id"] = client, ["client_assertion_type"] = Assertion, ["client_assertion"] = assertion }, cancellation).ConfigureAwait(false);
            }

            if ((access.Text("ARM_CLIENT_SECRET") ?? access.Text("AZURE_CLIENT_SECRET")) is { } secret)
            {
                return await ExchangeAsync(tenant, new() { ["client_id"] = client, ["client_secret"] = secret }, cancellation).ConfigureAwait(false);
            }
        }

        return await OfCommandLineAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>What a pipeline or a cluster says of this process, signed; null where neither says anything.</summary>
    private async Task<string?> OwnAssertionAsync(CancellationToken cancellation)
    {
        if (access.Text("ARM_OIDC_TOKEN") is { } given)
        {
            return given;
        }

        if ((access.Text("ARM_OIDC_TOKEN_FILE_PATH") ?? access.Text("AZURE_FEDERATED_TOKEN_FILE")) is { } file)
        {
            try
            {
                return (await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false)).Trim();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new AzureAccessException($"the token file {file} cannot be read: {error.Message}", error);
            }
        }

        var url = access.Text("ARM_OIDC_REQUEST_URL") ?? access.Text("ACTIONS_ID_TOKEN_REQUEST_URL");
        var right = access.Text("ARM_OIDC_REQUEST_TOKEN") ?? access.Text("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
        if (url is null || right is null)
        {
            return null;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, $"{url}{(url.Contains('?', StringComparison.Ordinal) ? '&' : '?')}audience={Uri.EscapeDataString(Audience)}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", right);
        using var answer = await ComputeUsage.SendAsync(http, request, "the pipeline's OIDC provider", cancellation).ConfigureAwait(false);
        return Member(answer, "value") ?? throw new AzureAccessException("the pipeline's OIDC provider answered without a token");
    }

    private async Task<string> ExchangeAsync(string tenant, Dictionary<string, string> form, CancellationToken cancellation)
    {
        form["grant_type"] = "client_credentials";
        form["scope"] = "https://management.azure.com/.default";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(access.Authority, $"{Uri.EscapeDataString(tenant)}/oauth2/v2.0/token")) { Content = new FormUrlEncodedContent(form) };
        using var answer = await ComputeUsage.SendAsync(http, request, "Entra", cancellation).ConfigureAwait(false);
        return Member(answer, "access_token") ?? throw new AzureAccessException("Entra answered without a token");
    }

    /// <summary>The token of who has run <c>az login</c>; null where the command is not there or nobody has.</summary>
    private async Task<string?> OfCommandLineAsync(CancellationToken cancellation)
    {
        var command = (access.Text("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "az.cmd" : "az")).FirstOrDefault(File.Exists);
        if (command is null)
        {
            return null;
        }

        var start = new ProcessStartInfo(command, ["account", "get-access-token", "--resource", "https://management.azure.com/", "--output", "json", "--only-show-errors"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new AzureAccessException($"{command} cannot be run: {error.Message}", error);
        }

        try
        {
            process.StandardInput.Close();
            var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            await error.ConfigureAwait(false);
            var text = await output.ConfigureAwait(false);
            if (process.ExitCode != 0)
            {
                return null;
            }

            using var answer = JsonDocument.Parse(text);
            return Member(answer, "accessToken");
        }
        catch (JsonException error)
        {
            throw new AzureAccessException("az account get-access-token did not answer in JSON", error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string? Member(JsonDocument answer, string name) =>
        answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
