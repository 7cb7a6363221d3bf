using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Pulumi.Serialization;
using Reco.Protocol;

namespace Pulumi;

/// <summary>Calls functions of providers and methods of components.</summary>
/// <param name="deployment">The run.</param>
internal sealed class FunctionCaller(DeploymentCore deployment)
{
    private readonly Lock _gate = new();
    private Task _transforms = Task.CompletedTask;

    /// <summary>Registers a transform; calls that come later wait for that.</summary>
    public void AddTransform(InvokeTransform transform)
    {
        async Task Register(Task before)
        {
            await before.ConfigureAwait(false);
            await deployment.Features.RequireAsync("invokeTransforms", "transforms of function calls").ConfigureAwait(false);
            var callback = await deployment.Callbacks.AddAsync(TransformCallbacks.Wrap(transform)).ConfigureAwait(false);
            await deployment.Monitor.RegisterInvokeTransformAsync(callback).ConfigureAwait(false);
        }
        lock (_gate)
        {
            _transforms = Register(_transforms);
            deployment.Runner.RegisterTask(_transforms);
        }
    }

    /// <summary>Calls a function with arguments that may be outputs; the result is unknown if one of them is.</summary>
    public async Task<OutputData<T>> InvokeAsync<T>(string token, InvokeArgs? args, InvokeOptions? options, RegisterPackageRequest? package)
    {
        var bag = await SerializeAsync(token, args).ConfigureAwait(false);
        var explicitly = options is InvokeOutputOptions { DependsOn: { } dependsOn }
            ? await dependsOn.ToOutput().GetValueAsync(whenUnknown: []).ConfigureAwait(false) : [];
        var dependencies = bag.Dependencies.Values.SelectMany(d => d).Concat(explicitly).ToImmutableHashSet();
        var unknown = OutputData.Unknown(default(T)!) with { Resources = dependencies };
        if (bag.Fields.Fields.Values.Any(PropertySerializer.ContainsUnknowns))
        {
            return unknown;
        }
        // A function may read what its dependencies make: it has nothing to read before they exist.
        foreach (var resource in ResourceGraph.Expand(dependencies).OfType<CustomResource>().Where(r => r is not DependencyResource))
        {
            if (!(await resource.Id.DataTask.ConfigureAwait(false)).IsKnown)
            {
                return unknown;
            }
        }
        var answer = await SendAsync(token, bag, options, package).ConfigureAwait(false);
        if (answer.Unknown)
        {
            return unknown;
        }
        var data = ValueConverter.Convert<T>(m => deployment.Warn(m), token, Value.ForStruct(answer.Return ?? new()));
        return data with { Resources = data.Resources.Union(dependencies) };
    }

    /// <summary>Calls a function with plain arguments.</summary>
    public async Task<T> InvokePlainAsync<T>(string token, InvokeArgs? args, InvokeOptions? options, RegisterPackageRequest? package)
    {
        var bag = await SerializeAsync(token, args).ConfigureAwait(false);
        var answer = await SendAsync(token, bag, options, package).ConfigureAwait(false);
        return ValueConverter.Convert<T>(m => deployment.Warn(m), token, Value.ForStruct(answer.Return ?? new())).Value;
    }

    /// <summary>Calls a method of a component.</summary>
    public async Task<OutputData<T>> CallAsync<T>(
        string token, CallArgs? args, Resource? self, CallOptions? options, RegisterPackageRequest? package)
    {
        var properties = (args ?? CallArgs.Empty).ToDictionary();
        var provider = options?.Provider ?? options?.Parent?.ProviderFor(token);
        if (self is not null)
        {
            properties = properties.SetItem("__self__", self);
            provider ??= self.Provider ?? self.ProviderFor(token);
        }
        var mode = new SerializationMode(
            await deployment.Features.ResourceReferences.ConfigureAwait(false),
            await deployment.Features.OutputValues.ConfigureAwait(false),
            IgnoreReferences: true);
        var bag = await PropertyBag.SerializeAsync(token, properties, mode).ConfigureAwait(false);
        var request = new ResourceCallRequest
        {
            Tok = token,
            Args = bag.Fields,
            Provider = provider is null ? "" : await provider.GetReferenceAsync().ConfigureAwait(false),
            Version = options?.Version ?? self?.Version ?? "",
            PluginDownloadURL = options?.PluginDownloadURL ?? self?.PluginDownloadUrl ?? "",
            PackageRef = await deployment.Packages.ResolveAsync(package).ConfigureAwait(false),
        };
        foreach (var (name, resources) in bag.Dependencies)
        {
            var urns = await ResourceGraph.ExpandToUrnsAsync(resources).ConfigureAwait(false);
            request.ArgDependencies.Add(name, new() { Urns = { urns } });
        }
        var answer = await deployment.Monitor.CallAsync(request).ConfigureAwait(false);
        ThrowIfFailed("Call", token, answer.Failures);
        var data = ValueConverter.Convert<T>(m => deployment.Warn(m, self), token, Value.ForStruct(answer.Return ?? new()));
        return data with
        {
            Resources = [.. answer.ReturnDependencies.Values.SelectMany(d => d.Urns).Distinct().Select(urn => new DependencyResource(urn))],
        };
    }

    private async Task<PropertyBag> SerializeAsync(string token, InvokeArgs? args)
        => await PropertyBag.SerializeAsync(
            token, (args ?? InvokeArgs.Empty).ToDictionary(),
            new SerializationMode(await deployment.Features.ResourceReferences.ConfigureAwait(false))).ConfigureAwait(false);

    private async Task<ResourceInvokeResponse> SendAsync(string token, PropertyBag bag, InvokeOptions? options, RegisterPackageRequest? package)
    {
        Task transforms;
        lock (_gate)
        {
            transforms = _transforms;
        }
        await transforms.ConfigureAwait(false);
        var provider = options?.Provider ?? options?.Parent?.ProviderFor(token);
        var answer = await deployment.Monitor.InvokeAsync(new ResourceInvokeRequest
        {
            Tok = token,
            Args = bag.Fields,
            Provider = provider is null ? "" : await provider.GetReferenceAsync().ConfigureAwait(false),
            Version = options?.Version ?? "",
            PluginDownloadURL = options?.PluginDownloadURL ?? "",
            AcceptResources = true,
            PackageRef = await deployment.Packages.ResolveAsync(package).ConfigureAwait(false),
        }).ConfigureAwait(false);
        ThrowIfFailed("Invoke", token, answer.Failures);
        return answer;
    }

    private static void ThrowIfFailed(string kind, string token, IReadOnlyCollection<CheckFailure> failures)
    {
        if (failures.Count > 0)
        {
            var reasons = failures.Select(f => f.Property.Length > 0 ? $"{f.Reason} ({f.Property})" : f.Reason);
            throw new RunException($"{kind} of '{token}' failed: {string.Join("; ", reasons)}");
        }
    }
}
