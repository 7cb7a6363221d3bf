using System.Globalization;
using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Says on each object that nothing acts on here that nothing does: as an event, for whoever looks at it later.</summary>
internal sealed class UnenforcedController(ObjectStore store, EventRecorder events) : IController
{
    /// <summary>Reason of the event.</summary>
    public const string Reason = "NotEnforcedLocally";

    private readonly HashSet<string> told = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Task ReconcileAsync(CancellationToken cancellation)
    {
        foreach (var (kind, why) in ResourceKinds.NotEnforced)
        {
            foreach (var value in store.List(kind).Where(value => told.Add($"{value.Uid()}/{Generation(value)}")))
            {
                events.Record(value, "Warning", Reason, $"{kind.Kind} is not enforced: {why}");
            }
        }

        return Task.CompletedTask;
    }

    private static string Generation(JsonObject value) => (value.Number("metadata", "generation") ?? 0).ToString(CultureInfo.InvariantCulture);
}
