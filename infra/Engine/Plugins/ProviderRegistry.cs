using System.Collections.Concurrent;
using Reco.Engine.Planning;
using Reco.Engine.State;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Plugins;

/// <summary>The providers of a run, by reference, and the operations on provider resources themselves.</summary>
/// <param name="factory">Starts providers.</param>
/// <param name="environment">What they are told.</param>
/// <param name="builtIn">The engine's own package <c>pulumi</c>.</param>
internal sealed class ProviderRegistry(IProviderFactory factory, ProviderEnvironment environment, ResourceProvider.ResourceProviderBase builtIn) : IAsyncDisposable
{
    /// <summary>Key of the inputs that are the engine's and not the provider's.</summary>
    public const string InternalKey = "__internal";

    private const string VersionKey = "version";

    private readonly ConcurrentDictionary<string, ProviderSession> byReference = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ProviderSession> checkedOnly = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> aliases = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<ProviderSession> all = [];

    /// <summary>The inputs that a provider gets to see.</summary>
    public static PropertyMap Configuration(PropertyMap inputs) => inputs.ContainsKey(InternalKey) ? inputs.Without(InternalKey) : inputs;

    /// <summary>Inputs of a provider resource for a package.</summary>
    /// <param name="inputs">Its configuration.</param>
    /// <param name="request">Version, download address and parameter go into the inputs, as Pulumi's engine puts them there.</param>
    public static PropertyMap WithRequest(PropertyMap inputs, ProviderRequest request)
    {
        var own = new Dictionary<string, PropertyValue>();
        if (inputs.TryGetValue(InternalKey, out var present) && present is PropertyValue.MapValue members)
        {
            own = members.Map.ToDictionary(entry => entry.Key, entry => entry.Value);
        }

        var touched = false;
        if (request.Version.Length > 0)
        {
            inputs = inputs.With(VersionKey, new PropertyValue.StringValue(request.Version));
            touched = true;
        }

        if (request.DownloadUrl.Length > 0)
        {
            own["pluginDownloadURL"] = new PropertyValue.StringValue(request.DownloadUrl);
            touched = true;
        }

        if (request.Parameter is { } parameter)
        {
            own["name"] = new PropertyValue.StringValue(request.Plugin);
            own[VersionKey] = new PropertyValue.StringValue(request.Version);
            own["parameterization"] = new PropertyValue.StringValue(Convert.ToBase64String(parameter.Value.Span));
            inputs = inputs.With(VersionKey, new PropertyValue.StringValue(parameter.Version));
            touched = true;
        }

        return touched ? inputs.With(InternalKey, new PropertyValue.MapValue(new PropertyMap(own))) : inputs;
    }

    /// <summary>The provider of a reference, where it is there already.</summary>
    public ProviderSession? Find(string reference) => byReference.GetValueOrDefault(reference);

    /// <summary>A provider that took over from one with another URN answers to both.</summary>
    public void RegisterAlias(string urn, string alias) => aliases[urn] = alias;

    /// <summary>Checks a provider resource.</summary>
    public async Task<CheckOutcome> CheckAsync(string urn, PropertyMap? olds, PropertyMap news, CancellationToken cancellation)
    {
        var session = await StartAsync(urn, news, cancellation);
        checkedOnly[urn] = session;
        var outcome = await session.CheckConfigAsync(urn, Configuration(olds ?? PropertyMap.Empty), Configuration(news), cancellation);
        if (outcome.Failures.Length > 0)
        {
            return outcome;
        }

        // These two are the engine's, whatever the provider makes of them.
        var inputs = outcome.Inputs;
        foreach (var key in (string[])[VersionKey, InternalKey])
        {
            if (news.TryGetValue(key, out var value))
            {
                inputs = inputs.With(key, value);
            }
        }

        return outcome with { Inputs = inputs };
    }

    /// <summary>Compares two configurations of a provider resource.</summary>
    public async Task<ResourceDiff> DiffAsync(ResourceState old, PropertyMap news, IEnumerable<string> ignoreChanges, CancellationToken cancellation)
    {
        var session = checkedOnly.GetValueOrDefault(old.Urn) ?? Find(new ProviderReference(old.Urn, old.Id).ToString()) ?? await StartAsync(old.Urn, old.Inputs, cancellation);
        return await DiffAsync(session, old, news, ignoreChanges, cancellation);
    }

    /// <summary>Compares the configurations of an old and a new provider resource, as the new one sees it.</summary>
    public async Task<ResourceDiff> DiffAsync(ProviderSession session, ResourceState old, PropertyMap news, IEnumerable<string> ignoreChanges, CancellationToken cancellation)
    {
        var configuration = Configuration(news);
        var diff = await session.DiffConfigAsync(old.Urn, Configuration(old.Inputs), old.Outputs, configuration, ignoreChanges, cancellation);
        return diff.Changed is not null
            ? diff
            : diff with { Changed = !PropertyDiffer.Same(Configuration(old.Inputs).Plain(), configuration.Plain()) };
    }

