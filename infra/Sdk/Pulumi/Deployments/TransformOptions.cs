using Pulumi.Serialization;
using P = Reco.Protocol;

namespace Pulumi;

/// <summary>Options of resources as transforms see them, to and from the protocol.</summary>
internal static class TransformOptions
{
    /// <summary>Options of the resource that a transform gets.</summary>
    public static ResourceOptions FromProtocol(P.TransformRequest request)
    {
        var from = request.Options ?? new();
        ResourceOptions options = request.Custom
            ? new CustomResourceOptions
            {
                DeleteBeforeReplace = from.HasDeleteBeforeReplace ? from.DeleteBeforeReplace : null,
                AdditionalSecretOutputs = [.. from.AdditionalSecretOutputs],
                ImportId = NullIfEmpty(from.Import),
            }
            : new ComponentResourceOptions
            {
                Providers = [.. from.Providers.Values.Select(reference => new DependencyProviderResource(reference))],
            };
        options.Aliases = [.. from.Aliases.Select(alias => (Input<Alias>)Alias.FromProtocol(alias))];
        options.CustomTimeouts = from.CustomTimeouts is null ? null : CustomTimeouts.FromProtocol(from.CustomTimeouts);
        options.DeletedWith = from.DeletedWith.Length > 0 ? new DependencyResource(from.DeletedWith) : null;
        options.DependsOn = Resources(from.DependsOn);
        options.ReplaceWith = Resources(from.ReplaceWith);
        options.IgnoreChanges = [.. from.IgnoreChanges];
        options.HideDiffs = [.. from.HideDiff];
        options.ReplaceOnChanges = [.. from.ReplaceOnChanges];
        options.Parent = request.Parent.Length > 0 ? new DependencyResource(request.Parent) : null;
        options.PluginDownloadURL = NullIfEmpty(from.PluginDownloadUrl);
        options.Protect = from.HasProtect ? from.Protect : null;
        options.Provider = from.Provider.Length > 0 ? new DependencyProviderResource(from.Provider) : null;
        options.RetainOnDelete = from.HasRetainOnDelete ? from.RetainOnDelete : null;
        options.Version = NullIfEmpty(from.Version);
        if (from.ReplacementTrigger is { } trigger && PropertyDeserializer.Deserialize(trigger) is { Value: { } value })
        {
            options.ReplacementTrigger = value;
        }
        return options;
    }

    /// <summary>Options that a transform gave; what the SDK cannot express stays as it was.</summary>
    public static async Task<P.TransformResourceOptions> ToProtocolAsync(ResourceOptions options, P.TransformResourceOptions? before)
    {
        var to = new P.TransformResourceOptions
        {
            CustomTimeouts = options.CustomTimeouts?.ToProtocol(),
            DeletedWith = options.DeletedWith is { } owner ? await UrnAsync(owner).ConfigureAwait(false) : "",
            PluginDownloadUrl = options.PluginDownloadURL ?? "",
            Provider = options.Provider is { } provider ? await provider.GetReferenceAsync().ConfigureAwait(false) : "",
            Version = options.Version ?? "",
            Hooks = before?.Hooks,
            IgnoreChanges = { options.IgnoreChanges },
            HideDiff = { options.HideDiffs },
            ReplaceOnChanges = { options.ReplaceOnChanges },
            DependsOn = { await UrnsAsync(options.DependsOn).ConfigureAwait(false) },
            ReplaceWith = { await UrnsAsync(options.ReplaceWith).ConfigureAwait(false) },
        };
        if (before is not null)
        {
            to.PluginChecksums.Add(before.PluginChecksums);
        }
        if (options.Protect is { } protect)
        {
            to.Protect = protect;
        }
        if (options.RetainOnDelete is { } retain)
        {
            to.RetainOnDelete = retain;
        }
        foreach (var alias in options.Aliases)
        {
            var data = await alias.ToOutput().DataTask.ConfigureAwait(false);
            if (data is { IsKnown: true, Value: { } known })
            {
                to.Aliases.Add(await known.ToProtocolAsync().ConfigureAwait(false));
            }
        }
        if (options.ReplacementTrigger is { } trigger)
        {
            to.ReplacementTrigger = await new PropertySerializer(new(KeepResources: true)).SerializeAsync("replacementTrigger", trigger).ConfigureAwait(false);
        }
        if (options is CustomResourceOptions custom)
        {
            to.AdditionalSecretOutputs.AddRange(custom.AdditionalSecretOutputs);
            to.Import = custom.ImportId ?? "";
            if (custom.DeleteBeforeReplace is { } deleteFirst)
            {
                to.DeleteBeforeReplace = deleteFirst;
            }
        }
        else if (options is ComponentResourceOptions component)
        {
            foreach (var own in component.Providers)
            {
                to.Providers[own.Package] = await own.GetReferenceAsync().ConfigureAwait(false);
            }
        }
        return to;
    }

    private static InputList<Resource> Resources(IEnumerable<string> urns)
        => urns.Select(Resource (urn) => new DependencyResource(urn)).ToArray();

    private static async Task<IEnumerable<string>> UrnsAsync(InputList<Resource> resources)
        => await ResourceGraph.ExpandToUrnsAsync(await resources.ToOutput().GetValueAsync(whenUnknown: []).ConfigureAwait(false)).ConfigureAwait(false);

    private static Task<string> UrnAsync(Resource resource) => resource.Urn.GetValueAsync(whenUnknown: "");

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
