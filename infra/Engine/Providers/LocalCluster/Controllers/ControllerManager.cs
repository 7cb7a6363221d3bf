using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Runs the controllers, one after the other, whenever something changes. The clusters here are small: a full look
/// costs less than queues would.</summary>
internal sealed class ControllerManager(ObjectStore store, IReadOnlyList<IController> controllers, TimeProvider time, Action<string> log)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, string> lastTrouble = new(StringComparer.Ordinal);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var (changes, stop) = store.Watch();
        try
        {
            while (true)
            {
                while (changes.TryRead(out _))
                {
                }

                foreach (var controller in controllers)
                {
                    await StepAsync(controller, cancellation).ConfigureAwait(false);
                }

                await WaitAsync(changes, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The daemon ends.
        }
        finally
        {
            stop();
        }
    }

    private async Task StepAsync(IController controller, CancellationToken cancellation)
    {
        try
        {
            await controller.ReconcileAsync(cancellation).ConfigureAwait(false);
            lastTrouble.Remove(controller.GetType().Name);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // One controller's trouble is not the others'; it tries again, and says the same thing once.
            var trouble = error is ApiException or IOException or UnauthorizedAccessException ? error.Message : error.ToString();
            if (lastTrouble.GetValueOrDefault(controller.GetType().Name) != trouble)
            {
                lastTrouble[controller.GetType().Name] = trouble;
                log($"{controller.GetType().Name}: {trouble}");
            }
        }
    }

    private async Task WaitAsync(System.Threading.Channels.ChannelReader<ObjectChange> changes, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var tick = Task.Delay(Period, time, limit.Token);
        var change = changes.WaitToReadAsync(limit.Token).AsTask();
        await Task.WhenAny(tick, change).ConfigureAwait(false);
        await limit.CancelAsync().ConfigureAwait(false);
        foreach (var task in new[] { tick, change })
        {
            try
            {
                await task.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The other one came first.
            }
        }

        cancellation.ThrowIfCancellationRequested();
    }
}
