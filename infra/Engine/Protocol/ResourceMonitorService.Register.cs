using System.Collections.Concurrent;
using System.Collections.Immutable;
using Grpc.Core;
using Reco.Engine.Planning;
using Reco.Engine.Plugins;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Protocol;

/// <content>Registering resources.</content>
internal sealed partial class ResourceMonitorService
{
    private readonly ConcurrentDictionary<string, Goal> goals = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IDictionary<string, string>> componentProviders = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte> unresolved = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override Task<RegisterResourceResponse> RegisterResource(RegisterResourceRequest request, ServerCallContext context) => GuardResource(request.Parent, request.Type, request.Name, async () =>
    {
        if (request.Custom || request.Remote)
        {
            RequireTypeToken(request.Type);
        }

        InheritFromParent(request);
        var registration = RegistrationRequest.From(request, ResolveProvider(request), Run.AssetDirectory);
        registration = await TransformAsync(request, registration, context.CancellationToken);
        registration.RequireUrns();
        InheritProviders(request, registration.Options);
        var provider = "";
        var package = PackageOf(request.Type, registration.Options.Version, registration.Options.PluginDownloadUrl, request.PackageRef);
        if ((request.Custom && !Urn.IsProviderType(request.Type)) || request.Remote)
        {
            provider = await ProviderReferenceAsync(registration.Options.Provider, package);
        }
        else if (!request.Custom)
        {
            provider = "";
        }

        if (request.Remote)
        {
            return await ConstructAsync(request, registration, provider, package, context.CancellationToken);
        }

        var inputs = registration.Inputs.WithoutOutputs();
        if (Urn.IsProviderType(request.Type))
        {
            var providerPackage = request.Type["pulumi:providers:".Length..];
            inputs = ProviderRegistry.WithRequest(
                inputs,
                request.PackageRef.Length > 0 ? package : package with { Plugin = providerPackage, Version = registration.Options.Version, DownloadUrl = registration.Options.PluginDownloadUrl });
        }

        var goal = registration.ToGoal(request, inputs, provider, Run.Deployment.Options.ProjectDirectory);
        var result = await Run.Registrar.RegisterAsync(goal);
        if (result.Result != RegistrationResult.Success && !request.SupportsResultReporting)
        {
            throw new RpcException(new Status(StatusCode.Internal, "resource registration failed"));
        }

        Settle(request, result, goal, registration);
        return Response(request, result);
    });

    private void InheritFromParent(RegisterResourceRequest request)
    {
        if (request.Parent.Length == 0 || !goals.TryGetValue(request.Parent, out var parent))
        {
            return;
        }

        if (request.DeletedWith.Length == 0)
        {
            request.DeletedWith = parent.DeletedWith;
        }

        if (!request.HasProtect && parent.Protect is { } protect)
        {
            request.Protect = protect;
        }

        if (!request.HasRetainOnDelete && parent.RetainOnDelete is { } retain)
        {
            request.RetainOnDelete = retain;
        }

        if (request.Provider.Length == 0 && ProviderReference.TryParse(parent.Provider, out var provider)
            && (request.Custom || request.Remote)
            && Urn.Type(provider.Urn)["pulumi:providers:".Length..] == request.Type.Split(':')[0])
        {
            request.Provider = parent.Provider;
        }
    }

    private string ResolveProvider(RegisterResourceRequest request)
    {
        if (request.Provider.Length > 0 || !(request.Custom || request.Remote))
        {
            return request.Provider;
        }

        return ResolveProvider(request.Type, request.Providers, request.Parent);
    }

    private string ResolveProvider(string type, IDictionary<string, string> providers, string parent)
    {
        var package = type.Split(':')[0];
        if (providers.TryGetValue(package, out var named))
        {
            return named;
        }

        return parent.Length > 0 && componentProviders.TryGetValue(parent, out var inherited) && inherited.TryGetValue(package, out var provider) ? provider : "";
    }

    private void InheritProviders(RegisterResourceRequest request, TransformResourceOptions options)
    {
        if (!request.Custom && request.Parent.Length > 0 && componentProviders.TryGetValue(request.Parent, out var inherited))
        {
            foreach (var (package, provider) in inherited)
            {
                options.Providers.TryAdd(package, provider);
            }
        }
    }

