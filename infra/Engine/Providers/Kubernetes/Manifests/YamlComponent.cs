using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Reco.Protocol;
using Reco.Providers.Kubernetes.Helm;
using Reco.Providers.Kubernetes.Objects;
using Reco.Providers.Kubernetes.Wire;

namespace Reco.Providers.Kubernetes.Manifests;

/// <summary>Components that the provider makes itself: <c>yaml/v2</c>'s ConfigFile and ConfigGroup register the objects of their
/// manifests; charts and Kustomize folders are shown in previews and refused in updates.</summary>
internal sealed class YamlComponent(ConstructRequest request, string? defaultNamespace, Func<LogRequest, Task> log)
{
    private const string File = "kubernetes:yaml/v2:ConfigFile";
    private const string Group = "kubernetes:yaml/v2:ConfigGroup";

    /// <summary>Makes the component.</summary>
    /// <exception cref="RpcException">This engine does not make it.</exception>
    public async Task<ConstructResponse> RunAsync(CancellationToken cancellationToken)
    {
        var isManifest = request.Type is File or Group;
        if (!isManifest && !request.DryRun)
        {
            throw new RpcException(new Status(StatusCode.Unimplemented, $"{request.Type} {request.Name}: {HelmRelease.Advice}"));
        }

        var inputs = WireReader.Read(request.Inputs);
        var objects = isManifest ? Objects(inputs).ToList() : [];
        using var channel = GrpcChannel.ForAddress(request.MonitorEndpoint.Contains("://", StringComparison.Ordinal) ? request.MonitorEndpoint : $"http://{request.MonitorEndpoint}");
        var monitor = new ResourceMonitor.ResourceMonitorClient(channel);
        var component = await monitor.RegisterResourceAsync(
            new RegisterResourceRequest { Type = request.Type, Name = request.Name, Parent = request.Parent, Custom = false, Object = request.Inputs, AcceptSecrets = true }, cancellationToken: cancellationToken).ResponseAsync.ConfigureAwait(false);
        if (!isManifest)
        {
            await log(new LogRequest { Severity = LogSeverity.Warning, Urn = component.Urn, Message = $"what {request.Name} holds is not shown: {HelmRelease.Advice}" }).ConfigureAwait(false);
        }

        var prefix = inputs.Text("resourcePrefix") is { Length: > 0 } given ? given : request.Name;
        await Task.WhenAll(objects.Select(value => RegisterAsync(monitor, component.Urn, prefix, value, cancellationToken))).ConfigureAwait(false);
        await monitor.RegisterResourceOutputsAsync(new RegisterResourceOutputsRequest { Urn = component.Urn, Outputs = new Struct() }, cancellationToken: cancellationToken).ResponseAsync.ConfigureAwait(false);
        return new ConstructResponse { Urn = component.Urn, State = new Struct() };
    }

    private IEnumerable<JsonObject> Objects(JsonObject inputs)
    {
        var skipAwait = inputs.Flag("skipAwait");
        var texts = new List<string>();
        if (inputs.Text("yaml") is { Length: > 0 } yaml)
        {
            texts.Add(yaml);
        }

        string[] files = [.. new[] { inputs.Text("file") }.OfType<string>(), .. (inputs["files"] as JsonArray)?.Select(file => file.Text()).OfType<string>() ?? []];
        texts.AddRange(files.SelectMany(Expand).Select(Read));
        foreach (var value in texts.SelectMany(text => YamlDecoder.Objects(text, defaultNamespace)).Concat(inputs.Items("objs").Select(item => item.Copy())))
        {
            if (skipAwait)
            {
                value.SetAnnotation(Annotations.SkipAwait, "true");
            }

            yield return value;
        }
    }

    private static IEnumerable<string> Expand(string pattern)
    {
        if (pattern.Contains("://", StringComparison.Ordinal))
        {
            throw new FormatException($"{pattern}: remote manifests are not fetched by this engine: save the file in the project.");
        }

        if (pattern.AsSpan().IndexOfAny('*', '?') < 0)
        {
            return [pattern];
        }

        var folder = Path.GetDirectoryName(pattern) is { Length: > 0 } named ? named : ".";
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, Path.GetFileName(pattern)).Order(StringComparer.Ordinal) : throw new FormatException($"{pattern}: the folder {folder} is not there.");
    }

    private static string Read(string file)
    {
        try
        {
            return System.IO.File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{file}: {error.Message}");
        }
    }

    private async Task RegisterAsync(ResourceMonitor.ResourceMonitorClient monitor, string parent, string prefix, JsonObject value, CancellationToken cancellationToken)
    {
        var kind = value.Gvk() ?? throw new FormatException("an object has no apiVersion or kind.");
        var id = value.Namespace().Length > 0 ? $"{value.Namespace()}/{value.Name()}" : value.Name();
        var registration = new RegisterResourceRequest
        {
            Type = $"kubernetes:{(kind.Group.Length == 0 ? "core" : kind.Group)}/{kind.Version}:{kind.Kind}",
            Name = $"{prefix}:{id}",
            Parent = parent,
            Custom = true,
            Object = WireWriter.Write(value),
            AcceptSecrets = true,
            AcceptResources = true,
        };
        if (request.Providers.TryGetValue("kubernetes", out var provider))
        {
            registration.Provider = provider;
        }

        registration.Dependencies.AddRange(request.Dependencies);
        await monitor.RegisterResourceAsync(registration, cancellationToken: cancellationToken).ResponseAsync.ConfigureAwait(false);
    }
}
