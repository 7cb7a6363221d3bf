namespace Reco.LocalCluster.Controllers;

/// <summary>Brings one kind of object closer to what it asks for. Level-triggered: it looks at what is, never at what happened.</summary>
internal interface IController
{
    /// <summary>Looks at every object of its kind and takes the next steps. Called again after every change and every second.</summary>
    Task ReconcileAsync(CancellationToken cancellation);
}