    private void Settle(RegisterResourceRequest request, Registration result, Goal? goal, RegistrationRequest registration)
    {
        var urn = result.State.Urn;
        if (goal is not null)
        {
            goals[urn] = goal;
        }

        parents[urn] = request.Parent;
        if (registration.OwnTransforms.Length > 0)
        {
            resourceTransforms[urn] = registration.OwnTransforms;
        }

        if (!request.Custom)
        {
            componentProviders[urn] = registration.Options.Providers;
        }

        MarkResolved(urn, request.Custom && result.State.Id.Length == 0);
    }

    // A function that depends on a resource (or on anything inside a component) which has no ID yet cannot be called.
    private void MarkResolved(string urn, bool isUnresolved)
    {
        for (var at = urn; isUnresolved && at.Length > 0; at = parents.GetValueOrDefault(at, ""))
        {
            unresolved[at] = 0;
        }
    }

    private static RegisterResourceResponse Response(RegisterResourceRequest request, Registration result)
    {
        var outputs = request.Custom ? result.State.Outputs : PropertyMap.Empty;
        if (!request.SupportsPartialValues && outputs.ContainsUnknowns())
        {
            outputs = new PropertyMap(outputs.Where(output => !output.Value.ContainsUnknowns()));
        }

        return new RegisterResourceResponse
        {
            Urn = result.State.Urn,
            Id = result.State.Id,
            Object = PropertyEncoder.Encode(outputs, new MarshalOptions { KeepUnknowns = true, KeepSecrets = request.AcceptSecrets, KeepResources = request.AcceptResources }),
            Result = result.Result switch
            {
                RegistrationResult.Failed => Result.Fail,
                RegistrationResult.Skipped => Result.Skip,
                _ => Result.Success,
            },
            Unknown = result.Unknown,
        };
    }

    private async Task<RegisterResourceResponse> ConstructAsync(
        RegisterResourceRequest request, RegistrationRequest registration, string provider, ProviderRequest package, CancellationToken cancellation)
    {
        var session = await Run.Deployment.EnsureProviderAsync(provider, request.Name);
        var construct = registration.ToConstruct(request, Run);
        foreach (var (name, reference) in registration.Options.Providers)
        {
            construct.Providers[name] = await ProviderReferenceAsync(reference, package);
        }

        ConstructResponse? response;
        using (Run.Deployment.Control.Enter())
        {
            try
            {
                response = await session.ConstructAsync(construct, registration.Inputs, cancellation);
            }
            catch (ProviderFailure error) when (!Run.Deployment.Control.Stopping.IsCancellationRequested)
            {
                Run.Deployment.Fatal(request.Parent, $"{request.Type} component '{request.Name}' could not be made: {error.Message}");
                throw new RunStoppedException();
            }
        }

        if (response is null)
        {
            // Its provider is not configured yet (a preview): all that can be shown is that there will be a component.
            var placeholder = await Run.Registrar.RegisterAsync(new Goal { Type = request.Type, Name = request.Name, Parent = request.Parent });
            Settle(request, placeholder, null, registration);
            return new RegisterResourceResponse { Urn = placeholder.State.Urn };
        }

        var outputs = PropertyDecoder.Decode(response.State, MarshalOptions.All);
        Settle(request, new Registration(new State.ResourceState { Urn = response.Urn, Type = request.Type }), null, registration);
        var result = new RegisterResourceResponse
        {
            Urn = response.Urn,
            Object = PropertyEncoder.Encode(outputs.WithoutOutputs(), new MarshalOptions { KeepUnknowns = true, KeepSecrets = request.AcceptSecrets, KeepResources = request.AcceptResources }),
        };
        foreach (var (name, value) in outputs)
        {
            var dependencies = new RegisterResourceResponse.Types.PropertyDependencies();
            var known = response.StateDependencies.TryGetValue(name, out var given) ? given.Urns : [];
            dependencies.Urns.AddRange(known.Concat(value.OutputDependencies()).Distinct(StringComparer.Ordinal));
            result.PropertyDependencies[name] = dependencies;
        }

        return result;
    }
}
