using System.Text.Json.Nodes;
using Reco.LocalCluster.Storage;

namespace Reco.LocalCluster.Controllers;

/// <summary>Furnishes namespaces with what every one has, and empties those that are deleted.</summary>
internal sealed class NamespaceController(ObjectStore store, string authorityPem) : IController
{
    /// <summary>ConfigMap with the certificate of the cluster's authority, in every namespace.</summary>
    public const string AuthorityName = "kube-root-ca.crt";

    /// <summary>Service account that pods have which name none.</summary>
    public const string DefaultAccount = "default";

    /// <inheritdoc/>
    public Task ReconcileAsync(CancellationToken cancellation)
    {
        foreach (var space in store.List(ResourceKinds.Namespace))
        {
            if (space.IsDeleting())
            {
                Empty(space);
            }
            else
            {
                Furnish(space.Name());
            }
        }

        return Task.CompletedTask;
    }

    private void Furnish(string space)
    {
        if (store.Get(new ObjectKey(ResourceKinds.ServiceAccount, space, DefaultAccount)) is null)
        {
            store.Create(ResourceKinds.ServiceAccount, new JsonObject { ["metadata"] = new JsonObject { ["name"] = DefaultAccount, ["namespace"] = space } });
        }

        if (store.Get(new ObjectKey(ResourceKinds.ConfigMap, space, AuthorityName)) is null)
        {
            store.Create(ResourceKinds.ConfigMap, new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = AuthorityName, ["namespace"] = space },
                ["data"] = new JsonObject { ["ca.crt"] = authorityPem },
            });
        }
    }

    private void Empty(JsonObject space)
    {
        var key = new ObjectKey(ResourceKinds.Namespace, "", space.Name());
        store.UpdateStatus(key, status => status["phase"] = "Terminating");
        var content = store.Everything().Where(entry => entry.Key.Kind.Namespaced && entry.Key.Space == space.Name()).ToArray();
        foreach (var (inner, value) in content.Where(entry => !entry.Value.IsDeleting()))
        {
            store.Delete(inner);
        }

        if (content.Length == 0 && !Finalizers.Any(space))
        {
            store.Remove(key);
        }
    }
}
