using Reco.Protocol;
using Reco.Providers.Kubernetes.Objects;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Configuration;

/// <summary>Answers CheckConfig: says early what is wrong with the provider's arguments.</summary>
internal static class ProviderCheck
{
    /// <summary>The inputs as given, and the failures.</summary>
    public static CheckResponse Check(CheckRequest request)
    {
        var response = new CheckResponse { Inputs = request.News };
        var settings = WireReader.Read(request.News);
        if (settings.Text("renderYamlToDirectory") is { Length: > 0 })
        {
            Fail(response, "renderYamlToDirectory", "rendering YAML is not supported by this engine: use the official one");
        }

        if (settings.Text("strictMode") == "true")
        {
            foreach (var key in (string[])["kubeconfig", "context"])
            {
                if (settings[key] is null || settings.Text(key) == "")
                {
                    Fail(response, key, $"strict mode requires the provider's \"{key}\" argument");
                }
            }
        }

        return response;
    }

    private static void Fail(CheckResponse response, string property, string reason) =>
        response.Failures.Add(new CheckFailure { Property = property, Reason = reason });
}