    /// <summary>Makes a provider resource: configures the provider under a new ID.</summary>
    public async Task<WriteOutcome> CreateAsync(string urn, PropertyMap inputs, bool preview, CancellationToken cancellation)
    {
        var session = checkedOnly.TryRemove(urn, out var found) ? found : await StartAsync(urn, inputs, cancellation);
        var told = session.NewId(preview);
        var id = preview ? ProviderReference.UnknownId : told;
        session.Configure(urn, told, Configuration(inputs), cancellation);
        Use(session, urn, id, inputs, cancellation);
        return new WriteOutcome(id, Configuration(inputs));
    }

    /// <summary>Changes a provider resource: configures the provider anew under its ID.</summary>
    public async Task<PropertyMap> UpdateAsync(ResourceState old, string urn, PropertyMap inputs, CancellationToken cancellation)
    {
        var session = checkedOnly.TryRemove(urn, out var found) ? found : await StartAsync(urn, inputs, cancellation);
        Use(session, urn, old.Id, inputs, cancellation);
        return Configuration(inputs);
    }

    /// <summary>Makes a provider resource of the state usable with the configuration that it has there.</summary>
    /// <param name="state">The resource, with its new URN.</param>
    /// <param name="configuration">Its inputs in the state.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task SameAsync(ResourceState state, PropertyMap configuration, CancellationToken cancellation)
    {
        if (Find(new ProviderReference(state.Urn, state.Id).ToString()) is not null)
        {
            return;
        }

        var session = checkedOnly.TryRemove(state.Urn, out var found) ? found : await StartAsync(state.Urn, configuration, cancellation);
        Use(session, state.Urn, state.Id, configuration, cancellation);
    }

    /// <summary>Tells of the providers of a state that resources use: what a run starts with it is going to want.</summary>
    public void Prepare(Snapshot state)
    {
        var used = state.Resources.Select(entry => entry.Provider).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in state.Resources.Where(entry => !entry.Delete && Urn.IsProviderType(entry.Type) && used.Contains(new ProviderReference(entry.Urn, entry.Id).ToString())))
        {
            var (request, _) = RequestOf(entry.Urn, entry.Inputs);
            if (request.Package != "pulumi")
            {
                factory.Prepare(request, environment);
            }
        }
    }

    /// <summary>Asks every provider to give up what it is doing.</summary>
    public Task CancelAsync(CancellationToken cancellation) => Task.WhenAll(all.Select(session => session.CancelAsync(cancellation)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (all.TryTake(out var session))
        {
            await session.DisposeAsync();
        }
    }

    private void Use(ProviderSession session, string urn, string id, PropertyMap inputs, CancellationToken cancellation)
    {
        session.Configure(urn, id, Configuration(inputs), cancellation);
        byReference[new ProviderReference(urn, id).ToString()] = session;
        if (aliases.TryGetValue(urn, out var alias))
        {
            byReference[new ProviderReference(alias, id).ToString()] = session;
        }
    }

    private async Task<ProviderSession> StartAsync(string urn, PropertyMap inputs, CancellationToken cancellation)
    {
        var type = Urn.Type(urn);
        var package = type[(type.LastIndexOf(':') + 1)..];
        ProviderSession session;
        if (package == "pulumi")
        {
            var provider = new InProcessProvider(builtIn);
            session = new ProviderSession(new StartedProvider(provider, await ProviderFactory.HandshakeAsync(provider, environment, null, cancellation)));
            all.Add(session);
            return session;
        }

        var (request, parameter) = RequestOf(urn, inputs);
        session = new ProviderSession(await factory.StartAsync(request, environment, cancellation));
        all.Add(session);
        if (parameter is not null)
        {
            await session.ParameterizeAsync(parameter, cancellation);
        }

        return session;
    }

    private static (ProviderRequest Request, ParameterizeRequest.Types.ParametersValue? Parameter) RequestOf(string urn, PropertyMap inputs)
    {
        var type = Urn.Type(urn);
        var package = type[(type.LastIndexOf(':') + 1)..];
        var own = inputs.TryGetValue(InternalKey, out var members) && members is PropertyValue.MapValue map ? map.Map : PropertyMap.Empty;
        var parameter = own.Text("parameterization") is { } value
            ? new ParameterizeRequest.Types.ParametersValue
            {
                Name = package,
                Version = inputs.Text(VersionKey) ?? "",
                Value = Google.Protobuf.ByteString.FromBase64(value),
            }
            : null;
        var request = new ProviderRequest
        {
            Urn = urn,
            Plugin = own.Text("name") ?? package,
            Version = (parameter is null ? inputs.Text(VersionKey) : own.Text(VersionKey)) ?? "",
            DownloadUrl = own.Text("pluginDownloadURL") ?? "",
            Parameter = parameter,
        };
        return (request, parameter);
    }
}
