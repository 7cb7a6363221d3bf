using System.Collections.Concurrent;
using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Protocol;

/// <content>Transforms: the program's own changes to registrations and function calls.</content>
internal sealed partial class ResourceMonitorService
{
    private readonly ConcurrentDictionary<string, string> parents = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableArray<Callback>> resourceTransforms = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableArray<Callback>> pendingTransforms = new(StringComparer.Ordinal);
    private ImmutableList<Callback> stackTransforms = [];
    private ImmutableList<Callback> invokeTransforms = [];

    /// <inheritdoc/>
    public override Task<Empty> RegisterStackTransform(Callback request, ServerCallContext context)
    {
        ImmutableInterlocked.Update(ref stackTransforms, list => list.Add(request));
        return Task.FromResult(new Empty());
    }

    /// <inheritdoc/>
    public override Task<Empty> RegisterStackInvokeTransform(Callback request, ServerCallContext context)
    {
        ImmutableInterlocked.Update(ref invokeTransforms, list => list.Add(request));
        return Task.FromResult(new Empty());
    }

    /// <summary>Applies the resource's own transforms, then those of its parents from the inside out, then the stack's.</summary>
    private async Task<RegistrationRequest> TransformAsync(RegisterResourceRequest request, RegistrationRequest registration, CancellationToken cancellation)
    {
        // A remote component is registered twice: by the program, with its transforms, and by its provider, without.
        var key = $"{request.Parent}::{request.Type}::{request.Name}";
        ImmutableArray<Callback> own = pendingTransforms.TryRemove(key, out var pending) ? pending : [.. request.Transforms];
        if (request.Remote && own.Length > 0)
        {
            pendingTransforms[key] = own;
        }

        var all = own.ToList();
        for (var parent = request.Parent; parent.Length > 0; parent = parents.GetValueOrDefault(parent, ""))
        {
            if (resourceTransforms.TryGetValue(parent, out var inherited))
            {
                all.AddRange(inherited);
            }
        }

        all.AddRange(stackTransforms);
        registration = registration with { OwnTransforms = own };
        if (all.Count == 0)
        {
            return registration.WithDependencies(rebuilt: false);
        }

        // A resource's own transforms see each input with what it depends on, and dependencies follow the values. With
        // transforms of parents and of the stack alone, inputs are as they were sent, and dependencies are kept.
        var follows = request.Transforms.Count > 0;
        var inputs = follows
            ? new PropertyMap(registration.Inputs.Select(input => KeyValuePair.Create(
                input.Key, AsOutput(input.Value, registration.PropertyDependencies.GetValueOrDefault(input.Key, [])))))
            : registration.Inputs;
        var options = registration.Options;
        foreach (var callback in all)
        {
            var response = await TransformAsync(
                callback,
                new TransformRequest
                {
                    Type = request.Type,
                    Name = request.Name,
                    Custom = request.Custom,
                    Parent = request.Parent,
                    Properties = PropertyEncoder.Encode(inputs, MarshalOptions.All),
                    Options = options,
                },
                cancellation);
            options = response.Options ?? options;
            inputs = response.Properties is null ? inputs : PropertyDecoder.Decode(response.Properties, MarshalOptions.All with { AssetDirectory = Run.AssetDirectory });
        }

        return (registration with { Inputs = inputs, Options = options }).WithDependencies(follows);
    }

    private async Task<TransformResponse> TransformAsync(Callback callback, TransformRequest request, CancellationToken cancellation)
    {
        try
        {
            return await callbacks.InvokeAsync(callback, request, TransformResponse.Parser, cancellation);
        }
        catch (RpcException error) when (!Run.Deployment.Control.Stopping.IsCancellationRequested)
        {
            throw new EngineException($"A transform of this resource failed: {error.Status.Detail}", 4);
        }
    }

    private async Task<(PropertyMap Args, TransformInvokeOptions Options)> TransformInvokeAsync(string token, PropertyMap args, TransformInvokeOptions options, CancellationToken cancellation)
    {
        foreach (var callback in invokeTransforms)
        {
            var response = await callbacks.InvokeAsync(
                callback,
                new TransformInvokeRequest { Token = token, Args = PropertyEncoder.Encode(args, MarshalOptions.All), Options = options },
                TransformInvokeResponse.Parser,
                cancellation);
            options = response.Options ?? options;
            args = response.Args is null ? args : PropertyDecoder.Decode(response.Args, MarshalOptions.All);
        }

        return (args.WithoutOutputs(), options);
    }

    private static PropertyValue AsOutput(PropertyValue value, ImmutableArray<string> dependencies)
    {
        if (!dependencies.Except(value.OutputDependencies(), StringComparer.Ordinal).Any())
        {
            return value;
        }

        return value switch
        {
            PropertyValue.OutputValue output => output with { Dependencies = [.. output.Dependencies.Concat(dependencies).Distinct(StringComparer.Ordinal)] },
            PropertyValue.SecretValue secret => new PropertyValue.OutputValue(secret.Element is PropertyValue.ComputedValue ? null : secret.Element, true, dependencies),
            PropertyValue.ComputedValue => new PropertyValue.OutputValue(null, false, dependencies),
            _ => new PropertyValue.OutputValue(value, false, dependencies),
        };
    }
}
