using Reco.Engine.Events;
using Reco.Engine.Plugins;

namespace Reco.Engine.Planning;

/// <content>Hooks around steps.</content>
internal sealed partial class StepExecutor
{
    private const int MostTries = 100;

    /// <summary>Runs the hooks of a kind; one that fails makes the step fail.</summary>
    private Task BeforeAsync(StepInfo step, string kind, HookCall call) => call.Subject.Hooks.ContainsKey(kind)
        ? Guard(step, null, () => Run(RunHooksAsync(kind, call)))
        : Task.CompletedTask;

    /// <summary>Runs the hooks of a kind after what they are about has happened: one that fails makes the run fail and lets
    /// nothing new start (but with <c>--continue-on-error</c>), but what has happened stays on record.</summary>
    private async Task AfterAsync(string kind, HookCall call)
    {
        if (!call.Subject.Hooks.ContainsKey(kind))
        {
            return;
        }

        try
        {
            await RunHooksAsync(kind, call);
        }
        catch (EngineException error)
        {
            deployment.Events.Diagnose("error", error.Message, call.Subject.Urn);
            if (!deployment.Options.ContinueOnError)
            {
                deployment.Control.Stop();
            }
        }
    }

    /// <summary>Runs an operation of a provider, again as long as it fails and an error hook asks for that.</summary>
    private async Task<T> RetryAsync<T>(HookCall call, string operation, Func<Task<T>> body)
    {
        if (deployment.Hooks is not { } hooks || !call.Subject.Hooks.TryGetValue(HookKinds.OnError, out var names))
        {
            return await body();
        }

        var errors = new List<string>();
        while (true)
        {
            try
            {
                return await body();
            }
            catch (Exception error) when (error is ProviderFailure or EngineException && errors.Count < MostTries)
            {
                errors.Insert(0, error.Message);
                var retry = false;
                foreach (var name in names)
                {
                    retry |= await hooks.ShouldRetryAsync(name, call, operation, errors, CancellationToken.None);
                }

                if (!retry || deployment.Control.Stopping.IsCancellationRequested)
                {
                    throw;
                }

                deployment.Events.Diagnose("warning", $"retrying {operation} due to on-error hook request ({errors.Count}/{MostTries})", call.Subject.Urn);
            }
        }
    }

    private async Task RunHooksAsync(string kind, HookCall call)
    {
        foreach (var name in call.Subject.Hooks[kind])
        {
            if (deployment.Hooks is not { } hooks)
            {
                throw new EngineException($"Resource '{call.Subject.Urn}' has the hook '{name}', but no program runs that registers it.", 4);
            }

            await hooks.RunAsync(kind, name, call, CancellationToken.None);
        }
    }
}
