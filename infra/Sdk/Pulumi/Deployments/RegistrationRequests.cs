using Pulumi.Serialization;
using Reco.Protocol;

namespace Pulumi;

/// <summary>Makes the requests that register and read resources.</summary>
/// <param name="deployment">The run.</param>
internal sealed class RegistrationRequests(DeploymentCore deployment)
{
    /// <summary>The request that registers a resource.</summary>
    public async Task<RegisterResourceRequest> RegisterAsync(
        Resource resource, ResourceArgs args, ResourceOptions options, RegisterPackageRequest? package)
    {
        if (options.DeletedWith is not null)
        {
            await deployment.Features.RequireAsync("deletedWith", "the option DeletedWith").ConfigureAwait(false);
        }
        var parts = await PrepareAsync(resource, args, options).ConfigureAwait(false);
        var request = new RegisterResourceRequest
        {
            Type = resource.GetResourceType(),
            Name = resource.GetResourceName(),
            Parent = parts.Parent,
            Custom = resource is CustomResource,
            Remote = resource.IsRemote,
            Object = parts.Bag.Fields,
            Provider = parts.Provider,
            Version = options.Version ?? "",
            PluginDownloadURL = options.PluginDownloadURL ?? "",
            AcceptSecrets = true,
            AcceptResources = true,
            SupportsResultReporting = true,
            Hooks = new(),
            CustomTimeouts = options.CustomTimeouts?.ToProtocol(),
            PackageRef = await deployment.Packages.ResolveAsync(package).ConfigureAwait(false),
            DeletedWith = options.DeletedWith is { } owner ? await owner.Urn.GetValueAsync(whenUnknown: "").ConfigureAwait(false) : "",
        };
        request.Dependencies.AddRange(parts.Dependencies);
        foreach (var (property, resources) in parts.Bag.Dependencies)
        {
            var urns = await ResourceGraph.ExpandToUrnsAsync(resources).ConfigureAwait(false);
            request.PropertyDependencies.Add(property, new() { Urns = { urns } });
        }
        if (options.Protect is { } protect)
        {
            request.Protect = protect;
        }
        if (options.RetainOnDelete is { } retain)
        {
            request.RetainOnDelete = retain;
        }
        request.IgnoreChanges.AddRange(options.IgnoreChanges);
        request.HideDiffs.AddRange(options.HideDiffs);
        if (options is CustomResourceOptions custom)
        {
            request.ImportId = custom.ImportId ?? "";
            request.DeleteBeforeReplace = custom.DeleteBeforeReplace ?? false;
            request.DeleteBeforeReplaceDefined = custom.DeleteBeforeReplace is not null;
            request.AdditionalSecretOutputs.AddRange(custom.AdditionalSecretOutputs);
            request.ReplaceOnChanges.AddRange(custom.ReplaceOnChanges);
            request.EnvVarMappings.Add(custom.EnvVarMappings);
        }
        await AddAliasesAsync(request, resource).ConfigureAwait(false);
        await AddReplacementAsync(request, options).ConfigureAwait(false);
        await AddProvidersAsync(request, resource, options).ConfigureAwait(false);
        await AddTransformsAsync(request, options).ConfigureAwait(false);
        return request;
    }

    /// <summary>The request that reads a resource.</summary>
    public async Task<ReadResourceRequest> ReadAsync(
        Resource resource, string id, ResourceArgs args, ResourceOptions options, RegisterPackageRequest? package)
    {
        var parts = await PrepareAsync(resource, args, options).ConfigureAwait(false);
        return new ReadResourceRequest
        {
            Type = resource.GetResourceType(),
            Name = resource.GetResourceName(),
            Id = id,
            Parent = parts.Parent,
            Provider = parts.Provider,
            Properties = parts.Bag.Fields,
            Version = options.Version ?? "",
            PluginDownloadURL = options.PluginDownloadURL ?? "",
            AcceptSecrets = true,
            AcceptResources = true,
            PackageRef = await deployment.Packages.ResolveAsync(package).ConfigureAwait(false),
            Dependencies = { parts.Dependencies },
            AdditionalSecretOutputs = { (options as CustomResourceOptions)?.AdditionalSecretOutputs ?? [] },
        };
    }

