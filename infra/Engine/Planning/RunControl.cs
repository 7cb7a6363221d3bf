namespace Reco.Engine.Planning;

/// <summary>Starting and stopping of a run's parallel work: how many operations run at once, whether new ones may start,
/// and when everything that was started has come to its end.</summary>
internal sealed class RunControl : IDisposable
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim? slots;
    private int flows;
    private bool closed;
    private TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes a control for so many operations at once; zero or less for no limit.</summary>
    public RunControl(int parallel) => slots = parallel > 0 ? new SemaphoreSlim(parallel) : null;

    /// <summary>Set once nothing new may start.</summary>
    public CancellationToken Stopping => stopping.Token;

    /// <summary>Lets nothing new start. What runs goes on to its end.</summary>
    public void Stop()
    {
        lock (gate)
        {
            if (!stopping.IsCancellationRequested)
            {
                // Callbacks run elsewhere: they may take this lock.
                _ = stopping.CancelAsync();
            }
        }
    }

    /// <summary>Throws where nothing new may start.</summary>
    public void ThrowIfStopping()
    {
        if (stopping.IsCancellationRequested)
        {
            throw new RunStoppedException();
        }
    }

    /// <summary>Waits for one of the slots for provider operations.</summary>
    public async Task<Slot> SlotAsync()
    {
        ThrowIfStopping();
        if (slots is not null)
        {
            try
            {
                await slots.WaitAsync(stopping.Token);
            }
            catch (OperationCanceledException)
            {
                throw new RunStoppedException();
            }
        }

        return new Slot(slots);
    }

    /// <summary>Registers a piece of work that the end of the run waits for.</summary>
    public Flow Enter()
    {
        lock (gate)
        {
            if (closed || stopping.IsCancellationRequested)
            {
                throw new RunStoppedException();
            }

            flows++;
            return new Flow(this);
        }
    }

    /// <summary>Waits until no work is left; none may start after that.</summary>
    public async Task CloseAsync()
    {
        Task wait;
        lock (gate)
        {
            closed = true;
            if (flows == 0)
            {
                return;
            }

            wait = idle.Task;
        }

        await wait;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stopping.Dispose();
        slots?.Dispose();
    }

    private void Leave()
    {
        lock (gate)
        {
            if (--flows == 0 && closed)
            {
                idle.TrySetResult();
            }
        }
    }

    /// <summary>One slot; disposing gives it back.</summary>
    internal readonly struct Slot(SemaphoreSlim? slots) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => slots?.Release();
    }

    /// <summary>One piece of work; disposing ends it.</summary>
    internal readonly struct Flow(RunControl control) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => control.Leave();
    }
}
