using Grpc.Core;
using Reco.Engine.Tests.Support;
using Reco.Protocol;

namespace Reco.Engine.Tests.Lifecycle;

/// <summary>A generated program: registers its resources all at once, each as soon as those that it refers to are there.</summary>
internal static class LifecycleProgram
{
    /// <summary>The program of a round.</summary>
    public static Func<ProgramClient, Task> Of(Round round) => async client =>
    {
        try
        {
            await RegisterAllAsync(round, client);
        }
        catch (RpcException error) when (error.StatusCode is not (StatusCode.Unavailable or StatusCode.Cancelled))
        {
            throw new ProgramException(error.Status.Detail);
        }
    };

    private static async Task RegisterAllAsync(Round round, ProgramClient client)
    {
        await client.StackAsync();
        var order = round.Reversed ? round.Things.Reverse().ToList() : round.Things.ToList();
        var earlier = new Dictionary<int, (Thing Thing, Task<RegisterResourceResponse> Task)>();
        foreach (var thing in order)
        {
            var known = earlier.ToDictionary(entry => entry.Key, entry => entry.Value);
            earlier[thing.Slot] = (thing, RegisterAsync(client, thing, known));
        }

        await Task.WhenAll(earlier.Values.Select(entry => entry.Task));
        await client.OutputsAsync(client.StackUrn, new { done = true });
    }

    private static async Task<RegisterResourceResponse> RegisterAsync(ProgramClient client, Thing thing, Dictionary<int, (Thing Thing, Task<RegisterResourceResponse> Task)> earlier)
    {
        await Task.Yield();
        async Task<RegisterResourceResponse?> Of(int slot) => earlier.TryGetValue(slot, out var found) ? await found.Task : null;
        bool IsCustom(int slot) => earlier.TryGetValue(slot, out var found) && found.Thing.Kind == ThingKind.Custom;

        var depends = new List<string>();
        for (var slot = 0; slot < LifecycleGen.Slots; slot++)
        {
            if ((thing.DependsMask >> slot & 1) == 1 && earlier.TryGetValue(slot, out var found) && found.Thing.Kind != ThingKind.Provider)
            {
                depends.Add((await found.Task).Urn);
            }
        }

        var parent = earlier.TryGetValue(thing.Parent, out var above) && above.Thing.Kind != ThingKind.Provider ? (await above.Task).Urn : "";
        var inputs = new Dictionary<string, object?>();
        var properties = new Dictionary<string, string>();
        if (thing.Kind != ThingKind.Component)
        {
            inputs["size"] = thing.Size;
            inputs["replace"] = thing.Replace;
        }

        if (thing.Kind == ThingKind.Custom && IsCustom(thing.InputFrom) && await Of(thing.InputFrom) is { } source)
        {
            // Odd slots are replaced with what they take their input from.
            var key = thing.Slot % 2 == 1 ? "replaceWhen" : "from";
            inputs[key] = source.Id.Length > 0 ? source.Id : Values.PropertyValue.Unknown;
            properties[key] = source.Urn;
            depends.Add(source.Urn);
        }

        var container = thing.Kind == ThingKind.Custom && IsCustom(thing.DeletedWith) ? await Of(thing.DeletedWith) : null;
        if (container is not null)
        {
            inputs["in"] = container.Id.Length > 0 ? container.Id : Values.PropertyValue.Unknown;
            properties["in"] = container.Urn;
            depends.Add(container.Urn);
        }

        var provider = thing.Kind == ThingKind.Custom ? await Of(thing.Provider) : null;
        var response = await client.RegisterAsync(
            thing.Kind switch { ThingKind.Component => "my:index:Component", ThingKind.Provider => "pulumi:providers:test", _ => "test:index:Thing" },
            thing.Name,
            inputs,
            custom: thing.Kind != ThingKind.Component,
            parent: parent,
            dependsOn: depends.Distinct(),
            options: request =>
            {
                request.Protect = thing.Protect;
                request.RetainOnDelete = thing.Retain;
                request.AliasSpecs = true;
                request.Aliases.Add(new Alias { Spec = new Alias.Types.Spec { Name = thing.NameOf(!thing.Renamed) } });
                request.SupportsPartialValues = true;
                if (thing.DeleteBeforeReplace is { } early)
                {
                    request.DeleteBeforeReplace = early;
                    request.DeleteBeforeReplaceDefined = true;
                }

                if (thing.IgnoreSize)
                {
                    request.IgnoreChanges.Add("size");
                }

                if (provider is not null)
                {
                    request.Provider = $"{provider.Urn}::{(provider.Id.Length > 0 ? provider.Id : Values.Signatures.UnknownString)}";
                }

                if (container is not null)
                {
                    request.DeletedWith = container.Urn;
                }

                foreach (var (key, urn) in properties)
                {
                    request.PropertyDependencies[key] = new RegisterResourceRequest.Types.PropertyDependencies { Urns = { urn } };
                }
            });
        if (thing.Kind == ThingKind.Component)
        {
            await client.OutputsAsync(response.Urn, new { size = thing.Size });
        }

        return response;
    }
}