    private async Task<Parts> PrepareAsync(Resource resource, ResourceArgs args, ResourceOptions options)
    {
        var dependencies = await ResolveAsync(options.DependsOn).ConfigureAwait(false);
        var references = await deployment.Features.ResourceReferences.ConfigureAwait(false);
        var mode = new SerializationMode(
            references,
            KeepOutputs: resource.IsRemote && await deployment.Features.OutputValues.ConfigureAwait(false),
            // A component provider must see which inputs are plain references, and which depend on a resource's outputs.
            IgnoreReferences: resource.IsRemote && references);
        var bag = await PropertyBag.SerializeAsync(
            resource.GetResourceName(), args.ToDictionary(), mode, Constants.Id, Constants.Urn).ConfigureAwait(false);
        var parent = options.Parent ?? (resource is Stack ? null : deployment.Stack);
        return new(
            bag,
            parent is null ? "" : await parent.Urn.GetValueAsync(whenUnknown: "").ConfigureAwait(false),
            resource.Provider is { } provider ? await provider.GetReferenceAsync().ConfigureAwait(false) : "",
            await ResourceGraph.ExpandToUrnsAsync(dependencies.Concat(bag.Dependencies.Values.SelectMany(d => d))).ConfigureAwait(false));
    }

    private async Task AddAliasesAsync(RegisterResourceRequest request, Resource resource)
    {
        if (await deployment.Features.AliasSpecs.ConfigureAwait(false))
        {
            request.Aliases.AddRange(await AliasResolver.ToSpecsAsync(resource).ConfigureAwait(false));
        }
        else
        {
            request.AliasURNs.AddRange(await AliasResolver.ToUrnsAsync(resource).ConfigureAwait(false));
        }
    }

    private async Task AddReplacementAsync(RegisterResourceRequest request, ResourceOptions options)
    {
        var resources = await ResolveAsync(options.ReplaceWith).ConfigureAwait(false);
        foreach (var resource in resources)
        {
            await deployment.Features.RequireAsync("replaceWith", "the option ReplaceWith").ConfigureAwait(false);
            if (await resource.Urn.GetValueAsync(whenUnknown: "").ConfigureAwait(false) is { Length: > 0 } urn)
            {
                request.ReplaceWith.Add(urn);
            }
        }
        if (options.ReplacementTrigger is { } trigger)
        {
            var mode = new SerializationMode(await deployment.Features.ResourceReferences.ConfigureAwait(false));
            request.ReplacementTrigger = await new PropertySerializer(mode)
                .SerializeAsync($"{request.Name}.replacementTrigger", trigger).ConfigureAwait(false)
                ?? Google.Protobuf.WellKnownTypes.Value.ForNull();
        }
    }

    private static async Task AddProvidersAsync(RegisterResourceRequest request, Resource resource, ResourceOptions options)
    {
        if (!resource.IsRemote || options is not ComponentResourceOptions component)
        {
            return;
        }
        foreach (var provider in component.Providers.Concat(component.Provider is { } single ? [single] : []))
        {
            request.Providers[provider.Package] = await provider.GetReferenceAsync().ConfigureAwait(false);
        }
    }

    private async Task AddTransformsAsync(RegisterResourceRequest request, ResourceOptions options)
    {
        foreach (var transform in options.ResourceTransforms)
        {
            await deployment.Features.RequireAsync("transforms", "the option ResourceTransforms").ConfigureAwait(false);
            request.Transforms.Add(await deployment.Callbacks.AddAsync(TransformCallbacks.Wrap(transform)).ConfigureAwait(false));
        }
    }

    private static async Task<IEnumerable<Resource>> ResolveAsync(InputList<Resource> resources)
    {
        var values = await resources.ToOutput().GetValueAsync(whenUnknown: []).ConfigureAwait(false);
        return values.IsDefault ? [] : values.Where(resource => resource is not null);
    }

    private sealed record Parts(PropertyBag Bag, string Parent, string Provider, SortedSet<string> Dependencies);
}
