using System.Reflection;
using Grpc.Core;
using Reco.Protocol;

namespace Pulumi;

/// <summary>Runs a program to its end, and turns failures into messages and an exit code.</summary>
/// <param name="deployment">The deployment that the program belongs to.</param>
internal sealed class DeploymentRunner(DeploymentCore deployment)
{
    /// <summary>Exit code of a program that has told the user what is wrong: the language host then adds nothing.</summary>
    public const int ErrorsWereLogged = 32;

    private readonly InFlightWork _work = new();

    /// <summary>Makes the program wait for a task, and fail if it fails.</summary>
    public void RegisterTask(Task task) => _work.Add(task);

    /// <summary>Runs a program whose resources a stack class makes.</summary>
    public Task<int> RunAsync<TStack>(Func<TStack> create)
        where TStack : Stack
        => RunAsync(() => create().RegisterPropertyOutputs());

    /// <summary>Runs a program whose resources a function makes, and whose outputs it gives.</summary>
    public Task<int> RunAsync(Func<Task<IDictionary<string, object?>>> program, StackOptions? options)
        => RunAsync(() => { _ = new Stack(program, options); });

    private async Task<int> RunAsync(Action program)
    {
        IReadOnlyList<Exception> errors;
        try
        {
            program();
            errors = await _work.WhenSettledAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            errors = [e];
        }
        if (errors.Count == 0 && !deployment.Logger.LoggedErrors)
        {
            try
            {
                await deployment.Monitor.SignalAndWaitForShutdownAsync().ConfigureAwait(false);
            }
            catch (RpcException e)
            {
                errors = [e];
            }
        }
        if (errors.Count > 0)
        {
            return await ReportAsync(errors).ConfigureAwait(false);
        }
        return deployment.Logger.LoggedErrors ? 1 : 0;
    }

    private async Task<int> ReportAsync(IReadOnlyList<Exception> errors)
    {
        var told = false;
        foreach (var error in errors.SelectMany(Flatten))
        {
            told |= await TryReportAsync(error).ConfigureAwait(false);
        }
        // Set as well as returned: a program may forget to return what RunAsync gives.
        return Environment.ExitCode = told ? ErrorsWereLogged : 1;
    }

    private static IEnumerable<Exception> Flatten(Exception error)
        => error is AggregateException many ? many.Flatten().InnerExceptions : [error];

    private async Task<bool> TryReportAsync(Exception error)
    {
        var (message, resource) = error switch
        {
            LogException => (null, null),
            RunException => (error.Message, null),
            ResourceException e => (e.HideStack ? e.Message : e.ToString(), e.Resource),
            // The engine is stopping and has told the user why: this is only how the program gets to know.
            RpcException { StatusCode: StatusCode.Unavailable or StatusCode.Cancelled } => ("", null),
            RpcException e => (e.Status.Detail, null),
            _ => ($"Program '{Assembly.GetEntryAssembly()?.GetName().Name}' ended with an exception that it does not handle:\n{error}", (Resource?)null),
        };
        if (message is null)
        {
            await Console.Error.WriteLineAsync(error.Message).ConfigureAwait(false);
            return false;
        }
        if (message.Length > 0)
        {
            try
            {
                await deployment.Logger.LogAsync(LogSeverity.Error, message, resource).ConfigureAwait(false);
            }
            catch (LogException)
            {
                // Nobody else would ever hear of it.
                await Console.Error.WriteLineAsync(message).ConfigureAwait(false);
                return false;
            }
        }
        return true;
    }
}
