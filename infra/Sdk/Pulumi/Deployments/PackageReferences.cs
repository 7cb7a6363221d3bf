using System.Collections.Concurrent;
using Google.Protobuf;
using P = Reco.Protocol;

namespace Pulumi;

/// <summary>Names packages to the engine, each once.</summary>
/// <param name="monitor">The engine.</param>
/// <param name="features">Its abilities.</param>
internal sealed class PackageReferences(IMonitor monitor, MonitorFeatures features)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _references = new();

    /// <summary>The engine's reference to a package; empty for none.</summary>
    public Task<string> ResolveAsync(RegisterPackageRequest? package)
    {
        if (package is null)
        {
            return Task.FromResult("");
        }
        var request = new P.RegisterPackageRequest
        {
            Name = package.Name,
            Version = package.Version,
            DownloadUrl = package.DownloadUrl,
            Parameterization = Convert(package.Parameterization),
            Extension = Convert(package.Extension),
        };
        foreach (var (platform, checksum) in package.Checksums)
        {
            request.Checksums.Add(platform, ByteString.CopyFrom(checksum));
        }
        return _references.GetOrAdd(request.ToByteString().ToBase64(), _ => new(() => RegisterAsync(request))).Value;
    }

    private async Task<string> RegisterAsync(P.RegisterPackageRequest request)
    {
        await features.RequireAsync("parameterization", "packages with parameters").ConfigureAwait(false);
        return await monitor.RegisterPackageAsync(request).ConfigureAwait(false);
    }

    private static P.Parameterization? Convert(RegisterPackageRequest.PackageParameterization? parameterization)
        => parameterization is null ? null : new P.Parameterization
        {
            Name = parameterization.Name,
            Version = parameterization.Version,
            Value = ByteString.CopyFrom(parameterization.Value),
        };
}
