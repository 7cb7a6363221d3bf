using System.Net.Http.Json;

namespace Reco.Benchmarks.Serving;

/// <summary>Versions of the generated bundle that take over from one another while the service has load.</summary>
/// <param name="service">The service, which serves the first of them.</param>
/// <param name="versions">The versions, which take turns.</param>
internal sealed class VersionTurns(ServerProcess service, string[] versions)
{
    /// <summary>Loads the next version again and again.</summary>
    /// <param name="every">Time between two turns.</param>
    /// <param name="unload">Whether the one before is unloaded.</param>
    /// <param name="end">Ends it.</param>
    /// <returns>Number of turns.</returns>
    public async Task<int> RunAsync(TimeSpan every, bool unload, CancellationToken end)
    {
        var turns = 0;
        while (await WaitAsync(every, end))
        {
            await PostAsync("load", versions[(turns + 1) % versions.Length]);
            if (unload)
            {
                await PostAsync("unload", versions[turns % versions.Length]);
            }

            turns++;
        }

        return turns;
    }

    /// <summary>Waits; false where it ended meanwhile.</summary>
    public static async Task<bool> WaitAsync(TimeSpan time, CancellationToken end)
    {
        try
        {
            await Task.Delay(time, end);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task PostAsync(string verb, string version)
    {
        using var response = await service.Client.PostAsJsonAsync($"/v2/repository/models/{GeneratedBundle.Name}/{verb}", new { parameters = new { version } }, CancellationToken.None);
        response.EnsureSuccessStatusCode();
    }
}
