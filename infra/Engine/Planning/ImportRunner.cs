using System.Collections.Immutable;
using Reco.Engine.Plugins;
using Reco.Engine.State;
using Reco.Engine.Values;

namespace Reco.Engine.Planning;

/// <summary>A resource that exists and is to become part of the stack without a program that registers it.</summary>
public sealed record ImportSpec
{
    /// <summary>Type token.</summary>
    public required string Type { get; init; }

    /// <summary>What other resources of the import call it.</summary>
    public required string Name { get; init; }

    /// <summary>Its name in the URN.</summary>
    public required string LogicalName { get; init; }

    /// <summary>The provider's ID of it; empty for a component.</summary>
    public string Id { get; init; } = "";

    /// <summary>Name or URN of its parent; empty for the stack.</summary>
    public string Parent { get; init; } = "";

    /// <summary>Name or URN of its provider; empty for the default one.</summary>
    public string Provider { get; init; } = "";

    /// <summary>Version of the default provider, or empty.</summary>
    public string Version { get; init; } = "";

    /// <summary>Where the default provider's plugin is downloaded from, or empty.</summary>
    public string DownloadUrl { get; init; } = "";

    /// <summary>Names of the inputs to keep; all where there are none.</summary>
    public ImmutableArray<string> Properties { get; init; } = [];

    /// <summary>True for a component, of which there is nothing to read.</summary>
    public bool Component { get; init; }

    /// <summary>Refuses deletion.</summary>
    public bool Protect { get; init; }
}

/// <summary>Reads resources that exist from their providers, one after the other, and takes them into the state.</summary>
internal sealed class ImportRunner(Deployment deployment, StepExecutor steps, DefaultProviders defaults)
{
    private readonly Dictionary<string, string> urns = new(deployment.Options.ImportNames, StringComparer.Ordinal);

    /// <summary>Imports.</summary>
    /// <returns>False where something failed, which has been told.</returns>
    public async Task<bool> RunAsync()
    {
        var root = await RootAsync();
        foreach (var spec in deployment.Options.Imports)
        {
            try
            {
                await ImportAsync(spec, root);
            }
            catch (StepFailedException)
            {
                return false;
            }
            catch (EngineException error)
            {
                deployment.Events.Diagnose("error", $"{spec.Type} '{spec.LogicalName}': {error.Message}");
                return false;
            }
        }

        return true;
    }

    private async Task<string> RootAsync()
    {
        var (stack, project) = (deployment.Options.Stack, deployment.Options.Project);
        var urn = Urn.Create(stack, project, "", Urn.RootStackType, $"{project}-{stack}");
        if (!deployment.Olds.ContainsKey(urn))
        {
            await steps.CreateAsync(new ResourceState { Urn = urn, Type = Urn.RootStackType }, null, null, pendingDelete: false);
            await steps.OutputsAsync(urn, PropertyMap.Empty);
        }

        return urn;
    }

    private async Task ImportAsync(ImportSpec spec, string root)
    {
        var parent = spec.Parent.Length == 0 ? root : Resolve(spec.Parent, "parent");
        var urn = Urn.Create(deployment.Options.Stack, deployment.Options.Project, parent, spec.Type, spec.LogicalName);
        urns[spec.Name] = urn;
        if (Standing(urn) is { } standing)
        {
            if (standing.Id != spec.Id)
            {
                throw new EngineException($"the stack has it already, with the ID '{standing.Id}'; give another name, or run 'state delete' on '{urn}' first", 4);
            }

            deployment.Events.Diagnose("info", "The stack has it already; it is not imported again.", urn);
            return;
        }

        var planned = new ResourceState { Urn = urn, Type = spec.Type, Custom = !spec.Component, Parent = parent, Protect = spec.Protect, ImportId = spec.Id };
        if (spec.Component)
        {
            await steps.CreateAsync(planned, null, null, pendingDelete: false);
            await steps.OutputsAsync(urn, PropertyMap.Empty);
            return;
        }

        await steps.ImportAsync(planned with { Provider = await ProviderAsync(spec) }, null, spec.Properties);
    }

    private async Task<string> ProviderAsync(ImportSpec spec)
    {
        if (spec.Provider.Length > 0)
        {
            var urn = Resolve(spec.Provider, "provider");
            return Standing(urn) is { } provider && Urn.IsProviderType(provider.Type) ? new ProviderReference(urn, provider.Id).ToString()
                : throw new EngineException($"'{urn}' is no provider of the stack", 4);
        }

        var package = spec.Type.Split(':')[0];

        // The default provider that the package's other resources have, so that an update finds nothing to change.
        var present = deployment.Olds.Values.LastOrDefault(entry => entry.Type == $"pulumi:providers:{package}" && Urn.IsDefaultProvider(entry.Urn));
        return spec.Version.Length == 0 && spec.DownloadUrl.Length == 0 && present is not null
            ? new ProviderReference(present.Urn, present.Id).ToString()
            : await defaults.GetAsync(new ProviderRequest { Plugin = package, Version = spec.Version, DownloadUrl = spec.DownloadUrl });
    }

    private string Resolve(string name, string what)
    {
        var urn = Urn.IsValid(name) ? name : urns.GetValueOrDefault(name, "");
        return Standing(urn) is not null ? urn : throw new EngineException($"its {what} '{name}' is not in the stack and not imported before it", 4);
    }

    private ResourceState? Standing(string urn) => deployment.News.GetValueOrDefault(urn) ?? deployment.Olds.GetValueOrDefault(urn);
}
