namespace Pulumi;

/// <summary>
/// Counts all asynchronous work of a program. The program is complete when nothing is left: work that leads to
/// more work registers that before it ends.
/// </summary>
internal sealed class InFlightWork
{
    private readonly Lock _gate = new();
    private readonly List<Exception> _errors = [];
    private TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    /// <summary>Adds work.</summary>
    public void Add(Task task)
    {
        lock (_gate)
        {
            _count++;
            if (_settled.Task.IsCompleted && _errors.Count == 0)
            {
                _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
        task.ContinueWith(Finish, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Waits until no work is left or some has failed.</summary>
    /// <returns>All failures so far, each once, in the order of their time.</returns>
    public async Task<IReadOnlyList<Exception>> WhenSettledAsync()
    {
        Task settled;
        lock (_gate)
        {
            if (_count == 0 || _errors.Count > 0)
            {
                return TakeErrors();
            }
            settled = _settled.Task;
        }
        await settled.ConfigureAwait(false);
        lock (_gate)
        {
            return TakeErrors();
        }
    }

    // One failure reaches every output that depends on it: the same exception object counts once.
    private List<Exception> TakeErrors()
    {
        List<Exception> errors = [.. _errors.Distinct(ReferenceEqualityComparer.Instance).Cast<Exception>()];
        _errors.Clear();
        return errors;
    }

    private void Finish(Task task)
    {
        lock (_gate)
        {
            _count--;
            if (task.IsFaulted)
            {
                _errors.AddRange(task.Exception.InnerExceptions);
            }
            else if (task.IsCanceled)
            {
                _errors.Add(new TaskCanceledException(task));
            }
            if (_count == 0 || _errors.Count > 0)
            {
                _settled.TrySetResult();
            }
        }
    }
}
