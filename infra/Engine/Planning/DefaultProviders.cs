using System.Collections.Concurrent;
using System.Text.Json;
using Reco.Engine.Plugins;
using Reco.Engine.Values;

namespace Reco.Engine.Planning;

/// <summary>Registers a provider for each package and version that the program uses without naming one.</summary>
internal sealed class DefaultProviders(Deployment deployment, ResourceRegistrar registrar)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> references = new(StringComparer.Ordinal);

    /// <summary>Reference of the default provider.</summary>
    /// <exception cref="EngineException">The stack's configuration disables it.</exception>
    public Task<string> GetAsync(ProviderRequest request)
    {
        RequireEnabled(request.Package);
        var key = $"{request.Package}|{request.Parameter?.Version ?? request.Version}|{request.DownloadUrl}";
        return references.GetOrAdd(key, _ => new Lazy<Task<string>>(() => RegisterAsync(request))).Value;
    }

    private async Task<string> RegisterAsync(ProviderRequest request)
    {
        // Dynamic providers are the program's own code: they see the whole configuration under full keys.
        var isDynamic = request.Package is "pulumi-nodejs" or "pulumi-python";
        var configuration = new List<KeyValuePair<string, PropertyValue>>();
        foreach (var (key, text) in deployment.Options.Config)
        {
            var colon = key.IndexOf(':', StringComparison.Ordinal);
            if (isDynamic || (colon > 0 && key[..colon] == request.Package))
            {
                PropertyValue value = new PropertyValue.StringValue(text);
                configuration.Add(new(isDynamic ? key : key[(colon + 1)..], deployment.Options.ConfigSecretKeys.Contains(key) ? value.AsSecret() : value));
            }
        }

        var registration = await registrar.RegisterAsync(new Goal
        {
            Type = $"pulumi:providers:{request.Package}",
            Name = request.DefaultName,
            Custom = true,
            Inputs = ProviderRegistry.WithRequest(new PropertyMap(configuration), request),
        });
        return registration.Result == RegistrationResult.Success
            ? new ProviderReference(registration.State.Urn, registration.State.Id).ToString()
            : throw new EngineException($"The default provider of package '{request.Package}' could not be set up.", 4);
    }

    private void RequireEnabled(string package)
    {
        const string Key = "pulumi:disable-default-providers";
        if (package == "pulumi" || !deployment.Options.Config.TryGetValue(Key, out var json) || json.Length == 0)
        {
            return;
        }

        try
        {
            if (JsonSerializer.Deserialize<string[]>(json)!.Select(name => name.Trim()).Any(name => name == "*" || name == package))
            {
                throw new EngineException($"The default provider for '{package}' is disabled ({Key}). Give the resource or function an explicit provider.", 4);
            }
        }
        catch (JsonException)
        {
            throw new EngineException($"Configuration '{Key}' is not a JSON list of package names: {json}", 2);
        }
    }
}
