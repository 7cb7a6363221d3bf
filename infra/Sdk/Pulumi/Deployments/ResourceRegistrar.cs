using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Pulumi.Serialization;
using Reco.Protocol;

namespace Pulumi;

/// <summary>Registers resources with the engine, and gives them what it answers.</summary>
/// <param name="deployment">The run.</param>
internal sealed class ResourceRegistrar(DeploymentCore deployment)
{
    private readonly RegistrationRequests _requests = new(deployment);

    /// <summary>Registers or reads a resource in the background; the program ends only after that.</summary>
    public void Start(Resource resource, ResourceArgs args, ResourceOptions options, RegisterPackageRequest? package)
        => deployment.Runner.RegisterTask(CompleteAsync(resource, args, options, package));

    /// <summary>Reports a component's outputs in the background; the program ends only after that.</summary>
    public void StartOutputs(Resource resource, Output<IDictionary<string, object?>> outputs)
        => deployment.Runner.RegisterTask(ReportOutputsAsync(resource, outputs));

    private async Task CompleteAsync(Resource resource, ResourceArgs args, ResourceOptions options, RegisterPackageRequest? package)
    {
        var slots = resource.OutputSlots;
        try
        {
            var answer = await AskAsync(resource, args, options, package).ConfigureAwait(false);
            slots[Constants.Urn].Set(OutputData.Plain<object?>(answer.Urn));
            if (slots.TryGetValue(Constants.Id, out var id))
            {
                id.Set(OutputData.Plain<object?>(answer.Id) with { IsKnown = answer.Id.Length > 0 });
            }
            // One by one, since each has its own secretness: a secret property must not make the others secret.
            foreach (var (name, slot) in slots)
            {
                if (answer.State.Fields.TryGetValue(name, out var value) && name is not (Constants.Urn or Constants.Id))
                {
                    var data = ValueConverter.Convert(m => deployment.Warn(m, resource), $"{resource.GetResourceType()}.{name}", value, slot.Type);
                    slot.Set(data with { Resources = data.Resources.Union(answer.Dependencies.GetValueOrDefault(name, [])) });
                }
            }
            foreach (var slot in slots.Values)
            {
                // The provider sent no value: in a preview, or if the resource was skipped, it may still come.
                slot.SetDefault(isKnown: !deployment.Settings.IsDryRun && answer.Succeeded);
            }
        }
        catch (Exception e)
        {
            // Whoever waits for an output must hear of it, else the program would wait for ever.
            foreach (var slot in slots.Values)
            {
                slot.Fail(e);
            }
            throw;
        }
    }

    private async Task<Answer> AskAsync(Resource resource, ResourceArgs args, ResourceOptions options, RegisterPackageRequest? package)
    {
        if (options.Urn is not null)
        {
            return await GetAsync(options.Urn).ConfigureAwait(false);
        }
        var id = options.Id is null ? "" : await options.Id.ToOutput().GetValueAsync(whenUnknown: "").ConfigureAwait(false);
        if (!string.IsNullOrEmpty(id))
        {
            if (resource is not CustomResource)
            {
                throw new ArgumentException($"Component '{resource.GetResourceName()}' has the option Id; only resources of a provider can be read by id.");
            }
            var read = await deployment.Monitor.ReadResourceAsync(
                resource, await _requests.ReadAsync(resource, id, args, options, package).ConfigureAwait(false)).ConfigureAwait(false);
            return new(read.Urn, id, read.Properties ?? new());
        }
        var answer = await deployment.Monitor.RegisterResourceAsync(
            resource, await _requests.RegisterAsync(resource, args, options, package).ConfigureAwait(false)).ConfigureAwait(false);
        return new(answer.Urn, answer.Id, answer.Object ?? new())
        {
            Succeeded = answer.Result == Result.Success,
            Dependencies = answer.PropertyDependencies.ToImmutableDictionary(
                p => p.Key, p => p.Value.Urns.Select(Resource (urn) => new DependencyResource(urn)).ToImmutableHashSet()),
        };
    }

    // A resource that is in the stack already, made by another program or a component provider.
    private async Task<Answer> GetAsync(string urn)
    {
        var request = new ResourceInvokeRequest { Tok = "pulumi:pulumi:getResource", Args = new(), AcceptResources = true };
        request.Args.Fields["urn"] = Value.ForString(urn);
        var answer = await deployment.Monitor.InvokeAsync(request).ConfigureAwait(false);
        if (answer.Failures.Count > 0)
        {
            throw new RunException($"Resource '{urn}' cannot be read: {string.Join("; ", answer.Failures.Select(f => f.Reason))}");
        }
        var fields = answer.Return.Fields;
        return new(
            fields["urn"].StringValue,
            fields.TryGetValue("id", out var id) ? id.StringValue : "",
            fields.TryGetValue("state", out var state) ? state.StructValue : new());
    }

    private async Task ReportOutputsAsync(Resource resource, Output<IDictionary<string, object?>> outputs)
    {
        var urn = await resource.Urn.GetValueAsync(whenUnknown: "").ConfigureAwait(false);
        var values = await outputs.GetValueAsync(whenUnknown: ImmutableDictionary<string, object?>.Empty).ConfigureAwait(false);
        var mode = new SerializationMode(await deployment.Features.ResourceReferences.ConfigureAwait(false));
        var bag = await PropertyBag.SerializeAsync($"outputs of {resource.GetResourceName()}", values, mode).ConfigureAwait(false);
        await deployment.Monitor.RegisterResourceOutputsAsync(new() { Urn = urn, Outputs = bag.Fields }).ConfigureAwait(false);
    }

    private sealed record Answer(string Urn, string Id, Struct State)
    {
        public bool Succeeded { get; init; } = true;

        public ImmutableDictionary<string, ImmutableHashSet<Resource>> Dependencies { get; init; }
            = ImmutableDictionary<string, ImmutableHashSet<Resource>>.Empty;
    }
}
