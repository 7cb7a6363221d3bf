using System.Text.Json.Nodes;
using Reco.LocalCluster.Kubelet;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Serves the kinds of CustomResourceDefinitions; with a definition its objects go.</summary>
internal sealed class DefinitionController(ObjectStore store, TimeProvider time) : IController
{
    /// <summary>Finalizer that keeps a definition while there are objects of its kind.</summary>
    public const string Cleanup = "customresourcecleanup.apiextensions.k8s.io";

    /// <inheritdoc/>
    public Task ReconcileAsync(CancellationToken cancellation)
    {
        foreach (var definition in store.List(ResourceKinds.Definition))
        {
            if (definition.IsDeleting())
            {
                Clean(definition);
            }
            else if (definition.Number("status", "observedGeneration") != definition.Number("metadata", "generation"))
            {
                Establish(definition);
            }
        }

        return Task.CompletedTask;
    }

    private void Establish(JsonObject definition)
    {
        if (store.Kinds.Define(definition) is not { } kind)
        {
            return;
        }

        store.UpdateStatus(Owners.Key(ResourceKinds.Definition, definition), status =>
        {
            var now = time.GetUtcNow().Stamp();
            status["observedGeneration"] = definition.Number("metadata", "generation");
            status["acceptedNames"] = definition.At("spec", "names")?.DeepClone();
            status["storedVersions"] = new JsonArray(kind.Version);
            PodWorker.SetCondition(status, "NamesAccepted", true, now, "NoConflicts", "no conflicts found");
            PodWorker.SetCondition(status, "Established", true, now, "InitialNamesAccepted", "the initial names have been accepted");
        });
    }

    private void Clean(JsonObject definition)
    {
        var objects = KindCatalog.KindOf(definition) is { } kind ? store.List(kind) : [];
        foreach (var value in objects.Where(value => !value.IsDeleting()))
        {
            store.Delete(Owners.Key(KindCatalog.KindOf(definition)!, value));
        }

        if (objects.Count == 0)
        {
            store.Kinds.Undefine(definition);
            store.Finish(Owners.Key(ResourceKinds.Definition, definition), Cleanup);
        }
    }
}
