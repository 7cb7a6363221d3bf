using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Reco.Engine.Planning;
using Reco.Engine.Values;
using Reco.Protocol;

namespace Reco.Engine.Protocol;

/// <summary>Hooks that programs have registered, called back over their callback servers.</summary>
internal sealed class ResourceHooks(CallbackClients callbacks) : IResourceHooks
{
    private readonly ConcurrentDictionary<string, RegisterResourceHookRequest> hooks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RegisterErrorHookRequest> errorHooks = new(StringComparer.Ordinal);

    /// <summary>The run; set before the address is given to anyone.</summary>
    public Deployment? Deployment { get; set; }

    /// <summary>Registers a hook.</summary>
    /// <exception cref="EngineException">It has no name, or one that is taken.</exception>
    public void Register(RegisterResourceHookRequest hook)
    {
        RequireName(hook.Name);
        if (errorHooks.ContainsKey(hook.Name) || !hooks.TryAdd(hook.Name, hook))
        {
            throw new EngineException($"A resource hook named '{hook.Name}' is registered already.", 4);
        }
    }

    /// <summary>Registers an error hook.</summary>
    /// <exception cref="EngineException">It has no name, or one that is taken.</exception>
    public void Register(RegisterErrorHookRequest hook)
    {
        RequireName(hook.Name);
        if (hooks.ContainsKey(hook.Name) || !errorHooks.TryAdd(hook.Name, hook))
        {
            throw new EngineException($"A resource hook named '{hook.Name}' is registered already.", 4);
        }
    }

    /// <inheritdoc/>
    public async Task RunAsync(string kind, string name, HookCall call, CancellationToken cancellation)
    {
        if (!hooks.TryGetValue(name, out var hook))
        {
            throw new EngineException($"The hook '{name}' of resource '{call.Subject.Urn}' was not registered; register it in the program as long as a resource has it.", 4);
        }

        if (Deployment!.Preview && !hook.OnDryRun)
        {
            return;
        }

        var request = new ResourceHookRequest
        {
            Urn = call.Subject.Urn,
            Id = call.Subject.Id,
            Name = Urn.Name(call.Subject.Urn),
            Type = call.Subject.Type,
            NewInputs = Encode(call.NewInputs),
            OldInputs = Encode(call.OldInputs),
            NewOutputs = Encode(call.NewOutputs),
            OldOutputs = Encode(call.OldOutputs),
        };
        var error = await CallAsync(async () => (await callbacks.InvokeAsync(hook.Callback, request, ResourceHookResponse.Parser, cancellation)).Error);
        if (error.Length == 0)
        {
            return;
        }

        if (!hook.IgnoreErrors)
        {
            throw new EngineException($"{(kind.StartsWith("Before", StringComparison.Ordinal) ? "before" : "after")} hook \"{name}\" failed: {error}", 4);
        }

        Deployment.Events.Diagnose("warning", $"{kind} hook \"{name}\" failed: {error}", call.Subject.Urn);
    }

    /// <inheritdoc/>
    public async Task<bool> ShouldRetryAsync(string name, HookCall call, string operation, IReadOnlyList<string> errors, CancellationToken cancellation)
    {
        if (!errorHooks.TryGetValue(name, out var hook))
        {
            throw new EngineException($"The error hook '{name}' of resource '{call.Subject.Urn}' was not registered.", 4);
        }

        var request = new ErrorHookRequest
        {
            Urn = call.Subject.Urn,
            Id = call.Subject.Id,
            Name = Urn.Name(call.Subject.Urn),
            Type = call.Subject.Type,
            NewInputs = Encode(call.NewInputs),
            OldInputs = Encode(call.OldInputs),
            OldOutputs = Encode(call.OldOutputs),
            FailedOperation = operation,
        };
        request.Errors.AddRange(errors);
        var retry = false;
        var error = await CallAsync(async () =>
        {
            var response = await callbacks.InvokeAsync(hook.Callback, request, ErrorHookResponse.Parser, cancellation);
            retry = response.Retry;
            return response.Error;
        });
        return error.Length == 0 ? retry : throw new EngineException($"error hook \"{name}\" failed: {error}", 4);
    }

    private static void RequireName(string name)
    {
        if (name.Length == 0)
        {
            throw new EngineException("A resource hook needs a name.", 4);
        }
    }

    private static Struct? Encode(PropertyMap? map) => map is null ? null : PropertyEncoder.Encode(map, MarshalOptions.All);

    private static async Task<string> CallAsync(Func<Task<string>> call)
    {
        try
        {
            return await call();
        }
        catch (RpcException error)
        {
            return error.Status.Detail.Length > 0 ? error.Status.Detail : error.StatusCode.ToString();
        }
    }
}
